import { policyPath } from '../../core/gate/policy.ts';
import { issueOfTrunk, missionIdOf } from '../../core/mission/source.ts';
import { sourceOfNumber } from './mapping.ts';
import type { Delivery, EventMapping, MappedSignal, RepositoryOfEvent } from './mapping.ts';
import { commitAt, field, listAt, nameAt } from './reading.ts';

/** A push event lists no more commits. */
const mostCommits = 2_048;

/** Somebody pushed to a trunk, or changed the repository's policy. Pushes of our own are known from the merge that made them. */
export const push: EventMapping = (delivery) => [...trunkPushed(delivery), ...policyPushed(delivery)];

/** The default branch may have another policy file now. */
function policyPushed({ payload, repository, actor }: Delivery): readonly MappedSignal[] {
  if (!touchesDefaultBranch(payload, repository, (path) => path === policyPath)) return [];
  return [{ missionId: '', everyMissionOf: repository.id, meaning: `policy:${repository.id}:${nameAt(payload, 'after') ?? ''}:${timeOf(payload)}`, signal: { kind: 'policy.changed', source: sourceOfNumber(repository, 0), actor } }];
}

/** Whether a push may have changed such a file on the default branch. */
export function touchesDefaultBranch(payload: unknown, repository: RepositoryOfEvent, concerns: (path: string) => boolean): boolean {
  if (nameAt(payload, 'ref') !== `refs/heads/${repository.defaultBranch}` || commitAt(payload, 'after') === null) return false;
  return pushedPaths(payload)?.some(concerns) ?? true;
}

/** Files that the commits of a push touched; null where nobody knows: it rewrites the branch, or brings very many commits. */
export function pushedPaths(payload: unknown): readonly string[] | null {
  const commits = listAt(payload, 'commits');
  if (field(payload, 'forced') === true || commits.length >= mostCommits) return null;
  return commits.flatMap((commit) => ['added', 'removed', 'modified'].flatMap((list) => listAt(commit, list).filter((path) => typeof path === 'string')));
}

function trunkPushed({ payload, repository, actor }: Delivery): readonly MappedSignal[] {
  const ref = nameAt(payload, 'ref') ?? '';
  const head = commitAt(payload, 'after');
  if (!ref.startsWith('refs/heads/') || field(payload, 'deleted') === true || head === null || /^0+$/.test(head)) return [];
  const issue = issueOfTrunk(ref.slice('refs/heads/'.length));
  if (issue === null) return [];
  return [
    {
      missionId: missionIdOf(repository.id, issue),
      meaning: `push:${repository.id}:${ref}:${nameAt(payload, 'before') ?? ''}:${head}:${timeOf(payload)}`,
      signal: { kind: 'trunk.pushed', source: sourceOfNumber(repository, issue), head, actor },
    },
  ];
}

/**
 * When it was pushed, in seconds: a branch may be moved to and fro between the same commits, and each time is another push. The list of
 * activity says the same of it; should it differ, the push is looked at twice, which changes nothing the second time.
 */
function timeOf(payload: unknown): number {
  const at = field(payload, 'repository', 'pushed_at');
  return typeof at === 'number' ? at : Math.floor(Date.parse(typeof at === 'string' ? at : '') / 1000) || 0;
}
