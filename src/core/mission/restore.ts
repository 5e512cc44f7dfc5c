import { undoSubject, plannedUndoing } from './evolve/rollback.ts';
import { itemId, itemsOf, plannedItem } from './groups.ts';
import type { EventBody } from './event.ts';
import { indexPlan, withItems, withUndoing } from './plan-index.ts';
import type { PlanIndex } from './plan-index.ts';
import type { Plan } from './plan.ts';
import type { ItemState, Mission, RollbackState, TaskState } from './state.ts';

/** The lookups over a plan and over what came to it while it ran: items of groups, attempts to undo. */
export function indexWith(plan: Plan, tasks: Iterable<TaskState>, rollback: RollbackState | undefined): PlanIndex {
  const items = new Map<string, (readonly [string, ItemState])[]>();
  for (const { id, item } of tasks) {
    if (item === undefined) continue;
    const siblings = items.get(item.group);
    if (siblings) siblings.push([id, item]);
    else items.set(item.group, [[id, item]]);
  }
  let index = indexPlan(plan);
  for (const task of plan.tasks) {
    const own = items.get(task.id);
    if (own) index = withItems(index, task, own.sort(([, a], [, b]) => a.index - b.index).map(([id, item]) => plannedItem(task, id, item)));
  }
  return rollback === undefined ? index : withUndoing(index, plannedUndoing(index, rollback.tasks));
}

/** Tasks that an event on the way from one state to the other may have changed: keeps the cost of writing a state at what was touched. */
export function tasksTouchedBy(before: Mission | null, mission: Mission, body: EventBody): readonly string[] {
  const withNeighbours = (id: string, further: boolean) => neighbours(before, mission, id, further);
  switch (body.type) {
    case 'mission.planned':
      return body.plan.tasks.map(({ id }) => id);
    case 'phase.started':
    case 'phase.skipped':
    case 'phase.repeated':
    case 'phase.retried':
      return (mission.index.tasksOfPhase.get(body.phase) ?? []).flatMap((id) => withNeighbours(id, body.type !== 'phase.started'));
    case 'tasks.blocked':
    case 'tasks.released':
    case 'tasks.skipped':
      return body.tasks.flatMap((id) => withNeighbours(id, true));
    case 'rollback.started':
      return body.tasks.map(undoSubject);
    case 'task.added':
      return [body.task.id];
    case 'task.expanded':
      // Items of an earlier expansion that are no longer wanted stand in the index as well.
      return [...withNeighbours(body.task, true), ...(mission.index.tasksOfPhase.get(mission.index.tasks.get(body.task)?.phase ?? '') ?? []).filter((id) => mission.tasks.get(id)?.item?.group === body.task)];
    case 'budget.warned':
    case 'budget.exceeded':
    case 'budget.raised':
      return body.scope.startsWith('task/') ? [body.scope.slice('task/'.length)] : [];
    default:
      return 'task' in body ? withNeighbours(body.task, true) : [];
  }
}

/** A task, what needs it, and for a group or an item the items that got their turn meanwhile. */
function neighbours(before: Mission | null, mission: Mission, id: string, further: boolean): readonly string[] {
  if (!further) return [id];
  const touched = [id, ...dependentsThrough(mission, id)];
  const task = mission.tasks.get(id);
  const group = task?.item?.group;
  if (group !== undefined) touched.push(group, ...turnsGiven(before, mission, group), ...dependentsThrough(mission, group));
  else if (task?.group !== undefined) touched.push(...itemsOf(mission, id));
  return touched;
}

/** What needs a task, and what needs that as far as it is blocked: it hears of it through what lies between. */
function dependentsThrough(mission: Mission, id: string): readonly string[] {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const dependent of mission.index.dependents.get(at) ?? []) {
      if (found.has(dependent)) continue;
      found.add(dependent);
      if (mission.index.branching && mission.tasks.get(dependent)?.status === 'blocked') open.push(dependent);
    }
  }
  return [...found];
}

function turnsGiven(before: Mission | null, mission: Mission, id: string): readonly string[] {
  const then = before?.tasks.get(id)?.group;
  const now = mission.tasks.get(id)?.group;
  if (!now) return [];
  if (!then || then.size !== now.size || then.next > now.next) return itemsOf(mission, id);
  return Array.from({ length: now.next - then.next }, (_, offset) => itemId(id, then.next + offset, now.size));
}
