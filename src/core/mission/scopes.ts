import type { Budget } from './definition.ts';
import { nothingSpent } from './spending.ts';
import type { Spending } from './spending.ts';
import type { Mission } from './state.ts';

/** What a budget is for: `mission`, `phase/<id>` or `task/<id>`. */
export const missionScope = 'mission';

export function phaseScope(id: string): string {
  return `phase/${id}`;
}

export function taskScope(id: string): string {
  return `task/${id}`;
}

export function scopeOfPhase(scope: string): string | null {
  return scope.startsWith('phase/') ? scope.slice('phase/'.length) : null;
}

export function scopeOfTask(scope: string): string | null {
  return scope.startsWith('task/') ? scope.slice('task/'.length) : null;
}

/** The bound that holds now: as defined, or as people raised it. Null where nothing is bounded. */
export function budgetOf(mission: Mission, scope: string): Budget | null {
  const raised = mission.raised?.[scope];
  if (raised !== undefined) return raised;
  const task = scopeOfTask(scope);
  const phase = scopeOfPhase(scope);
  if (task !== null) return mission.index.tasks.get(task)?.budget ?? null;
  if (phase !== null) return mission.index.phases.get(phase)?.budget ?? null;
  return mission.plan.settings.budget ?? null;
}

export function spentIn(mission: Mission, scope: string): Spending {
  const task = scopeOfTask(scope);
  const phase = scopeOfPhase(scope);
  const spent = task !== null ? mission.tasks.get(task)?.spent : phase !== null ? mission.phases.get(phase)?.spent : mission.spent;
  return spent ?? nothingSpent;
}
