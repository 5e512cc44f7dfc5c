import { closedGate } from '../state.ts';
import type { GateState, Mission, PhaseState } from '../state.ts';

export function setPhase(mission: Mission, id: string, patch: Partial<PhaseState>): Mission {
  const phase = mission.phases.get(id);
  return phase ? { ...mission, phases: mission.phases.set(id, { ...phase, ...patch }) } : mission;
}

export function changePhase(mission: Mission, id: string, change: (phase: PhaseState) => PhaseState): Mission {
  const phase = mission.phases.get(id);
  return phase ? { ...mission, phases: mission.phases.set(id, change(phase)) } : mission;
}

export function setGate(mission: Mission, id: string, status: PhaseState['status'], change: (gate: GateState) => GateState): Mission {
  const phase = mission.phases.get(id);
  return phase ? setPhase(mission, id, { status, gate: change(phase.gate) }) : mission;
}

/** A finished phase runs again, with the time it had at first; its gate is shut. */
export function runAgain(mission: Mission, id: string, at: number): Mission {
  const phase = mission.phases.get(id);
  if (!phase || phase.status === 'pending') return mission;
  const { reason: _reason, ...rest } = phase;
  const again: PhaseState = { ...rest, status: 'running', finishedAt: null, gate: { ...closedGate, round: phase.gate.round, attempt: phase.gate.attempt }, ...deadlineOf(mission.index.phases.get(id)?.timeoutSeconds, at) };
  return { ...mission, phases: mission.phases.set(id, again) };
}

/** A mission that had ended goes on. */
export function goOn(mission: Mission, at: number): Mission {
  const { pausedFor: _pausedFor, ...rest } = mission;
  return { ...rest, status: 'running', reason: null, finishedAt: null, ...deadlineOf(mission.plan.settings.timeoutSeconds, at) };
}

export function deadlineOf(timeoutSeconds: number | undefined, from: number): { readonly deadline?: number } {
  return timeoutSeconds === undefined ? {} : { deadline: from + timeoutSeconds * 1000 };
}
