import type { Actor } from '../actor.ts';
import { phaseOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';

/**
 * The trunk stands somewhere else. Whatever was examined or approved on the old head no longer counts: waiting gates are
 * examined again, and a push after the last gate re-opens it until the change is merged.
 */
export function moveTrunk(draft: Draft, head: string, by: Actor, cause: 'task' | 'push', authors: readonly string[]): void {
  const before = draft.mission;
  if (!before || before.trunk.head === head) return;
  draft.emit({ type: 'trunk.moved', head, by, cause, authors });
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled' || mission.pull?.state === 'merged') return;
  const reason = cause === 'push' ? `@${by.login} pushed to the trunk` : 'another task was merged into the trunk';
  for (const phase of mission.plan.phases) {
    if (isStale(mission, phase.id)) examineAgain(draft, phase.id, reason);
  }
}

function isStale(mission: Mission, phaseId: string): boolean {
  const phase = phaseOf(mission, phaseId);
  if (!phase || mission.index.phases.get(phaseId)?.gate === null) return false;
  if (phase.status === 'gate') return phase.gate.head !== mission.trunk.head;
  // Open gates of earlier phases are history; the last ones speak for the head that will be merged.
  const isLast = !mission.plan.phases.some((other) => other.needs.includes(phaseId));
  return phase.status === 'complete' && isLast && isComplete(mission);
}

function isComplete(mission: Mission): boolean {
  return mission.plan.phases.every((phase) => phaseOf(mission, phase.id)?.status === 'complete');
}

/** Starts a new round of a gate on the present head; approvals of the round before are void, in words. */
export function examineAgain(draft: Draft, phaseId: string, reason: string): void {
  const mission = draft.mission;
  const gate = mission && phaseOf(mission, phaseId)?.gate;
  if (!mission || !gate) return;
  if (gate.approvals.length > 0) draft.emit({ type: 'gate.approvals-voided', phase: phaseId, round: gate.round, reason });
  draft.emit({ type: 'gate.evaluation-started', phase: phaseId, round: gate.round + 1, attempt: gate.attempt + 1, head: mission.trunk.head, reason });
}
