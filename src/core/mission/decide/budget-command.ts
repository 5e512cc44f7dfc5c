import type { Json } from '../../../kit/json.ts';
import type { Budget } from '../definition.ts';
import { budgetOf, missionScope, phaseScope, spentIn, taskScope } from '../scopes.ts';
import { inUnits, shareOf } from '../spending.ts';
import type { Signal } from '../signal.ts';
import type { Mission } from '../state.ts';
import { mayAct } from './authority.ts';
import { usedUp } from './budgets.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;

/** `/budget`: what is used up; `/budget tokens=300000`: a new bound, and a mission that was paused for it goes on. */
export function setBudget(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission) return;
  const [name = '', tokens, usd, minutes] = command.arguments;
  const budget = boundsOf({ tokens, usd, minutes });
  if (Object.keys(budget).length === 0 && name === '') return accept(draft, entry, actor, 'budget', { scopes: overview(mission) }, true);
  if (!mayAct(draft, entry, actor)) return;
  if (mission.status === 'cancelled' || mission.status === 'completed') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  const scope = scopeNamed(mission, name);
  if (scope === null) return refuse(draft, entry, actor, 'budget-unknown-scope', { name });
  if (Object.keys(budget).length === 0) return accept(draft, entry, actor, 'budget', { scopes: [lineOf(mission, scope)] }, true);
  const spent = spentIn(mission, scope);
  if (shareOf(spent, { ...budgetOf(mission, scope), ...budget }) >= 1) return refuse(draft, entry, actor, 'budget-too-small', { scope, spent: { ...inUnits(spent) }, budget: { ...budgetOf(mission, scope), ...budget } });
  draft.emit({ type: 'budget.raised', scope, budget, by: actor });
  const raised = draft.mission;
  if (raised?.status === 'paused' && raised.pausedFor !== undefined && usedUp(raised) === null) draft.emit({ type: 'mission.resumed', by: actor });
  accept(draft, entry, actor, 'budget-raised', { scope, budget: { ...budget }, paused: draft.mission?.status === 'paused' });
}

function boundsOf(written: { readonly [part in keyof Budget]: string | undefined }): Budget {
  return Object.fromEntries(Object.entries(written).flatMap(([part, text]) => (text === undefined || text === '' ? [] : [[part, Number(text)]])));
}

function scopeNamed(mission: Mission, name: string): string | null {
  if (name === '' || name === missionScope) return missionScope;
  if (mission.phases.has(name)) return phaseScope(name);
  return mission.tasks.has(name) ? taskScope(name) : null;
}

/** The mission, and every part of it that has a budget of its own. */
function overview(mission: Mission): readonly Json[] {
  const phases = mission.plan.phases.map(({ id }) => phaseScope(id));
  const tasks = mission.plan.tasks.map(({ id }) => taskScope(id));
  return [missionScope, ...[...phases, ...tasks].filter((scope) => budgetOf(mission, scope) !== null)].slice(0, 50).map((scope) => lineOf(mission, scope));
}

function lineOf(mission: Mission, scope: string): Json {
  const budget = budgetOf(mission, scope);
  return { scope, spent: { ...inUnits(spentIn(mission, scope)) }, budget: budget === null ? null : { ...budget } };
}
