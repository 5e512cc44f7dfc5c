import type { Account, Issue, Pull, Repository, Review } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { Problem, validationFailed } from '../rest/problem.ts';
import { serializeAccount } from '../serialize/accounts.ts';
import { serializePullSimple, serializeReviewEvent } from '../serialize/pulls.ts';
import { announceIssue, recordEvent } from './announce.ts';
import { characters } from './text-rules.ts';
import { BODY_MAX_CHARACTERS } from '../model/limits.ts';

export const REVIEW_EVENTS = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'] as const;
export type ReviewEvent = (typeof REVIEW_EVENTS)[number];

const STATE: Readonly<Record<ReviewEvent, Review['state']>> = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' };

/** Submits a review, or leaves it pending when no event is given. Nobody can judge their own pull request. */
export async function createReview(world: World, repository: Repository, issue: Issue, pull: Pull, user: Account, given: { body: string; event: ReviewEvent | undefined; commitId: string | undefined }): Promise<Review> {
  const commitId = given.commitId ?? pull.headSha;
  if ((await repository.git.objectType(commitId)) !== 'commit') throw validationFailed('The commit does not exist in this pull request');
  if (pull.reviews.some((one) => one.user.id === user.id && one.state === 'PENDING')) {
    throw validationFailed('User can only have one pending review per pull request');
  }
  if (given.event !== undefined) checkVerdict(issue, user, given.event, given.body);
  const review: Review = { id: world.ids.next('review'), user, body: given.body, state: 'PENDING', commitId, submittedAt: null };
  pull.reviews.push(review);
  if (given.event !== undefined) await submit(world, repository, issue, pull, review, given.event);
  return review;
}

/** Submits a pending review. */
export async function submitReview(world: World, repository: Repository, issue: Issue, pull: Pull, review: Review, event: ReviewEvent, body: string | undefined): Promise<void> {
  if (review.state !== 'PENDING') throw validationFailed('Can not submit a review that is not pending');
  const text = body ?? review.body;
  checkVerdict(issue, review.user, event, text);
  review.body = text;
  await submit(world, repository, issue, pull, review, event);
}

function checkVerdict(issue: Issue, user: Account, event: ReviewEvent, body: string): void {
  if (issue.user.id === user.id && event === 'APPROVE') throw unprocessable('Can not approve your own pull request');
  if (issue.user.id === user.id && event === 'REQUEST_CHANGES') throw unprocessable('Can not request changes on your own pull request');
  if (event !== 'APPROVE' && body.trim() === '') throw unprocessable('Body cannot be blank');
  if (characters(body) > BODY_MAX_CHARACTERS) throw unprocessable(`Body is too long (maximum is ${BODY_MAX_CHARACTERS} characters)`);
}

/** Reviews answer plain sentences in `errors`, unlike other endpoints. */
function unprocessable(sentence: string): Problem {
  return new Problem(422, 'Unprocessable Entity', { errors: [sentence] });
}

async function submit(world: World, repository: Repository, issue: Issue, pull: Pull, review: Review, event: ReviewEvent): Promise<void> {
  review.state = STATE[event];
  review.submittedAt = world.clock.now();
  issue.updatedAt = review.submittedAt;
  pull.requestedReviewers = pull.requestedReviewers.filter((one) => one.id !== review.user.id);
  recordEvent(world, issue, review.user, 'reviewed');
  announce(world, repository, issue, pull, review, review.user, 'submitted');
}

/** Takes a verdict back. Only approvals and requests for changes can be dismissed. */
export async function dismissReview(world: World, repository: Repository, issue: Issue, pull: Pull, review: Review, sender: Account, message: string): Promise<void> {
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') throw validationFailed('Can not dismiss a commented pull request review');
  const dismissedReview = { state: review.state.toLowerCase(), reviewId: review.id, message };
  review.state = 'DISMISSED';
  issue.updatedAt = world.clock.now();
  recordEvent(world, issue, sender, 'review_dismissed', { dismissedReview });
  announce(world, repository, issue, pull, review, sender, 'dismissed');
}

function announce(world: World, repository: Repository, issue: Issue, pull: Pull, review: Review, sender: Account, action: string): void {
  world.emit({
    event: 'pull_request_review',
    action,
    repository,
    sender,
    payload: { review: serializeReviewEvent(world, repository, issue, review), pull_request: serializePullSimple(world, repository, issue, pull) },
  });
}

export async function requestReviewers(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, logins: readonly string[]): Promise<void> {
  // All of them or none.
  const accounts = logins.map((login) => {
    const account = world.account(login);
    if (account?.id === issue.user.id) throw new Problem(422, 'Review cannot be requested from pull request author.');
    if (account === undefined || (!repository.roles.has(account.login.toLowerCase()) && repository.owner.id !== account.id && !repository.owner.members.has(account.login.toLowerCase()))) {
      throw new Problem(422, 'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.');
    }
    return account;
  });
  for (const account of accounts) {
    if (pull.requestedReviewers.some((one) => one.id === account.id)) continue;
    pull.requestedReviewers.push(account);
    issue.updatedAt = world.clock.now();
    recordEvent(world, issue, sender, 'review_requested');
    await announceIssue(world, repository, issue, sender, 'review_requested', { requested_reviewer: serializeAccount(world, account) });
  }
}

export async function removeReviewRequests(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, logins: readonly string[]): Promise<void> {
  for (const account of pull.requestedReviewers.filter((one) => logins.some((login) => login.toLowerCase() === one.login.toLowerCase()))) {
    pull.requestedReviewers = pull.requestedReviewers.filter((one) => one !== account);
    recordEvent(world, issue, sender, 'review_request_removed');
    await announceIssue(world, repository, issue, sender, 'review_request_removed', { requested_reviewer: serializeAccount(world, account) });
  }
}
