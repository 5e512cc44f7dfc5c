import { mergeGroupId } from '../../core/mission/merge-group.ts';
import { pullOfQueueRef } from '../merge-group.ts';
import { sourceOfNumber } from './mapping.ts';
import type { EventMapping } from './mapping.ts';
import { commitAt, field, nameAt } from './reading.ts';

/** The merge queue made a commit and waits for the check `missiongate` on it, or gave one up. Every group is answered, whoever queued it. */
export const mergeGroup: EventMapping = ({ payload, action, repository }) => {
  const group = field(payload, 'merge_group');
  const head = commitAt(group, 'head_sha');
  const ref = nameAt(group, 'head_ref');
  const base = commitAt(group, 'base_sha');
  const baseRef = nameAt(group, 'base_ref');
  const number = pullOfQueueRef(ref ?? '');
  if (head === null || ref === null || base === null || baseRef === null) return [];
  // A conversation without an issue: its own record, named after the commit.
  const source = sourceOfNumber(repository, number ?? 0);
  const missionId = mergeGroupId(repository.id, head);
  if (action === 'destroyed') {
    return [{ missionId, meaning: `merge-group-ended:${repository.id}:${head}`, signal: { kind: 'merge-group.ended', source, reason: nameAt(payload, 'reason') ?? 'destroyed' } }];
  }
  const baseBranch = baseRef.replace(/^refs\/heads\//, '');
  return [{ missionId, meaning: `merge-group:${repository.id}:${head}`, signal: { kind: 'merge-group.requested', source, group: { head, ref, base, baseBranch } } }];
};
