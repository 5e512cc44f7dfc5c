import { compositeKey } from '../../core/mission/check-keys.ts';
import { compositeCheck } from '../../core/mission/view.ts';
import type { CheckView, MissionView } from '../../core/mission/view.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { ObjectRecord } from '../../engine/ports/projector.ts';
import type { Desk } from './desk.ts';

/** A write that was sent before the trunk came is answered within this time, or its sender looks at the trunks again before it repeats it. */
const sentMs = 30_000;
/** Pauses before the commit is looked at once more: while a write may be on its way, and when its sender has fallen silent. */
const againSoonMs = 2_000;
const againLaterMs = 60_000;

/** The checks of a mission on a commit of which the same check may have been said for pull requests of no mission. */
export interface TakenCommit {
  readonly checks: readonly CheckView[];
  /** The other check is being written: once it stands, ours has to be written over it. */
  readonly underway: ObjectRecord | null;
}

/**
 * What was said of the trunk's commit before the trunk came there counts for the mission's pull request as well, and must not: the
 * mission takes that very check run over and speaks at once, gates or no gates.
 */
export async function takeCommit(desk: Desk, mission: Mission, { trunk, checks }: MissionView): Promise<TakenCommit> {
  const check = compositeCheck(mission, true);
  if (check === null) return { checks, underway: null };
  const theirs = (await desk.projection.recordsOfCommit(trunk.head)).find(({ key }) => key === compositeKey(trunk.head)) ?? null;
  if (theirs === null) return { checks, underway: null };
  const own = desk.record(check.key);
  // Of two runs of a name the later one counts. What it says now is taken back as a word of ours would be.
  if (theirs.remoteId !== null && own?.state !== 'intended' && (own?.remoteId ?? 0) < theirs.remoteId) {
    await desk.remember({ key: check.key, state: 'present', remoteId: theirs.remoteId, rendered: null, memory: 'success' });
  }
  const underway = theirs.state === 'intended' || theirs.rendered === null || own?.state === 'intended' ? theirs : null;
  return { checks: [check, ...checks.filter(({ key }) => key !== check.key)], underway };
}

/** Has ours written once more, when the other write has come to its end. Says after which time to look. */
export async function contest(desk: Desk, { trunk }: MissionView, underway: ObjectRecord): Promise<number> {
  const own = desk.present(compositeKey(trunk.head));
  if (own !== null) await desk.remember({ ...own, rendered: null });
  return desk.now() - underway.intendedAt < sentMs ? againSoonMs : againLaterMs;
}
