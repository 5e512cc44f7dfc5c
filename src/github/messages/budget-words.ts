import { isUsedUp } from '../../core/mission/decide/budgets.ts';
import { budgetOf, missionScope, phaseScope, scopeOfPhase, scopeOfTask, spentIn, taskScope } from '../../core/mission/scopes.ts';
import { inUnits } from '../../core/mission/spending.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Ink } from './ink.ts';

/** `120,000 of 300,000 tokens, $1.20 of $5.00`; what has no bound is told when something was used. */
export function spentOf(spent: JsonObject, budget: JsonObject | null): string {
  const parts = (['tokens', 'usd', 'minutes'] as const).flatMap((part) => {
    const used = numberIn(spent, part) ?? 0;
    const bound = budget === null ? null : numberIn(budget, part);
    if (bound === null && used === 0) return [];
    return [bound === null ? amount(part, used, true) : `${amount(part, used, false)} of ${amount(part, bound, true)}`];
  });
  return parts.length === 0 ? 'nothing used so far' : parts.join(', ');
}

export function scopeName(ink: Ink, scope: string): string {
  const task = scopeOfTask(scope);
  const phase = scopeOfPhase(scope);
  if (task !== null) return `task ${ink.code(task)}`;
  return phase === null ? 'the mission' : `phase ${ink.code(phase)}`;
}

/** What to type for more, with numbers that would do. */
export function raiseCommand(ink: Ink, scope: string, budget: JsonObject): string {
  const name = scopeOfTask(scope) ?? scopeOfPhase(scope);
  const bounds = (['tokens', 'usd', 'minutes'] as const).flatMap((part) => {
    const bound = numberIn(budget, part);
    return bound === null ? [] : [`${part}=${Math.max(1, bound * 2)}`];
  });
  return ink.code(['/budget', ...(name === null ? [] : [name]), ...bounds].join(' '));
}

/** One line for every budget of which people were told, or that is used up. */
export function budgetLines(ink: Ink, mission: Mission): readonly string[] {
  const scopes = [missionScope, ...mission.plan.phases.map(({ id }) => phaseScope(id)), ...mission.plan.tasks.flatMap(({ id, budget }) => (budget === undefined ? [] : [taskScope(id)]))];
  return scopes.flatMap((scope) => {
    const budget = budgetOf(mission, scope);
    const spent = spentIn(mission, scope);
    if (budget === null || spent.told === undefined) return [];
    const used = spentOf(told(mission, scope), { ...budget });
    if (!isUsedUp(mission, scope)) return [`💰 ${spent.told === 100 ? 50 : spent.told} % of the budget of ${scopeName(ink, scope)} is used up.`];
    return [`💰 The budget of ${scopeName(ink, scope)} is used up: ${used}. For more comment ${raiseCommand(ink, scope, { ...budget })}.`];
  });
}

/** The budgets a gate is concerned with, for its check. */
export function budgetOfPhase(ink: Ink, mission: Mission, phase: string): string {
  const lines = [phaseScope(phase), missionScope].flatMap((scope) => {
    const budget = budgetOf(mission, scope);
    return budget === null ? [] : [`Budget of ${scopeName(ink, scope)}: ${spentOf(told(mission, scope), { ...budget })}.`];
  });
  return lines.join('\n');
}

function told(mission: Mission, scope: string): JsonObject {
  return { ...inUnits(spentIn(mission, scope)) };
}

function amount(part: 'tokens' | 'usd' | 'minutes', value: number, named: boolean): string {
  if (part === 'usd') return `$${value.toFixed(2)}`;
  const number = value.toLocaleString('en');
  return named ? `${number} ${part}` : number;
}

function numberIn(record: JsonObject, part: string): number | null {
  const value = Object.hasOwn(record, part) ? record[part] : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
