import { ZERO_SHA } from '../git/bare-repository.ts';
import type { Commit } from '../git/commits.ts';
import type { Account, Issue, Pull, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { Problem } from '../rest/problem.ts';
import { announceIssue, recordEvent } from './announce.ts';
import { openSuitesForPush } from './checks.ts';
import { closeIssue, closingReferences } from './issues.ts';
import { pushedCommits, pushPayload } from './push-event.ts';
import type { RefChange } from './push-event.ts';
import { dismissReview } from './reviews.ts';

const HEADS = 'refs/heads/';
const TAGS = 'refs/tags/';

/** Moves one ref and does everything that follows from it. Throws 409 when somebody else moved it first. */
export async function moveRef(world: World, repository: Repository, sender: Account, change: RefChange): Promise<void> {
  const known = await knownCommits(repository);
  if (!(await repository.git.moveRef(change.ref, change.before, change.after))) {
    throw new Problem(409, `Reference ${change.ref} was changed at the same time or clashes with another one.`);
  }
  await refsChanged(world, repository, sender, [change], known);
}

/** What all branches and tags point at: taken before a push, to tell its new commits from old ones. */
export async function knownCommits(repository: Repository): Promise<string[]> {
  return [...new Set((await repository.git.refs()).filter((ref) => ref.type === 'commit').map((ref) => ref.sha))];
}

/** Everything that follows from refs having moved, by git push, merge or API: events, pull requests, suites, closed issues. */
export async function refsChanged(world: World, repository: Repository, sender: Account, changes: readonly RefChange[], known: readonly string[], how: 'push' | 'pr_merge' = 'push'): Promise<void> {
  for (const change of changes) {
    repository.pushedAt = world.clock.now();
    repository.updatedAt = repository.pushedAt;
    const isBranch = change.ref.startsWith(HEADS);
    if (isBranch) await noteActivity(world, repository, sender, change, how);
    if (!isBranch && !change.ref.startsWith(TAGS)) continue;
    const name = change.ref.slice(isBranch ? HEADS.length : TAGS.length);
    const shape = { ref: name, ref_type: isBranch ? 'branch' : 'tag', pusher_type: 'user' };
    if (change.before === ZERO_SHA) {
      world.emit({ event: 'create', action: null, repository, sender, payload: { ...shape, master_branch: repository.defaultBranch, description: repository.description } });
    }
    if (change.after === ZERO_SHA) world.emit({ event: 'delete', action: null, repository, sender, payload: shape });
    const commits = isBranch ? await pushedCommits(repository, change, known) : [];
    world.emit({ event: 'push', action: null, repository, sender, payload: await pushPayload(world, repository, change, commits, sender) });
    if (isBranch) await branchMoved(world, repository, sender, name, change, commits);
  }
}

async function noteActivity(world: World, repository: Repository, actor: Account, change: RefChange, how: 'push' | 'pr_merge'): Promise<void> {
  const type = change.before === ZERO_SHA ? 'branch_creation' : change.after === ZERO_SHA ? 'branch_deletion' : (await repository.git.isAncestor(change.before, change.after)) ? how : 'force_push';
  repository.activity.push({ ...change, id: world.ids.next('activity'), actor, at: world.clock.now(), type });
}

async function branchMoved(world: World, repository: Repository, sender: Account, branch: string, change: RefChange, commits: readonly Commit[]): Promise<void> {
  for (const { repository: base, issue, pull } of world.pullsFrom(repository, branch)) {
    if (issue.state === 'open') await headMoved(world, base, issue, pull, sender, change, repository);
  }
  for (const { issue, pull } of world.pullsInto(repository, branch)) {
    if (issue.state === 'open') await baseMoved(world, repository, issue, pull, sender, change);
  }
  await world.queueMoved(repository);
  if (change.after !== ZERO_SHA) await openSuitesForPush(world, repository, sender, change.after, branch, change.before);
  if (branch === repository.defaultBranch && change.before !== ZERO_SHA) {
    for (const commit of commits) await closeReferenced(world, repository, sender, commit.message, commit.sha);
  }
}

async function headMoved(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, change: RefChange, from: Repository): Promise<void> {
  // Deleting the head branch closes the pull request.
  if (change.after === ZERO_SHA) {
    await closeIssue(world, repository, issue, sender, null);
    return;
  }
  pull.headSha = change.after;
  await keepPullRef(repository, pull, from);
  const base = await repository.git.branch(pull.baseRef);
  if (base !== null && (await repository.git.isAncestor(change.after, base))) return;
  pull.baseSha = base ?? pull.baseSha;
  issue.updatedAt = world.clock.now();
  await announceIssue(world, repository, issue, sender, 'synchronize', { before: change.before, after: change.after });
  if (repository.protections.get(pull.baseRef)?.requiredReviews?.dismissStale !== true) return;
  for (const review of pull.reviews.filter((one) => one.state === 'APPROVED')) {
    await dismissReview(world, repository, issue, pull, review, sender, '');
  }
}

async function baseMoved(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, change: RefChange): Promise<void> {
  if (change.after === ZERO_SHA) {
    await closeIssue(world, repository, issue, sender, null);
    return;
  }
  // A head that has become part of the base was merged, by whatever way it got there.
  if (await repository.git.isAncestor(pull.headSha, change.after)) {
    await markMerged(world, repository, issue, pull, sender, change.after);
  }
}

/** Makes a pull request merged: closed, with the commit that did it, and the issues it names closed too. */
export async function markMerged(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, mergeCommit: string): Promise<void> {
  pull.mergedAt = world.clock.now();
  pull.mergedBy = sender;
  pull.mergeCommitSha = mergeCommit;
  recordEvent(world, issue, sender, 'merged', { commitId: mergeCommit });
  await closeIssue(world, repository, issue, sender, null);
  if (pull.baseRef === repository.defaultBranch) await closeReferenced(world, repository, sender, issue.body ?? '', mergeCommit);
}

async function closeReferenced(world: World, repository: Repository, sender: Account, text: string, commit: string): Promise<void> {
  for (const number of closingReferences(text)) {
    const issue = repository.issues.get(number);
    if (issue !== undefined && issue.pull === null && issue.state === 'open') await closeIssue(world, repository, issue, sender, 'completed', commit);
  }
}

/** Keeps `refs/pull/N/head` in the base repository, so that the commits stay there when the branch or fork goes away. */
export async function keepPullRef(repository: Repository, pull: Pull, from: Repository): Promise<void> {
  const target = `refs/pull/${pull.number}/head`;
  if (from.id === repository.id) await repository.git.run(['update-ref', target, pull.headSha]);
  else await repository.git.fetchFrom(from.git, `refs/heads/${pull.headRef}`, target);
}
