import { systemActor } from '../actor.ts';
import type { BudgetShare } from '../event.ts';
import { budgetOf, missionScope, phaseScope, scopeOfPhase, scopeOfTask, spentIn, taskScope } from '../scopes.ts';
import { inUnits, shareOf } from '../spending.ts';
import { isPassed, phaseOf, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';

/** Looks at every budget that an attempt of a task uses: people are told of shares, and at the end of it nothing new starts. */
export function watchBudgets(draft: Draft, task: string): void {
  const mission = draft.mission;
  if (!mission) return;
  for (const scope of scopesOf(mission, task)) watch(draft, scope);
}

function scopesOf(mission: Mission, task: string): readonly string[] {
  const planned = mission.index.tasks.get(task);
  const group = planned?.itemOf?.group;
  return [taskScope(task), ...(group === undefined ? [] : [taskScope(group)]), ...(planned === undefined || planned.phase === '' ? [] : [phaseScope(planned.phase)]), missionScope];
}

const thresholds = [90, 75, 50] as const satisfies readonly BudgetShare[];

function watch(draft: Draft, scope: string): void {
  const mission = draft.mission;
  const budget = mission && budgetOf(mission, scope);
  if (!mission || !budget) return;
  const spent = spentIn(mission, scope);
  const told = spent.told ?? 0;
  const share = shareOf(spent, budget) * 100;
  if (share >= 100) {
    if (told < 100) draft.emit({ type: 'budget.exceeded', scope, spent: inUnits(spent), budget });
    if (draft.mission?.status === 'running' && draft.mission.rollback === undefined && hasMoreToStart(draft.mission, scope)) draft.emit({ type: 'mission.paused', by: systemActor, why: 'budget', scope });
    return;
  }
  const reached = thresholds.find((threshold) => share >= threshold);
  if (reached !== undefined && told < reached) draft.emit({ type: 'budget.warned', scope, share: reached, spent: inUnits(spent), budget });
}

/** A budget that was used up by the last thing it was for stops nothing. */
function hasMoreToStart(mission: Mission, scope: string): boolean {
  const task = scopeOfTask(scope);
  if (task !== null) {
    const status = taskOf(mission, task)?.status;
    return status !== undefined && status !== 'done' && status !== 'failed' && status !== 'skipped' && status !== 'integrating';
  }
  const phases = scopeOfPhase(scope) === null ? mission.plan.phases.map(({ id }) => id) : [scopeOfPhase(scope) ?? ''];
  return phases.some((id) => !isPassed(phaseOf(mission, id)) && (phaseOf(mission, id)?.open ?? 0) > 0);
}

/** The first budget, of the mission or of what is not over in it, that is used up; null when work may start. */
export function usedUp(mission: Mission): string | null {
  const scopes = [missionScope, ...mission.plan.phases.map(({ id }) => phaseScope(id)), ...mission.plan.tasks.flatMap(({ id, budget }) => (budget === undefined && mission.raised?.[taskScope(id)] === undefined ? [] : [taskScope(id)]))];
  return scopes.find((scope) => isUsedUp(mission, scope) && hasMoreToStart(mission, scope)) ?? null;
}

/** Nothing new starts where this is true. */
export function isUsedUp(mission: Mission, scope: string): boolean {
  const budget = budgetOf(mission, scope);
  return budget !== null && shareOf(spentIn(mission, scope), budget) >= 1;
}

/** True when one of the budgets that a task would use has nothing left. */
export function isOutOfBudget(mission: Mission, task: string): boolean {
  return mission.rollback === undefined && scopesOf(mission, task).some((scope) => isUsedUp(mission, scope));
}
