import type { Plan, PlannedPhase, PlannedTask } from './plan.ts';
import { asksAboutFailures } from './conditions.ts';

/** Lookups over a plan, and over the items and undo attempts that came to it while it ran. */
export interface PlanIndex {
  readonly tasks: ReadonlyMap<string, PlannedTask>;
  readonly phases: ReadonlyMap<string, PlannedPhase>;
  readonly tasksOfPhase: ReadonlyMap<string, readonly string[]>;
  /** Task → tasks that need it. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
  /** Tasks whose condition asks for what went wrong: they wait until their needs are settled, however that went. */
  readonly tolerant: ReadonlySet<string>;
  /** Something has a condition: then how every need went decides what becomes of a task, and not only whether it was done. */
  readonly branching: boolean;
  /** Place of a task in the order of the plan. */
  readonly position: ReadonlyMap<string, number>;
}

export function indexPlan(plan: Plan): PlanIndex {
  const tasksOfPhase = new Map<string, string[]>(plan.phases.map((phase) => [phase.id, []]));
  const dependents = new Map<string, string[]>();
  const tolerant = new Set<string>();
  for (const task of plan.tasks) {
    tasksOfPhase.get(task.phase)?.push(task.id);
    if (task.if !== undefined && asksAboutFailures(task.if)) tolerant.add(task.id);
    // A need that is written twice is one.
    for (const need of task.needs.length > 1 ? new Set(task.needs) : task.needs) {
      const list = dependents.get(need);
      if (list) list.push(task.id);
      else dependents.set(need, [task.id]);
    }
  }
  return {
    tasks: new Map(plan.tasks.map((task) => [task.id, task])),
    phases: new Map(plan.phases.map((phase) => [phase.id, phase])),
    tasksOfPhase,
    dependents,
    tolerant,
    branching: plan.tasks.some((task) => task.if !== undefined) || plan.phases.some((phase) => phase.if !== undefined),
    position: new Map(plan.tasks.map((task, index) => [task.id, index])),
  };
}

/** The index with more tasks: the items of a group, behind the group in its phase. The plan itself stays as it is. */
export function withItems(index: PlanIndex, group: PlannedTask, items: readonly PlannedTask[]): PlanIndex {
  const tasks = new Map(index.tasks);
  for (const item of items) tasks.set(item.id, item);
  const tasksOfPhase = new Map(index.tasksOfPhase);
  const own = new Set(items.map(({ id }) => id));
  const siblings = (tasksOfPhase.get(group.phase) ?? []).filter((id) => !own.has(id));
  const at = siblings.indexOf(group.id) + 1;
  tasksOfPhase.set(group.phase, [...siblings.slice(0, at), ...own, ...siblings.slice(at)]);
  return { ...index, tasks, tasksOfPhase };
}

/** The index with attempts to undo, each of which needs the one before it; they belong to no phase. */
export function withUndoing(index: PlanIndex, undoing: readonly PlannedTask[]): PlanIndex {
  const tasks = new Map(index.tasks);
  const dependents = new Map(index.dependents);
  for (const task of undoing) {
    tasks.set(task.id, task);
    for (const need of task.needs) dependents.set(need, [task.id]);
  }
  return { ...index, tasks, dependents };
}
