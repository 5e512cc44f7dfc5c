import { checkRun, checkSuite } from './check-events.ts';
import { issueComment } from './issue-comment.ts';
import { issues } from './issues.ts';
import { actorAt, isOurBot, repositoryOf } from './mapping.ts';
import type { EventMapping, MappedSignal, OurBot, WebhookEvent } from './mapping.ts';
import { pullRequestReview } from './pull-request-review.ts';
import { pullRequest } from './pull-request.ts';
import { push } from './push.ts';
import { nameAt } from './reading.ts';

/** The events we listen to; docs/reference/permissions.md says why. A new family is a file and a line here. */
const mappings: { readonly [event: string]: EventMapping } = {
  issues,
  issue_comment: issueComment,
  pull_request: pullRequest,
  pull_request_review: pullRequestReview,
  check_run: checkRun,
  check_suite: checkSuite,
  push,
};

export const listenedEvents: readonly string[] = Object.keys(mappings);

/**
 * What a webhook means for missions: webhook → signals. Pure and total: any payload whatever gives a list, mostly an empty
 * one. Nothing is decided here; whether the sender may is looked up when the signal is decided.
 */
export function signalsOf(event: WebhookEvent, { ourBot }: { readonly ourBot: OurBot }): readonly MappedSignal[] {
  const mapping = Object.hasOwn(mappings, event.name) ? mappings[event.name] : undefined;
  const { payload } = event;
  const repository = repositoryOf(payload);
  const actor = actorAt(payload, 'sender');
  if (mapping === undefined || repository === null || actor === null || isOurBot(actor, ourBot)) return [];
  return mapping({ event, payload, action: nameAt(payload, 'action'), actor, repository, ourBot });
}
