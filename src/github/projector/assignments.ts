import type { ReviewWish } from '../../core/mission/assignment.ts';
import type { EventBody } from '../../core/mission/event.ts';
import type { Mission } from '../../core/mission/state.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { Desk } from './desk.ts';
import { ignoringGone } from './notices.ts';

type Change = Extract<EventBody, { type: 'people.assigned' | 'people.unassigned' }>;

/**
 * Assigns people and requests their reviews, or takes that back: once for each time somebody asked for it, in that order. Whatever people
 * change on GitHub afterwards stands. GitHub takes the same twice for once, so that a repetition after a death changes nothing.
 */
export async function putAssignments(desk: Desk, mission: Mission, step: (work: () => Promise<unknown>) => Promise<void>): Promise<void> {
  for (const { seq, body } of desk.projection.notices) {
    if (body.type !== 'people.assigned' && body.type !== 'people.unassigned') continue;
    await step(() => once(desk, `people:${seq}:assignees`, () => changeAssignees(desk, body)));
    await step(() => once(desk, `people:${seq}:review`, () => changeReviews(desk, mission, body)));
  }
}

async function once(desk: Desk, key: string, work: () => Promise<unknown>): Promise<void> {
  if (desk.present(key) !== null) return;
  await ignoringGone(work);
  await desk.remember({ key, state: 'present', remoteId: null, rendered: null, memory: null });
}

async function changeAssignees(desk: Desk, { type, people }: Change): Promise<void> {
  if (people.length === 0) return;
  const on = { ...desk.at, issue_number: desk.source.issue.number, assignees: [...people] };
  const options = { priority: 'decision', content: false } as const;
  if (type === 'people.assigned') await desk.write({ ...options, write: 'assignees', what: 'assigning people to the issue' }, (octokit) => octokit.rest.issues.addAssignees(on));
  else await desk.write({ ...options, write: 'assignees-removal', what: 'taking assignees off the issue' }, (octokit) => octokit.rest.issues.removeAssignees(on));
}

async function changeReviews(desk: Desk, { pull }: Mission, { type, review }: Change): Promise<void> {
  if (review === null || pull?.state !== 'open' || pull.number !== review.pull) return;
  const change = type === 'people.assigned' ? requestReviews : takeBackReviews;
  try {
    await change(desk, review.pull, review.people);
  } catch (error) {
    if (!isRefused(error)) throw error;
    await changeOneByOne(review, (login) => change(desk, review.pull, [login]));
  }
}

/** GitHub requests all of the reviews or none. Who lost their access meanwhile keeps nobody else from being asked. */
async function changeOneByOne({ people }: ReviewWish, change: (login: string) => Promise<void>): Promise<void> {
  if (people.length === 1) return;
  for (const login of people) {
    try {
      await change(login);
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
}

async function requestReviews(desk: Desk, pull: number, reviewers: readonly string[]): Promise<void> {
  await desk.write({ write: 'review-request', what: 'requesting a review of the pull request', priority: 'decision', content: true }, (octokit) =>
    octokit.rest.pulls.requestReviewers({ ...desk.at, pull_number: pull, reviewers: [...reviewers] }),
  );
}

async function takeBackReviews(desk: Desk, pull: number, reviewers: readonly string[]): Promise<void> {
  await desk.write({ write: 'review-request-removal', what: 'taking back a request for review', priority: 'decision', content: false }, (octokit) =>
    octokit.rest.pulls.removeRequestedReviewers({ ...desk.at, pull_number: pull, reviewers: [...reviewers] }),
  );
}

function isRefused(error: unknown): boolean {
  return error instanceof HostError && error.status === 422;
}
