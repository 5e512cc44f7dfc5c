import type { Budget } from '../mission/definition.ts';
import { inUnits, nothingSpent, shareOf } from '../mission/spending.ts';
import type { Spending } from '../mission/spending.ts';
import type { Mission } from '../mission/state.ts';
import type { CostsPart, Spent } from './dossier.ts';

export function spentOf(spending: Spending | undefined): Spent {
  const { tokens = 0, usd = 0, minutes } = inUnits(spending ?? nothingSpent);
  return { tokens, usd, minutes };
}

/** What was used up, and of which budgets. */
export function costsOf(mission: Mission): CostsPart {
  const scopes: (readonly [string, Budget | undefined, Spending | undefined])[] = [
    ['mission', mission.plan.settings.budget, mission.spent],
    ...mission.plan.phases.map(({ id, budget }) => [`phase/${id}`, budget, mission.phases.get(id)?.spent] as const),
    ...[...mission.index.tasks.values()].map(({ id, budget }) => [`task/${id}`, budget, mission.tasks.get(id)?.spent] as const),
  ];
  return {
    total: spentOf(mission.spent),
    phases: mission.plan.phases.map(({ id }) => ({ phase: id, ...spentOf(mission.phases.get(id)?.spent) })),
    budgets: scopes.flatMap(([scope, planned, spent]) => {
      const raised = mission.raised?.[scope];
      if (planned === undefined && raised === undefined) return [];
      const budget = { ...planned, ...raised };
      return [{ scope, budget, raised: raised !== undefined, share: Math.round(shareOf(spent ?? nothingSpent, budget) * 10_000) / 10_000 }];
    }),
  };
}
