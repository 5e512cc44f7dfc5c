import type { EventBody } from '../event.ts';
import type { Mission, PhaseState } from '../state.ts';
import { changePhase, deadlineOf } from './phases.ts';

type Of<T extends EventBody['type']> = Extract<EventBody, { type: T }>;

/** The phase works again, with the time it had at first; its gate keeps saying why it is shut until it is examined again. */
export function startHealing(mission: Mission, body: Of<'healing.started'>, at: number): Mission {
  const time = deadlineOf(mission.index.phases.get(body.phase)?.timeoutSeconds, at);
  return changePhase(mission, body.phase, (phase) => ({ ...phase, status: 'running', finishedAt: null, ...time, healing: { rounds: body.number, tasks: body.tasks } }));
}

export function stopHealing(mission: Mission, phase: string, reason: string): Mission {
  if (mission.index.phases.get(phase)?.gate?.heal === undefined) return mission;
  return changePhase(mission, phase, (before) => ({ ...before, healing: { rounds: 0, tasks: [], ...before.healing, stopped: reason } }));
}

/** It passed, or people took it into their hands: what was tried counts no longer. */
export function resetHealing(mission: Mission, id: string): Mission {
  const phase = mission.phases.get(id);
  if (phase?.healing === undefined) return mission;
  // Repairs that are under way are still looked at when they are done.
  const { healing } = phase;
  if (phase.status === 'running') return changePhase(mission, id, (before) => ({ ...before, healing: { rounds: 0, tasks: healing.tasks } }));
  return changePhase(mission, id, ({ healing: _forgotten, ...rest }: PhaseState) => rest);
}

export function resetAllHealing(mission: Mission): Mission {
  return mission.plan.phases.reduce((next, { id }) => resetHealing(next, id), mission);
}
