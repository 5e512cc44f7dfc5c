import { idPattern } from '../../core/mission/definition.ts';
import { issueOfTrunk, missionIdOf, outsideId } from '../../core/mission/source.ts';
import { readExternalId, readOutsideMarker } from '../external-id.ts';
import { issueOfMission } from './issue-comment.ts';
import { sourceOfNumber } from './mapping.ts';
import type { Delivery, EventMapping, MappedSignal } from './mapping.ts';
import { field, idAt, listAt, nameAt } from './reading.ts';

/**
 * Buttons and "Re-run" of our own check runs. GitHub sends these to the App alone, and a redelivery keeps its GUID: so the
 * GUID is part of the meaning, and pressing a button again later (after a refusal, say) counts again.
 */
export const checkRun: EventMapping = (delivery) => {
  const run = field(delivery.payload, 'check_run');
  const runId = idAt(run, 'id');
  if (runId === null || !isOurs(delivery, run)) return [];
  const marker = nameAt(run, 'external_id') ?? '';
  const commit = readOutsideMarker(marker);
  if (commit !== null) return outsideRechecked(delivery, runId, commit);
  const named = readExternalId(marker);
  const issue = named === null ? null : issueOfMission(delivery, named.missionId);
  if (named === null || issue === null) return [];
  const source = sourceOfNumber(delivery.repository, issue);
  const { missionId } = named;
  const { actor, event } = delivery;
  if (delivery.action === 'requested_action') {
    const action = nameAt(delivery.payload, 'requested_action', 'identifier');
    if (action === null || named.subject.kind !== 'gate' || !idPattern.test(named.subject.phase)) return [];
    const { phase, round } = named.subject;
    const pull = idAt(listAt(run, 'pull_requests')[0], 'number');
    return [{ missionId, meaning: `button:${runId}:${action}:${actor.login}:${event.id}`, signal: { kind: 'button.pressed', source, phase, round, action, pull, actor } }];
  }
  if (delivery.action === 'rerequested') {
    if (named.subject.kind === 'task') return [];
    const phase = named.subject.kind === 'gate' ? named.subject.phase : null;
    return [{ missionId, meaning: `rerequest:${runId}:${event.id}`, signal: { kind: 'recheck.requested', source, phase, actor } }];
  }
  return [];
};

/** The check of a pull request of no mission: what is said of its commit is decided anew. */
function outsideRechecked({ action, actor, event, repository }: Delivery, runId: number, commit: string): readonly MappedSignal[] {
  if (action !== 'rerequested') return [];
  return [{ missionId: outsideId(repository.id, commit), meaning: `rerequest:${runId}:${event.id}`, signal: { kind: 'recheck.requested', source: sourceOfNumber(repository, 0), phase: null, actor } }];
}

/** "Re-run all checks": every gate that is shut is examined again. */
export const checkSuite: EventMapping = (delivery): readonly MappedSignal[] => {
  const suite = field(delivery.payload, 'check_suite');
  const suiteId = idAt(suite, 'id');
  if (delivery.action !== 'rerequested' || suiteId === null || !isOurs(delivery, suite)) return [];
  const issue = issueOfTrunk(nameAt(suite, 'head_branch') ?? '');
  if (issue === null) return [];
  const source = sourceOfNumber(delivery.repository, issue);
  return [
    {
      missionId: missionIdOf(source.repository.id, issue),
      meaning: `rerequest-suite:${suiteId}:${delivery.event.id}`,
      signal: { kind: 'recheck.requested', source, phase: null, actor: delivery.actor },
    },
  ];
};

function isOurs({ ourBot }: Delivery, runOrSuite: unknown): boolean {
  return idAt(runOrSuite, 'app', 'id') === ourBot.appId;
}
