import { checkRun, checkSuite } from './check-events.ts';
import { issueComment } from './issue-comment.ts';
import { issues } from './issues.ts';
import { mergeGroup } from './merge-group.ts';
import { actorAt, isOurBot, repositoryOf } from './mapping.ts';
import type { EventMapping, MappedSignal, OurBot, WebhookEvent } from './mapping.ts';
import { pullRequestReview } from './pull-request-review.ts';
import { pullRequest } from './pull-request.ts';
import { push } from './push.ts';
import { nameAt } from './reading.ts';

interface Family {
  readonly map: EventMapping;
  /** Actions that may mean something; absent: the event has none. */
  readonly actions?: readonly string[];
  /** Also what we set off ourselves is news: nobody else answers it. */
  readonly ofAnybody?: true;
}

/** The events we listen to; docs/reference/permissions.md says why. A new family is a file and a line here. */
const families: { readonly [event: string]: Family } = {
  issues: { map: issues, actions: ['opened', 'labeled', 'unlabeled', 'edited', 'closed', 'reopened'] },
  issue_comment: { map: issueComment, actions: ['created', 'edited'] },
  pull_request: { map: pullRequest, actions: ['opened', 'reopened', 'synchronize', 'edited', 'closed'] },
  pull_request_review: { map: pullRequestReview, actions: ['submitted', 'dismissed'] },
  check_run: { map: checkRun, actions: ['requested_action', 'rerequested'] },
  check_suite: { map: checkSuite, actions: ['rerequested'] },
  merge_group: { map: mergeGroup, actions: ['checks_requested', 'destroyed'], ofAnybody: true },
  push: { map: push },
  // These start routines (`routines/routine-hints.ts`) and mean nothing for a mission.
  repository_dispatch: { map: () => [] },
  workflow_run: { map: () => [], actions: ['completed'] },
};

export const listenedEvents: readonly string[] = Object.keys(families);

/** Whether a webhook of this event and action may mean anything; most of what GitHub sends does not. */
export function mayMean(event: string, action: string | null): boolean {
  const family = Object.hasOwn(families, event) ? families[event] : undefined;
  return family !== undefined && (family.actions === undefined || (action !== null && family.actions.includes(action)));
}

/**
 * What a webhook means for missions: webhook → signals. Pure and total: any payload whatever gives a list, mostly an empty
 * one. Nothing is decided here; whether the sender may is looked up when the signal is decided.
 */
export function signalsOf(event: WebhookEvent, { ourBot }: { readonly ourBot: OurBot }): readonly MappedSignal[] {
  const { payload } = event;
  const action = nameAt(payload, 'action');
  if (!mayMean(event.name, action)) return [];
  const repository = repositoryOf(payload);
  const actor = actorAt(payload, 'sender');
  if (repository === null || actor === null || (isOurBot(actor, ourBot) && families[event.name]?.ofAnybody !== true)) return [];
  return families[event.name]?.map({ event, payload, action, actor, repository, ourBot }) ?? [];
}
