import type { Signature } from '../git/commits.ts';
import { listCommits, writeCommit } from '../git/commits.ts';
import { mergeTree } from '../git/merge.ts';
import { gitHubTime } from '../model/github-time.ts';
import type { Account, Issue, Pull, Repository } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { Problem } from '../rest/problem.ts';
import { noReplyEmail } from '../serialize/commits.ts';
import { judgeMerge } from './mergeability.ts';
import { knownCommits, markMerged, moveRef, refsChanged } from './refs.ts';

/** How an account signs the commits the forge makes for it. */
export function signatureOf(world: World, account: Account): Signature {
  return { name: account.type === 'Bot' ? account.login : (account.name ?? account.login), email: noReplyEmail(account), date: gitHubTime(world.clock.now()) };
}

/** Who commits what is made on the web site or by the API. */
export function forgeSignature(world: World): Signature {
  return { name: 'GitHub', email: 'noreply@github.com', date: gitHubTime(world.clock.now()) };
}

export interface MergeRequest {
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly title: string | undefined;
  readonly message: string | undefined;
  /** The head the caller has seen. */
  readonly sha: string | undefined;
}

function notMergeable(message = 'Pull Request is not mergeable'): Problem {
  return new Problem(405, message);
}

/** Merges a pull request, with GitHub's 405 and 409. Returns the commit that did it. */
export async function mergePull(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, request: MergeRequest): Promise<string> {
  if (issue.state === 'closed') throw notMergeable();
  if (request.sha !== undefined && request.sha !== pull.headSha) throw new Problem(409, 'Head branch was modified. Review and try the merge again.');
  if (pull.draft) throw notMergeable('Pull Request is still a draft');
  if (request.method === 'merge' && !repository.allowMergeCommit) throw notMergeable('Merge commits are not allowed on this repository.');
  if (request.method === 'squash' && !repository.allowSquashMerge) throw notMergeable('Squash merges are not allowed on this repository.');
  if (request.method === 'rebase') throw notMergeable('Rebase merges are not allowed on this repository.');
  const verdict = await judgeMerge(repository, pull);
  if (verdict.mergeable !== true) throw notMergeable();
  if (verdict.refusal !== null && !mayBypass(repository, pull.baseRef, sender)) throw notMergeable(verdict.refusal);

  const base = (await repository.git.branch(pull.baseRef)) ?? pull.baseSha;
  const tree = await mergeTree(repository.git, base, pull.headSha);
  if (tree === null) throw notMergeable();
  const commit = await writeCommit(repository.git, {
    tree,
    parents: request.method === 'merge' ? [base, pull.headSha] : [base],
    message: await mergeMessage(world, repository, issue, pull, request, base),
    author: signatureOf(world, sender),
    committer: forgeSignature(world),
  });
  const known = await knownCommits(repository);
  if (!(await repository.git.moveRef(`refs/heads/${pull.baseRef}`, base, commit))) throw new Problem(409, 'Base branch was modified. Review and try the merge again.');
  pull.baseSha = base;
  await markMerged(world, repository, issue, pull, sender, commit);
  await refsChanged(world, repository, sender, [{ ref: `refs/heads/${pull.baseRef}`, before: base, after: commit }], known, 'pr_merge');
  return commit;
}

/** Administrators pass branch protection unless it is enforced on them too. Apps never do. */
export function mayBypass(repository: Repository, branch: string, account: Account): boolean {
  const protection = repository.protections.get(branch);
  return protection === undefined || (!protection.enforceAdmins && roleAtLeast(roleOf(repository, account), 'admin'));
}

async function mergeMessage(world: World, repository: Repository, issue: Issue, pull: Pull, request: MergeRequest, base: string): Promise<string> {
  const owner = world.repositoryById(pull.headRepositoryId)?.owner.login ?? repository.owner.login;
  if (request.method === 'merge') {
    const title = request.title ?? `Merge pull request #${issue.number} from ${owner}/${pull.headRef}`;
    return join(title, request.message ?? issue.title);
  }
  const commits = await listCommits(repository.git, [pull.headSha, `^${base}`], { reverse: true, limit: 100 });
  const only = commits.length === 1 ? commits[0] : undefined;
  const [subject = issue.title, ...rest] = (only?.message ?? issue.title).split('\n');
  const details = only === undefined ? commits.map((commit) => `* ${commit.message}`).join('\n\n') : rest.join('\n').trim();
  return join(request.title ?? `${only === undefined ? issue.title : subject} (#${issue.number})`, request.message ?? details);
}

function join(title: string, message: string): string {
  return message === '' ? title : `${title}\n\n${message}`;
}

/** `POST …/merges`: merges a branch or commit into a branch. Null when there is nothing to merge. */
export async function mergeBranch(world: World, repository: Repository, sender: Account, given: { base: string; head: string; message: string | undefined }): Promise<string | null> {
  const base = await repository.git.branch(given.base);
  if (base === null) throw new Problem(404, 'Base does not exist');
  const head = await repository.git.resolveCommit(given.head);
  if (head === null) throw new Problem(404, 'Head does not exist');
  if (await repository.git.isAncestor(head, base)) return null;
  if (!mayPush(repository, given.base, sender)) throw new Problem(409, `Protected branch "${given.base}" cannot be changed this way.`);
  const tree = await mergeTree(repository.git, base, head);
  if (tree === null) throw new Problem(409, 'Merge conflict');
  const commit = await writeCommit(repository.git, {
    tree,
    parents: [base, head],
    message: given.message ?? `Merge ${given.head} into ${given.base}`,
    author: signatureOf(world, sender),
    committer: forgeSignature(world),
  });
  await moveRef(world, repository, sender, { ref: `refs/heads/${given.base}`, before: base, after: commit });
  return commit;
}

/** True when a direct update of a branch is not stopped by its protection. */
export function mayPush(repository: Repository, branch: string, account: Account): boolean {
  const protection = repository.protections.get(branch);
  if (protection === undefined || (protection.requiredChecks === null && protection.requiredReviews === null)) return true;
  return mayBypass(repository, branch, account);
}
