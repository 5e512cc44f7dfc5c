import { closingReferences } from '../../../src/forge/operations/issues.ts';
import { Problem, validationFailed } from '../../../src/forge/rest/problem.ts';
import type { Commit, Files } from './commit-graph.ts';
import { announce, checkText, closeIssue, openIssue } from './issues.ts';
import type { Account, PullIssue, Review } from './records.ts';
import { pullShape, pushedCommitShape, refShape, reviewShape, somewhere } from './shapes.ts';
import type { World } from './world.ts';
import { zero } from './world.ts';

/** Ids of their own, so that an id used in the wrong place finds nothing. */
const firstActivity = 34_000_000_001;

const gitHub = { name: 'GitHub', email: 'noreply@github.com' };

/** A commit that GitHub makes for somebody. */
function commit(world: World, sender: Account, files: Files, parents: readonly string[], message: string): Commit {
  return world.graph.write({ parents, files, message, author: world.signerOf(sender), committer: gitHub, at: world.now() }, true);
}

/** Moves, makes (`before` null) or deletes (`after` null) a branch, with everything that follows from it. */
export function moveBranch(world: World, sender: Account, branch: string, after: string | null, how: 'push' | 'pr_merge' = 'push'): void {
  const before = world.branches.get(branch) ?? null;
  if (before === after) return;
  const known = before === null ? [...world.branches.values()] : [before];
  if (after === null) world.branches.delete(branch);
  else {
    world.graph.publish(after);
    world.branches.set(branch, after);
  }
  const isForced = before !== null && after !== null && !world.graph.isAncestor(before, after);
  const type = before === null ? 'branch_creation' : after === null ? 'branch_deletion' : isForced ? 'force_push' : how;
  world.activity.push({ id: firstActivity + world.activity.length, ref: `refs/heads/${branch}`, before: before ?? zero, after: after ?? zero, actor: sender, at: world.now(), type });
  const commits = after === null ? [] : world.graph.between(known, after);
  tellPush(world, sender, { ref: `refs/heads/${branch}`, before, after, forced: isForced, head: after }, commits);
  for (const issue of world.openPulls()) {
    if (issue.pull.headRef === branch) headMoved(world, issue, sender, before, after);
    if (issue.pull.baseRef === branch) baseMoved(world, issue, sender, after);
  }
  if (branch === world.repository.defaultBranch && before !== null) for (const { message, sha } of commits) closeReferenced(world, sender, message, sha);
}

/** Tells that a ref came, moved or went; `head` is the commit it stands for. */
export function tellPush(world: World, sender: Account, { ref, before, after, forced, head }: { ref: string; before: string | null; after: string | null; forced: boolean; head: string | null }, commits: readonly Commit[]): void {
  world.tell('push', null, sender, {
    ref,
    before: before ?? zero,
    after: after ?? zero,
    repository: world.repository.pushShape,
    pusher: { name: sender.login, email: sender.email },
    created: before === null,
    deleted: after === null,
    forced,
    base_ref: null,
    compare: somewhere,
    commits: commits.map((one) => pushedCommitShape(world, one)),
    head_commit: head === null ? null : pushedCommitShape(world, world.graph.get(head)),
  });
}

function headMoved(world: World, issue: PullIssue, sender: Account, before: string | null, after: string | null): void {
  // Deleting the head branch closes the pull request.
  if (after === null) {
    closeIssue(world, issue, sender, null);
    return;
  }
  issue.pull.headSha = after;
  const base = world.branches.get(issue.pull.baseRef);
  if (base === undefined || world.graph.isAncestor(after, base)) return;
  issue.pull.baseSha = base;
  issue.updatedAt = world.now();
  announce(world, issue, sender, 'synchronize', { before: before ?? zero, after });
}

function baseMoved(world: World, issue: PullIssue, sender: Account, after: string | null): void {
  if (after === null) closeIssue(world, issue, sender, null);
  // A head that has become part of the base was merged, by whatever way it got there.
  else if (world.graph.isAncestor(issue.pull.headSha, after)) markMerged(world, issue, sender, after);
}

function markMerged(world: World, issue: PullIssue, sender: Account, mergeCommit: string): void {
  Object.assign(issue.pull, { mergedAt: world.now(), mergedBy: sender, mergeCommit });
  closeIssue(world, issue, sender, null);
  if (issue.pull.baseRef === world.repository.defaultBranch) closeReferenced(world, sender, issue.body ?? '', mergeCommit);
}

function closeReferenced(world: World, sender: Account, text: string, by: string): void {
  for (const number of closingReferences(text)) {
    const issue = world.issues.get(number);
    if (issue?.pull === null && issue.state === 'open') closeIssue(world, issue, sender, 'completed', by);
  }
}

/** The commit that a branch name or commit id stands for. */
export function resolve(world: World, name: string): string | null {
  return world.branches.get(name) ?? world.graph.known(name)?.sha ?? null;
}

