import { ZERO_SHA } from '../git/bare-repository.ts';
import { listCommits } from '../git/commits.ts';
import type { Commit, Signature } from '../git/commits.ts';
import type { Account, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { accountOfSignature, noReplyEmail } from '../serialize/commits.ts';
import { repositoryWeb, serializeRepository } from '../serialize/repositories.ts';
import { serializeAccount } from '../serialize/accounts.ts';

/** One ref before and after a push; `ZERO_SHA` means absent. */
export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** Commits listed in one push event. GitHub's own cap is 2,048. */
const COMMITS_PER_PUSH = 2_048;

/** The commits a branch update brought, oldest first. `known` are the commits other refs had before it. */
export async function pushedCommits(repository: Repository, change: RefChange, known: readonly string[]): Promise<Commit[]> {
  if (change.after === ZERO_SHA) return [];
  const excluded = change.before === ZERO_SHA ? known : [change.before];
  return listCommits(repository.git, [change.after, ...excluded.map((sha) => `^${sha}`)], { reverse: true, limit: COMMITS_PER_PUSH });
}

interface PathLists {
  readonly added: string[];
  readonly removed: string[];
  readonly modified: string[];
}

/** Names of changed files per commit, in one git call. */
async function pathsOf(repository: Repository, commits: readonly Commit[]): Promise<Map<string, PathLists>> {
  const lists = new Map<string, PathLists>(commits.map((commit) => [commit.sha, { added: [], removed: [], modified: [] }]));
  if (commits.length === 0) return lists;
  const args = ['log', '--no-walk=unsorted', '-z', '--format=%x02%H', '--name-status', '--no-renames', '--diff-merges=first-parent', '--root'];
  const text = await repository.git.run([...args, ...commits.map((commit) => commit.sha), '--']);
  const fields = text.split('\0').map((field) => field.replace(/^\n/, ''));
  let current: PathLists | undefined;
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    if (field.startsWith('\u0002')) current = lists.get(field.slice(1, 41));
    else if (/^[A-Z]$/.test(field)) {
      at += 1;
      const list = field === 'A' ? current?.added : field === 'D' ? current?.removed : current?.modified;
      list?.push(fields[at] ?? '');
    }
  }
  return lists;
}

/** The payload of a `push` event for one ref. */
export async function pushPayload(world: World, repository: Repository, change: RefChange, commits: readonly Commit[], pusher: Account): Promise<Record<string, unknown>> {
  const web = repositoryWeb(world, repository);
  const created = change.before === ZERO_SHA;
  const deleted = change.after === ZERO_SHA;
  const paths = await pathsOf(repository, commits);
  const person = (signature: Signature): Record<string, unknown> => {
    const account = accountOfSignature(world, signature);
    return { name: signature.name, email: signature.email, date: signature.date, ...(account === null ? {} : { username: account.login }) };
  };
  const show = (commit: Commit): Record<string, unknown> => ({
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${web}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    ...(paths.get(commit.sha) ?? { added: [], removed: [], modified: [] }),
  });
  let head: Commit | undefined = commits.find((commit) => commit.sha === change.after);
  if (head === undefined && !deleted) head = (await listCommits(repository.git, [change.after], { limit: 1 }))[0];
  const shown = serializeRepository(world, repository);
  return {
    ref: change.ref,
    before: change.before,
    after: change.after,
    // The push event writes the owner and the times in an older form than every other event.
    repository: {
      ...shown,
      owner: { ...serializeAccount(world, repository.owner), name: repository.owner.login, email: repository.owner.email },
      created_at: Math.floor(repository.createdAt / 1000),
      pushed_at: Math.floor(repository.pushedAt / 1000),
      stargazers: 0,
      master_branch: repository.defaultBranch,
    },
    pusher: { name: pusher.login, email: noReplyEmail(pusher) },
    created,
    deleted,
    forced: !created && !deleted && !(await repository.git.isAncestor(change.before, change.after)),
    base_ref: null,
    compare: deleted || created ? `${web}/compare/${(created ? change.after : change.before).slice(0, 12)}` : `${web}/compare/${change.before.slice(0, 12)}...${change.after.slice(0, 12)}`,
    commits: commits.map(show),
    head_commit: head === undefined ? null : show(head),
  };
}
