import type { Review } from '../model/records.ts';
import { createReview, dismissReview, removeReviewRequests, requestReviewers, REVIEW_EVENTS, submitReview } from '../operations/reviews.ts';
import { pageReply } from '../rest/paginate.ts';
import { notFound } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';
import { serializeAccount } from '../serialize/accounts.ts';
import { serializePullSimple, serializeReview } from '../serialize/pulls.ts';
import { pullIn } from './finders.ts';

const ONE = '/repos/{owner}/{repo}/pulls/{pull_number}';
const READ = [['pull_requests', 'read']] as const;
const WRITE = [['pull_requests', 'write']] as const;

function reviewIn(context: RequestContext): Review {
  const review = pullIn(context).pull.reviews.find((one) => one.id === context.numberParam('review_id'));
  if (review === undefined || !visible(context, review)) throw notFound();
  return review;
}

/** A pending review is seen by its author alone. */
function visible(context: RequestContext, review: Review): boolean {
  const { actor } = context;
  return review.state !== 'PENDING' || ((actor.kind === 'user' || actor.kind === 'installation') && actor.account.id === review.user.id);
}

export const reviewRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: `${ONE}/reviews`,
    access: { by: 'anyone', permission: READ },
    handle(context) {
      const { issue, pull } = pullIn(context);
      const found = pull.reviews.filter((review) => visible(context, review));
      return pageReply(context, found, (review) => serializeReview(context.world, context.repository, issue, review));
    },
  },
  {
    method: 'POST',
    template: `${ONE}/reviews`,
    access: { by: 'member', permission: WRITE },
    async handle(context) {
      const { issue, pull } = pullIn(context);
      const { body, world, repository } = context;
      const review = await createReview(world, repository, issue, pull, context.account, {
        body: body.text('body') ?? '',
        event: body.oneOf('event', REVIEW_EVENTS),
        commitId: body.text('commit_id'),
      });
      return { status: 200, body: serializeReview(world, repository, issue, review) };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/reviews/{review_id}`,
    access: { by: 'anyone', permission: READ },
    handle: (context) => ({ status: 200, body: serializeReview(context.world, context.repository, pullIn(context).issue, reviewIn(context)) }),
  },
  {
    method: 'POST',
    template: `${ONE}/reviews/{review_id}/events`,
    access: { by: 'member', permission: WRITE },
    async handle(context) {
      const { issue, pull } = pullIn(context);
      const review = reviewIn(context);
      await submitReview(context.world, context.repository, issue, pull, review, context.body.oneOf('event', REVIEW_EVENTS) ?? 'COMMENT', context.body.text('body'));
      return { status: 200, body: serializeReview(context.world, context.repository, issue, review) };
    },
  },
  {
    method: 'PUT',
    template: `${ONE}/reviews/{review_id}/dismissals`,
    access: { by: 'member', permission: WRITE, role: 'write' },
    async handle(context) {
      const { issue, pull } = pullIn(context);
      const review = reviewIn(context);
      await dismissReview(context.world, context.repository, issue, pull, review, context.account, context.body.requiredText('message'));
      return { status: 200, body: serializeReview(context.world, context.repository, issue, review) };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/requested_reviewers`,
    access: { by: 'anyone', permission: READ },
    handle(context) {
      const { pull } = pullIn(context);
      return { status: 200, body: { users: pull.requestedReviewers.map((account) => serializeAccount(context.world, account)), teams: [] } };
    },
  },
  {
    method: 'POST',
    template: `${ONE}/requested_reviewers`,
    access: { by: 'member', permission: WRITE, role: 'triage' },
    async handle(context) {
      const { issue, pull } = pullIn(context);
      await requestReviewers(context.world, context.repository, issue, pull, context.account, context.body.texts('reviewers') ?? []);
      return { status: 201, body: serializePullSimple(context.world, context.repository, issue, pull) };
    },
  },
  {
    method: 'DELETE',
    template: `${ONE}/requested_reviewers`,
    access: { by: 'member', permission: WRITE, role: 'triage' },
    async handle(context) {
      const { issue, pull } = pullIn(context);
      await removeReviewRequests(context.world, context.repository, issue, pull, context.account, context.body.texts('reviewers') ?? []);
      return { status: 200, body: serializePullSimple(context.world, context.repository, issue, pull) };
    },
  },
];