/** `POST …/git/refs`. */
export function createRef(world: World, sender: Account, ref: string, sha: string): ReturnType<typeof refShape> {
  const branch = /^refs\/heads\/([^\s~^:?*[\\]+)$/.exec(ref)?.[1];
  if (branch === undefined) throw new Problem(422, `Reference name must start with 'refs/' and have at least two slashes. '${ref}' is not a valid reference name.`);
  if (world.branches.has(branch)) throw new Problem(422, 'Reference already exists');
  if (world.graph.known(sha) === null) throw new Problem(422, 'Object does not exist');
  moveBranch(world, sender, branch, sha);
  return refShape(ref, sha);
}

/** `POST …/merges`: null when there is nothing to merge. */
export function mergeBranch(world: World, sender: Account, given: { base: string; head: string; message: string | undefined }): Commit | null {
  const base = world.branches.get(given.base);
  if (base === undefined) throw new Problem(404, 'Base does not exist');
  const head = resolve(world, given.head);
  if (head === null) throw new Problem(404, 'Head does not exist');
  if (world.graph.isAncestor(head, base)) return null;
  const files = world.graph.merge(base, head);
  if (files === null) throw new Problem(409, 'Merge conflict');
  const merged = commit(world, sender, files, [base, head], given.message ?? `Merge ${given.head} into ${given.base}`);
  moveBranch(world, sender, given.base, merged.sha);
  return merged;
}

export interface NewPull {
  readonly title: string;
  readonly body: string | null;
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

/** Opens a pull request, with GitHub's refusals: unknown branches, nothing to merge, one that exists already. */
export function createPull(world: World, user: Account, given: NewPull): PullIssue {
  const { title, body, base, draft } = given;
  const headRef = given.head.replace(`${world.repository.owner.login}:`, '');
  checkText('PullRequest', 'title', title, true);
  checkText('PullRequest', 'body', body, false);
  const baseSha = world.branches.get(base);
  const headSha = world.branches.get(headRef);
  const invalid = (field: string) => validationFailed({ resource: 'PullRequest', field, code: 'invalid' });
  const refused = (message: string) => validationFailed({ resource: 'PullRequest', field: '', code: 'custom', message });
  if (baseSha === undefined) throw invalid('base');
  if (headSha === undefined) throw invalid('head');
  if (draft && !world.drafts) throw refused('Draft pull requests are not supported in this repository.');
  if (world.openPulls().some(({ pull }) => pull.headRef === headRef && pull.baseRef === base)) throw refused(`A pull request already exists for ${world.repository.owner.login}:${headRef}.`);
  if (world.graph.isAncestor(headSha, baseSha)) throw refused(`No commits between ${base} and ${given.head}`);
  const pull = { id: world.nextId(), headRef, baseRef: base, headSha, baseSha, draft, reviews: [], mergedAt: null, mergedBy: null, mergeCommit: null };
  return openIssue(world, user, { title, body, pull }) as PullIssue;
}

/** Draft to ready for review, or back. Harmless when it is that already. */
export function setDraft(world: World, issue: PullIssue, sender: Account, draft: boolean): void {
  if (issue.pull.draft === draft) return;
  issue.pull.draft = draft;
  issue.updatedAt = world.now();
  announce(world, issue, sender, draft ? 'converted_to_draft' : 'ready_for_review');
}

/** Whether the pull request can be merged as far as its commits are concerned; null when there is nothing to say. */
export function mergeable(world: World, { state, pull }: PullIssue): boolean | null {
  const base = world.branches.get(pull.baseRef);
  return state === 'closed' || base === undefined ? null : world.graph.merge(base, pull.headSha) !== null;
}

export interface PullMerge {
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly title: string | undefined;
  /** The head that the caller has seen. */
  readonly sha: string | undefined;
}

/** Merges a pull request, with GitHub's 405 and 409. Returns the commit that did it. */
export function mergePull(world: World, issue: PullIssue, sender: Account, { method, title, sha }: PullMerge): string {
  const { pull } = issue;
  const base = world.branches.get(pull.baseRef);
  if (issue.state === 'closed' || base === undefined) throw new Problem(405, 'Pull Request is not mergeable');
  if (sha !== undefined && sha !== pull.headSha) throw new Problem(409, 'Head branch was modified. Review and try the merge again.');
  if (pull.draft) throw new Problem(405, 'Pull Request is still a draft');
  if (method === 'rebase') throw new Problem(405, 'Rebase merges are not allowed on this repository.');
  const files = world.graph.merge(base, pull.headSha);
  if (files === null) throw new Problem(405, 'Pull Request is not mergeable');
  const message = method === 'merge' ? join(title ?? `Merge pull request #${issue.number} from ${world.repository.owner.login}/${pull.headRef}`, issue.title) : squashMessage(world, issue, base, title);
  const merged = commit(world, sender, files, method === 'merge' ? [base, pull.headSha] : [base], message);
  pull.baseSha = base;
  markMerged(world, issue, sender, merged.sha);
  moveBranch(world, sender, pull.baseRef, merged.sha, 'pr_merge');
  return merged.sha;
}

function squashMessage(world: World, issue: PullIssue, base: string, title: string | undefined): string {
  const commits = world.graph.between([base], issue.pull.headSha);
  const only = commits.length === 1 ? commits[0] : undefined;
  const [subject = issue.title, ...rest] = (only?.message ?? issue.title).split('\n');
  const details = only === undefined ? commits.map((one) => `* ${one.message}`).join('\n\n') : rest.join('\n').trim();
  return join(title ?? `${subject} (#${issue.number})`, details);
}

function join(title: string, message: string): string {
  return message === '' ? title : `${title}\n\n${message}`;
}

export function submitReview(world: World, issue: PullIssue, user: Account, given: { state: Review['state']; body: string; commit: string }): Review {
  const review: Review = { id: world.nextId(), user, at: world.now(), ...given };
  issue.pull.reviews.push(review);
  issue.updatedAt = review.at;
  world.tell('pull_request_review', 'submitted', user, { review: reviewShape(world, review, 'webhook'), pull_request: pullShape(world, issue) });
  return review;
}
