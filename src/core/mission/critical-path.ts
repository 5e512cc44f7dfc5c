import type { Plan, PlannedTask } from './plan.ts';

export interface CriticalPath {
  /** The chain of tasks that wait for each other, phases included, whose limits add up to most. */
  readonly tasks: readonly PlannedTask[];
  /** Its time limits added up, in seconds, with every attempt and round they may take. Waiting for people or time is no work. */
  readonly atMostSeconds: number;
  /** Most tasks that could run at once, items of a matrix counted. */
  readonly width: number;
}

/** How far a task is from the beginning. */
interface Reach {
  readonly task: PlannedTask;
  readonly before: Reach | null;
  readonly seconds: number;
  readonly depth: number;
}

/** Heaviest chain and widest level of a plan. A phase begins when the phases it needs have ended. O(tasks + needs + phases²). */
export function criticalPath(plan: Plan): CriticalPath {
  const reached = new Map<string, Reach>();
  const ends = new Map<string, { heaviest: Reach; deepest: Reach }>();
  const sizes = new Map<number, number>();
  let last: Reach | null = null;
  const tasksOf = new Map(plan.phases.map((phase) => [phase.id, [] as PlannedTask[]]));
  for (const task of plan.tasks) tasksOf.get(task.phase)?.push(task);
  for (const phase of plan.phases) {
    const starts = phase.needs.flatMap((need) => ends.get(need) ?? []);
    for (const task of tasksOf.get(phase.id) ?? []) {
      let before: Reach | null = null;
      let level = 0;
      const see = (one: Reach | undefined): void => {
        if (!one) return;
        level = Math.max(level, one.depth);
        if (before === null || isHeavier(one, before)) before = one;
      };
      for (const { heaviest, deepest } of starts) {
        see(heaviest);
        level = Math.max(level, deepest.depth);
      }
      for (const need of task.needs) see(reached.get(need));
      const own: Reach = { task, before, seconds: secondsOf(task) + ((before as Reach | null)?.seconds ?? 0), depth: level + 1 };
      reached.set(task.id, own);
      sizes.set(own.depth, (sizes.get(own.depth) ?? 0) + itemsAtOnce(task));
      if (last === null || isHeavier(own, last)) last = own;
      const end = ends.get(phase.id);
      ends.set(phase.id, { heaviest: end && !isHeavier(own, end.heaviest) ? end.heaviest : own, deepest: end && end.deepest.depth >= own.depth ? end.deepest : own });
    }
  }
  const tasks: PlannedTask[] = [];
  for (let at: Reach | null = last; at; at = at.before) tasks.push(at.task);
  return { tasks: tasks.reverse(), atMostSeconds: last?.seconds ?? 0, width: Math.max(0, ...sizes.values()) };
}

/** Where both may take as long, the longer chain. */
function isHeavier(one: Reach, other: Reach): boolean {
  return one.seconds > other.seconds || (one.seconds === other.seconds && one.depth > other.depth);
}

/** What a task may take at most: every attempt, every round, and items of a matrix that wait for each other. */
function secondsOf(task: PlannedTask): number {
  if (task.waits !== undefined) return 0;
  const matrix = matrixOf(task);
  const turns = matrix === null ? 1 : Math.max(1, Math.ceil(matrix / lanesOf(task)));
  const rounds = task.strategy === undefined ? (task.until?.maxRounds ?? 1) : 1;
  return task.timeoutSeconds * task.maxAttempts * rounds * turns;
}

function itemsAtOnce(task: PlannedTask): number {
  const matrix = matrixOf(task);
  return matrix === null ? 1 : Math.min(matrix, lanesOf(task));
}

function matrixOf({ strategy }: PlannedTask): number | null {
  return strategy && 'matrix' in strategy.over ? strategy.over.matrix.length : null;
}

function lanesOf({ strategy }: PlannedTask): number {
  return strategy?.mode === 'sequential' || strategy?.mode === 'iterative' ? 1 : (strategy?.maxParallel ?? 1);
}
