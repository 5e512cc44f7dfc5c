import type { OfferedPull } from '../../core/mission/outside-commit.ts';
import { issueOfTrunk, outsideId } from '../../core/mission/source.ts';
import { sourceOfNumber } from './mapping.ts';
import type { Delivery, MappedSignal } from './mapping.ts';
import { commitAt, field, idAt, nameAt } from './reading.ts';

/**
 * A pull request was opened, opened again, or stands on another commit: whoever requires the check `missiongate` waits for it there.
 * Whether a mission has to do with the commit is looked up when it is decided.
 */
export function pullOffered(delivery: Delivery): readonly MappedSignal[] {
  const { payload, repository } = delivery;
  const pull = field(payload, 'pull_request');
  const commit = commitAt(pull, 'head', 'sha');
  const offered = offeredPull(delivery);
  if (commit === null || offered === null) return [];
  const before = delivery.action === 'synchronize' ? commitAt(payload, 'before') : null;
  // The same commit may be offered again after another one.
  const meaning = `outside-pull:${repository.id}:${offered.number}:${commit}:${nameAt(pull, 'updated_at') ?? ''}`;
  return [
    ...(before === null || before === commit ? [] : left(delivery, offered, before)),
    { missionId: outsideId(repository.id, commit), meaning, signal: { kind: 'outside-pull.offered', source: sourceOfNumber(repository, 0), commit, pull: offered } },
  ];
}

/** A pull request was closed or merged: what is said of its commit concerns nobody by it. */
export function pullLeft(delivery: Delivery): readonly MappedSignal[] {
  const offered = offeredPull(delivery);
  const commit = commitAt(delivery.payload, 'pull_request', 'head', 'sha');
  return offered === null || commit === null ? [] : left(delivery, offered, commit);
}

function left(delivery: Delivery, { number, branch, isOurs }: OfferedPull, commit: string): readonly MappedSignal[] {
  const { payload, repository } = delivery;
  // A mission's own pull request has no such record.
  if (isOurs && issueOfTrunk(branch) !== null) return [];
  const moment = nameAt(payload, 'pull_request', 'updated_at') ?? '';
  return [{ missionId: outsideId(repository.id, commit), meaning: `outside-pull-left:${repository.id}:${number}:${commit}:${moment}`, signal: { kind: 'outside-pull.left', source: sourceOfNumber(repository, 0), pull: number } }];
}

function offeredPull({ payload, repository }: Delivery): OfferedPull | null {
  const pull = field(payload, 'pull_request');
  const number = idAt(pull, 'number');
  const branch = nameAt(pull, 'head', 'ref');
  if (number === null || branch === null || idAt(pull, 'base', 'repo', 'id') !== repository.id) return null;
  // The repository of a fork may be gone; its branch is then nobody's here.
  return { number, branch, isOurs: idAt(pull, 'head', 'repo', 'id') === repository.id };
}
