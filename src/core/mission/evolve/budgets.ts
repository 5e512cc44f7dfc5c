import type { Budget } from '../definition.ts';
import type { AttemptEvidence, BudgetShare, EventBody } from '../event.ts';
import { budgetOf, scopeOfPhase, scopeOfTask, spentIn } from '../scopes.ts';
import { shareOf, spend } from '../spending.ts';
import type { Spending } from '../spending.ts';
import type { Mission } from '../state.ts';
import { setPhase } from './phases.ts';

/** Adds up what an attempt has used when its result is recorded, whatever the result; looked at before the event is applied. */
export function countAttempt(mission: Mission, body: EventBody): Mission {
  const evidence = evidenceOf(body);
  if (evidence === null || !('task' in body) || typeof body.task !== 'string') return mission;
  const task = mission.tasks.get(body.task);
  const planned = mission.index.tasks.get(body.task);
  // While its commit is being merged an attempt is counted already; a group has used what its items have.
  if (!task || !planned || (task.status !== 'queued' && task.status !== 'running')) return mission;
  const group = task.item?.group;
  let next: Mission = { ...mission, spent: spend(mission.spent, evidence) };
  for (const id of group === undefined ? [body.task] : [body.task, group]) {
    const one = next.tasks.get(id);
    if (one) next = { ...next, tasks: next.tasks.set(id, { ...one, spent: spend(one.spent, evidence) }) };
  }
  const phase = next.phases.get(planned.phase);
  return phase ? setPhase(next, planned.phase, { spent: spend(phase.spent, evidence) }) : next;
}

function evidenceOf(body: EventBody): AttemptEvidence | null {
  switch (body.type) {
    case 'task.produced':
    case 'task.completed':
    case 'task.repeated':
    case 'task.failed':
      return body.evidence;
    default:
      return null;
  }
}

export function tellOfBudget(mission: Mission, scope: string, told: BudgetShare | 100): Mission {
  return change(mission, scope, (spent) => ({ ...spent, told }));
}

/** A larger bound: what people were told of the smaller one counts as far as it is still true. */
export function raiseBudget(mission: Mission, scope: string, budget: Budget): Mission {
  const raised: Mission = { ...mission, raised: { ...mission.raised, [scope]: { ...budgetOf(mission, scope), ...budget } } };
  return change(raised, scope, ({ told: _told, ...spent }) => {
    const share = shareOf(spent, budgetOf(raised, scope) ?? {});
    const told = ([100, 90, 75, 50] as const).find((threshold) => share * 100 >= threshold);
    return told === undefined || told === 100 ? spent : { ...spent, told };
  });
}

function change(mission: Mission, scope: string, by: (spent: Spending) => Spending): Mission {
  const spent = by(spentIn(mission, scope));
  const task = scopeOfTask(scope);
  const phase = scopeOfPhase(scope);
  if (phase !== null) return setPhase(mission, phase, { spent });
  const one = task === null ? undefined : mission.tasks.get(task);
  if (task !== null) return one ? { ...mission, tasks: mission.tasks.set(task, { ...one, spent }) } : mission;
  return { ...mission, spent };
}
