import { issueOfTrunk, missionIdOf } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { keyedByMoment, sourceOfNumber } from './mapping.ts';
import type { Delivery, EventMapping, MappedSignal } from './mapping.ts';
import { pullLeft, pullOffered } from './outside-pull.ts';
import { field, idAt, nameAt } from './reading.ts';

/** The mission whose trunk a pull request wants to merge; null for every other one, and always for a fork's. */
export function missionOfPull(delivery: Delivery): MissionSource | null {
  // Into another branch than the default one it shows another change than the mission's.
  return nameAt(delivery.payload, 'pull_request', 'base', 'ref') === delivery.repository.defaultBranch ? missionOfHead(delivery) : null;
}

/** The same, whatever branch it goes into. */
function missionOfHead({ payload, repository }: Delivery): MissionSource | null {
  const pull = field(payload, 'pull_request');
  if (idAt(pull, 'head', 'repo', 'id') !== repository.id || idAt(pull, 'base', 'repo', 'id') !== repository.id) return null;
  const issue = issueOfTrunk(nameAt(pull, 'head', 'ref') ?? '');
  return issue === null ? null : sourceOfNumber(repository, issue);
}

export const pullRequest: EventMapping = (delivery) => {
  switch (delivery.action) {
    case 'opened':
    case 'reopened':
    case 'synchronize':
      return pullOffered(delivery);
    case 'edited':
      return retargeted(delivery);
    case 'closed':
      return [...missionPullClosed(delivery), ...pullLeft(delivery)];
    default:
      return [];
  }
};

function missionPullClosed(delivery: Delivery): readonly MappedSignal[] {
  const source = missionOfPull(delivery);
  const pull = field(delivery.payload, 'pull_request');
  const number = idAt(pull, 'number');
  if (source === null || number === null) return [];
  const missionId = missionIdOf(source.repository.id, source.issue.number);
  const merged = field(pull, 'merged') === true;
  return [
    {
      missionId,
      meaning: merged ? pullMergedMeaning(missionId, number) : pullClosedMeaning(missionId, number, nameAt(pull, 'closed_at') ?? ''),
      signal: { kind: 'pull.closed', source, pull: number, merged, commit: merged ? nameAt(pull, 'merge_commit_sha') : null, actor: delivery.actor },
    },
  ];
}

/** Somebody chose another base branch. */
function retargeted(delivery: Delivery): readonly MappedSignal[] {
  const from = nameAt(delivery.payload, 'changes', 'base', 'ref', 'from');
  const pull = field(delivery.payload, 'pull_request');
  const number = idAt(pull, 'number');
  const to = nameAt(pull, 'base', 'ref');
  const source = missionOfHead(delivery);
  if (from === null || to === null || number === null || source === null) return [];
  const missionId = missionIdOf(source.repository.id, source.issue.number);
  const keys = keyedByMoment(nameAt(pull, 'updated_at') ?? '', (time) => `pull-retargeted:${missionId}:${number}:${from}:${to}:${time}`);
  return [{ missionId, ...keys, signal: { kind: 'pull.retargeted', source, pull: number, from, to, actor: delivery.actor } }];
}

/** A pull request is merged once, whoever tells us: the webhook and the projector say it with the same key. */
export function pullMergedMeaning(missionId: string, pull: number): string {
  return `pull-merged:${missionId}:${pull}`;
}

export function pullClosedMeaning(missionId: string, pull: number, closedAt: string): string {
  return `pull-closed:${missionId}:${pull}:${closedAt}`;
}
