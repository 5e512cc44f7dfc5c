import type { FileChange } from '../git/diff.ts';
import type { Commit, Signature } from '../git/commits.ts';
import { nodeId } from '../model/ids.ts';
import type { Account, CommitStatus, Repository } from '../model/records.ts';
import { gitHubTime } from '../model/github-time.ts';
import type { World } from '../model/world.ts';
import { serializeAccount, serializeAccountOrNull } from './accounts.ts';
import { repositoryApi, repositoryWeb, serializeMinimalRepository } from './repositories.ts';

export const UNVERIFIED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** GraphQL id of a git object. */
export function gitNodeId(prefix: string, repository: Repository, sha: string): string {
  return `${prefix}_${Buffer.from(`${repository.id}:${sha}`).toString('base64url')}`;
}

/** The account whose address signs a commit, if any. */
export function accountOfSignature(world: World, signature: Signature): Account | null {
  const email = signature.email.toLowerCase();
  for (const account of world.accounts.values()) {
    if (noReplyEmail(account).toLowerCase() === email || hiddenEmail(account).toLowerCase() === email) return account;
  }
  return null;
}

/** The address GitHub gives an account that shows no other. */
export function noReplyEmail(account: Account): string {
  return account.email ?? hiddenEmail(account);
}

function hiddenEmail(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`;
}

/** The head of a check suite or of a workflow's run, as both show it. */
export function serializeHeadCommit({ sha, tree, message, author, committer }: Commit): Record<string, unknown> {
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
  };
}

/** GitHub's `commit`: the repository view of a commit. */
export function serializeCommit(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const web = repositoryWeb(world, repository);
  return {
    sha: commit.sha,
    node_id: gitNodeId('C', repository, commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: UNVERIFIED,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${web}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: serializeAccountOrNull(world, accountOfSignature(world, commit.author)),
    committer: serializeAccountOrNull(world, accountOfSignature(world, commit.committer)),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
  };
}

/** GitHub's `git-commit`: the git data view. */
export function serializeGitCommit(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const web = repositoryWeb(world, repository);
  return {
    sha: commit.sha,
    node_id: gitNodeId('C', repository, commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${web}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/git/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
    verification: UNVERIFIED,
  };
}

/** One changed file of a commit, comparison or pull request. */
export function serializeFileChange(world: World, repository: Repository, head: string, file: FileChange): Record<string, unknown> {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryWeb(world, repository)}/blob/${head}/${path}`,
    raw_url: `${repositoryWeb(world, repository)}/raw/${head}/${path}`,
    contents_url: `${repositoryApi(world, repository)}/contents/${path}?ref=${head}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

export function serializeStatus(world: World, repository: Repository, status: CommitStatus): Record<string, unknown> {
  const at = gitHubTime(status.createdAt);
  return {
    url: `${repositoryApi(world, repository)}/statuses/${status.sha}`,
    avatar_url: `${world.webUrl}/_forge/avatars/${status.creator.id}.svg`,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: at,
    updated_at: at,
    creator: serializeAccount(world, status.creator),
  };
}

/** `GET …/commits/{ref}/status`: the newest status of each context, and what they amount to. */
export function serializeCombinedStatus(world: World, repository: Repository, sha: string, latest: readonly CommitStatus[]): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  return {
    state: combinedState(latest),
    statuses: latest.map((status) => {
      const { creator: _creator, ...simple } = serializeStatus(world, repository, status);
      return simple;
    }),
    sha,
    total_count: latest.length,
    repository: serializeMinimalRepository(world, repository),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  };
}

/** failure beats pending beats success; nothing at all is pending. */
export function combinedState(latest: readonly CommitStatus[]): 'failure' | 'pending' | 'success' {
  if (latest.some((status) => status.state === 'failure' || status.state === 'error')) return 'failure';
  if (latest.length === 0 || latest.some((status) => status.state === 'pending')) return 'pending';
  return 'success';
}
