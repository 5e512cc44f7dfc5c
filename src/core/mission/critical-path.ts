import type { Plan, PlannedTask } from './plan.ts';

export interface CriticalPath {
  /** The longest chain of tasks that wait for each other, phases included. */
  readonly tasks: readonly PlannedTask[];
  /** Its time limits added up, in seconds. */
  readonly atMostSeconds: number;
  /** Most tasks that could run at once, items of a matrix counted. */
  readonly width: number;
}

/** Longest chain and widest level of a plan. A phase begins when the phases it needs have ended. O(tasks + needs + phases²). */
export function criticalPath(plan: Plan): CriticalPath {
  const depth = new Map<string, number>();
  const before = new Map<string, PlannedTask | null>();
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
  const deepest = new Map<string, PlannedTask>();
  const sizes = new Map<number, number>();
  let last: PlannedTask | null = null;
  const tasksOf = new Map(plan.phases.map((phase) => [phase.id, [] as PlannedTask[]]));
  for (const task of plan.tasks) tasksOf.get(task.phase)?.push(task);
  for (const phase of plan.phases) {
    const starts = phase.needs.flatMap((need) => deepest.get(need) ?? []);
    for (const task of tasksOf.get(phase.id) ?? []) {
      let from: PlannedTask | null = null;
      for (const candidate of [...starts, ...task.needs.flatMap((need) => byId.get(need) ?? [])]) {
        if (from === null || (depth.get(candidate.id) ?? 0) > (depth.get(from.id) ?? 0)) from = candidate;
      }
      const own = from === null ? 1 : (depth.get(from.id) ?? 0) + 1;
      depth.set(task.id, own);
      before.set(task.id, from);
      const items = task.strategy && 'matrix' in task.strategy.over ? Math.min(task.strategy.over.matrix.length, task.strategy.maxParallel) : 1;
      sizes.set(own, (sizes.get(own) ?? 0) + items);
      if (last === null || own > (depth.get(last.id) ?? 0)) last = task;
      const end = deepest.get(phase.id);
      if (!end || own > (depth.get(end.id) ?? 0)) deepest.set(phase.id, task);
    }
  }
  const tasks: PlannedTask[] = [];
  for (let at: PlannedTask | null = last; at; at = before.get(at.id) ?? null) tasks.unshift(at);
  return { tasks, atMostSeconds: tasks.reduce((sum, task) => sum + task.timeoutSeconds, 0), width: Math.max(0, ...sizes.values()) };
}
