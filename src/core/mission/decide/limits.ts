import { systemActor } from '../actor.ts';
import type { TimerPurpose } from '../signal.ts';
import { isOver, phaseOf, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import { failForGood } from './attempts.ts';
import type { Draft } from './draft.ts';
import { conclude } from './ending.ts';

/** The time of a phase is over: what runs in it has failed, and the phase with it. Time at its gate is people's time. */
export function endPhaseInTime(draft: Draft, { phase: id, at }: Extract<TimerPurpose, { kind: 'limit-phase' }>): void {
  const mission = draft.mission;
  const phase = mission && phaseOf(mission, id);
  const limitSeconds = mission?.index.phases.get(id)?.timeoutSeconds;
  if (!mission || isOver(mission) || phase?.status !== 'running' || phase.deadline !== at || limitSeconds === undefined) return;
  draft.emit({ type: 'phase.timed-out', phase: id, limitSeconds });
  const reason = `phase ${id} took longer than its limit of ${inMinutes(limitSeconds)}`;
  const ended = endWork(draft, mission, mission.index.tasksOfPhase.get(id) ?? [], reason);
  draft.emit({ type: 'phase.failed', phase: id, tasks: ended, reason });
}

/** The time of the mission is over: what runs has failed, and the mission with it. */
export function endMissionInTime(draft: Draft, { at }: Extract<TimerPurpose, { kind: 'limit-mission' }>): void {
  const mission = draft.mission;
  const limitSeconds = mission?.plan.settings.timeoutSeconds;
  if (!mission || isOver(mission) || mission.deadline !== at || limitSeconds === undefined || mission.rollback !== undefined) return;
  draft.emit({ type: 'mission.timed-out', limitSeconds });
  // A pause would keep what is to be undone from being undone.
  if (mission.status === 'paused') draft.emit({ type: 'mission.resumed', by: systemActor });
  const reason = `the mission took longer than its limit of ${inMinutes(limitSeconds)}`;
  endWork(draft, mission, [...mission.index.tasks.keys()], reason);
  for (const { id } of mission.plan.phases) {
    if (draft.mission && phaseOf(draft.mission, id)?.status === 'running') draft.emit({ type: 'phase.failed', phase: id, tasks: [], reason });
  }
  conclude(draft, reason);
}

const underWay: ReadonlySet<string> = new Set(['queued', 'running', 'retrying', 'waiting']);

/** Attempts that are queued or running, that wait, or that would be tried again. What is being merged is done, and ends by itself. */
function endWork(draft: Draft, before: Mission, ids: readonly string[], reason: string): readonly string[] {
  const ended = ids.filter((id) => underWay.has(taskOf(before, id)?.status ?? ''));
  for (const id of ended) {
    const mission = draft.mission;
    // An item may have been passed over meanwhile, because one beside it failed.
    if (mission && underWay.has(taskOf(mission, id)?.status ?? '')) failForGood(draft, mission, id, 'timeout', reason, null);
  }
  return ended;
}

function inMinutes(seconds: number): string {
  const minutes = Math.round(seconds / 6) / 10;
  return seconds < 60 ? `${seconds} s` : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
