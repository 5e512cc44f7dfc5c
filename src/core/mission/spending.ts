import type { Budget } from './definition.ts';
import type { AttemptEvidence, BudgetShare, Usage } from './evidence.ts';

/**
 * What was used up: whole numbers, so that the sum is the same in whatever order attempts end. `told` is the highest share of
 * the budget that people were told of; 100 when it is used up.
 */
export interface Spending {
  readonly tokens: number;
  readonly microUsd: number;
  /** Milliseconds that attempts worked. */
  readonly ms: number;
  readonly told?: BudgetShare | 100;
}

export const nothingSpent: Spending = { tokens: 0, microUsd: 0, ms: 0 };

/** The sum after one more attempt. What is not a number from 0 upwards was not told. */
export function spend(before: Spending | undefined, evidence: Pick<AttemptEvidence, 'usage' | 'durationMs'>): Spending {
  const { tokens, microUsd, ms, ...told } = before ?? nothingSpent;
  return {
    tokens: tokens + whole(evidence.usage?.tokens),
    microUsd: microUsd + whole((evidence.usage?.usd ?? 0) * 1_000_000),
    ms: ms + whole(evidence.durationMs),
    ...told,
  };
}

/** In the units of a budget. */
export function inUnits({ tokens, microUsd, ms }: Spending): Usage & { readonly minutes: number } {
  return { tokens, usd: microUsd / 1_000_000, minutes: Math.round(ms / 600) / 100 };
}

/** How much of a budget is used up, by its part that is used most: 1 is all of it. A bound of 0 is used up from the start. */
export function shareOf(spent: Spending, budget: Budget): number {
  const shares = [part(spent.tokens, budget.tokens), part(spent.microUsd, budget.usd === undefined ? undefined : Math.round(budget.usd * 1_000_000)), part(spent.ms, budget.minutes === undefined ? undefined : budget.minutes * 60_000)];
  return Math.max(...shares);
}

function part(used: number, bound: number | undefined): number {
  if (bound === undefined) return 0;
  return bound <= 0 ? 1 : used / bound;
}

function whole(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}
