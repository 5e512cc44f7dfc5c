import type { BareRepository } from './bare-repository.ts';

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

const FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x01');

function parse(record: string): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', at = '0', cn = '', ce = '', ct = '0', ...message] = record.split('\u0001');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: seconds(at) },
    committer: { name: cn, email: ce, date: seconds(ct) },
    message: message.join('\u0001').replace(/\n$/, ''),
  };
}

function seconds(text: string): string {
  return `${new Date(Number(text) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Commits read before: they never change, and every read is a process. */
const known = new WeakMap<BareRepository, Map<string, Commit>>();

/** One commit, by its full id. */
export async function readCommit(repository: BareRepository, sha: string): Promise<Commit> {
  const commit = known.get(repository)?.get(sha);
  if (commit !== undefined) return commit;
  const text = await repository.run(['show', '-s', '-z', `--format=${FORMAT}`, '--end-of-options', sha]);
  return remember(repository, parse(text.replace(/\0$/, '')));
}

function remember(repository: BareRepository, commit: Commit): Commit {
  const commits = known.get(repository) ?? new Map<string, Commit>();
  known.set(repository, commits.set(commit.sha, commit));
  repository.commits.add(commit.sha);
  return commit;
}

/** The commits of a range, newest first, at most `limit` after skipping `skip`. Every name must be a full id. */
export async function listCommits(
  repository: BareRepository,
  range: readonly string[],
  options: { skip?: number; limit?: number; path?: string; reverse?: boolean } = {},
): Promise<Commit[]> {
  const args = ['log', '-z', `--format=${FORMAT}`];
  if (options.reverse === true) args.push('--reverse', '--topo-order');
  if (options.skip !== undefined) args.push(`--skip=${options.skip}`);
  if (options.limit !== undefined) args.push(`--max-count=${options.limit}`);
  const paths = options.path === undefined ? [] : [options.path];
  const text = await repository.run(['--literal-pathspecs', ...args, ...range, '--', ...paths]);
  return text
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => remember(repository, parse(record)));
}

export async function countCommits(repository: BareRepository, range: readonly string[]): Promise<number> {
  return Number((await repository.run(['rev-list', '--count', ...range, '--'])).trim());
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** Writes a commit object; git computes its id. */
export async function writeCommit(repository: BareRepository, commit: NewCommit): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  const text = await repository.run(['commit-tree', commit.tree, ...parents], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_AUTHOR_DATE: commit.author.date,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
      GIT_COMMITTER_DATE: commit.committer.date,
    },
  });
  const sha = text.trim();
  repository.commits.add(sha);
  return sha;
}
