import { missionIdOf } from '../../core/mission/source.ts';
import { actorAt } from './mapping.ts';
import type { Delivery, EventMapping, MappedSignal } from './mapping.ts';
import { missionOfPull } from './pull-request.ts';
import { field, idAt, nameAt, textAt } from './reading.ts';

/** An approving review approves the gate that waits, for the commit that was reviewed; "request changes" rejects it; a dismissal takes an approval back. */
export const pullRequestReview: EventMapping = (delivery) => {
  if (delivery.action === 'dismissed') return dismissed(delivery);
  if (delivery.action !== 'submitted') return [];
  const review = field(delivery.payload, 'review');
  const reviewId = idAt(review, 'id');
  const pull = idAt(delivery.payload, 'pull_request', 'number');
  const commit = nameAt(review, 'commit_id');
  const reviewer = actorAt(review, 'user');
  const source = missionOfPull(delivery);
  const state = nameAt(review, 'state')?.toLowerCase();
  if (source === null || reviewId === null || pull === null || commit === null || reviewer === null) return [];
  if (state !== 'approved' && state !== 'changes_requested') return [];
  return [
    {
      missionId: missionIdOf(source.repository.id, source.issue.number),
      meaning: `review:${reviewId}`,
      signal: {
        kind: 'review.submitted',
        source,
        pull,
        reviewId,
        verdict: state === 'approved' ? 'approved' : 'changes-requested',
        commit,
        text: (textAt(review, 'body') ?? '').slice(0, 4000),
        actor: reviewer,
      },
    },
  ];
};

function dismissed(delivery: Delivery): readonly MappedSignal[] {
  const review = field(delivery.payload, 'review');
  const reviewId = idAt(review, 'id');
  const pull = idAt(delivery.payload, 'pull_request', 'number');
  const reviewer = actorAt(review, 'user');
  const source = missionOfPull(delivery);
  if (source === null || reviewId === null || pull === null || reviewer === null) return [];
  const missionId = missionIdOf(source.repository.id, source.issue.number);
  // A review is dismissed once and for good.
  return [{ missionId, meaning: `review-dismissed:${reviewId}`, signal: { kind: 'review.dismissed', source, pull, reviewId, reviewer, actor: delivery.actor } }];
}
