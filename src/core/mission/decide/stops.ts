import { asksAboutFailures } from '../conditions.ts';
import type { Mission, PhaseState } from '../state.ts';

/** True when something failed that keeps the whole mission from starting more. */
export function stopsAll(mission: Mission): boolean {
  return mission.plan.settings.failFast && mission.plan.phases.some((planned) => planned.failFast !== false && hasFailedIn(mission, planned.id));
}

/** True when something failed in a phase that keeps the phase from starting more. */
export function stopsItself(mission: Mission, phase: string): boolean {
  const failFast = mission.index.phases.get(phase)?.failFast ?? mission.plan.settings.failFast;
  return failFast && hasFailedIn(mission, phase);
}

/** A failure that the phase does not excuse. */
export function hasFailedIn(mission: Mission, id: string): boolean {
  const phase: PhaseState | undefined = mission.phases.get(id);
  if (phase === undefined) return false;
  if (phase.status === 'failed') return true;
  return mission.index.phases.get(id)?.mode !== 'partial' && phase.failed > 0 && phase.status !== 'complete' && phase.status !== 'skipped';
}

/** Tasks that ask for what went wrong, and those of phases that do, are there for that case. */
export function isCleanUp(mission: Mission, task: string): boolean {
  return mission.index.tolerant.has(task) || isCleanUpPhase(mission, mission.index.tasks.get(task)?.phase ?? '');
}

export function isCleanUpPhase(mission: Mission, phase: string): boolean {
  const condition = mission.index.phases.get(phase)?.if;
  return condition !== undefined && asksAboutFailures(condition);
}
