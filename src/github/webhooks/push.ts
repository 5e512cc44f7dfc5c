import { issueOfTrunk, missionIdOf } from '../../core/mission/source.ts';
import { sourceOfNumber } from './mapping.ts';
import type { EventMapping } from './mapping.ts';
import { field, nameAt } from './reading.ts';

/** Somebody pushed to a trunk. Pushes of our own are known from the merge that made them. */
export const push: EventMapping = ({ payload, repository, actor }) => {
  const ref = nameAt(payload, 'ref') ?? '';
  const head = nameAt(payload, 'after') ?? '';
  if (!ref.startsWith('refs/heads/') || field(payload, 'deleted') === true || !/^[0-9a-f]{40,64}$/.test(head) || /^0+$/.test(head)) return [];
  const issue = issueOfTrunk(ref.slice('refs/heads/'.length));
  if (issue === null) return [];
  return [
    {
      missionId: missionIdOf(repository.id, issue),
      meaning: `push:${repository.id}:${ref}:${nameAt(payload, 'before') ?? ''}:${head}`,
      signal: { kind: 'trunk.pushed', source: sourceOfNumber(repository, issue), head, actor },
    },
  ];
};
