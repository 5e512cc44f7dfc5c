import { digest } from '../../kit/hash.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Definition, Environment, MissionSettings, PhaseDefinition, TaskDefinition } from './definition.ts';
import type { HealOrigin } from './heal.ts';
import { order } from './plan-order.ts';
import type { OrderProblem } from './plan-order.ts';

/** A definition resolved and ordered: what a mission will do, under one hash. */
export interface Plan {
  readonly planHash: string;
  readonly name: string;
  readonly description: string;
  readonly settings: MissionSettings;
  readonly phases: readonly PlannedPhase[];
  /** In topological order; ties keep the order of writing. */
  readonly tasks: readonly PlannedTask[];
  /** What `inputs` means in expressions; absent when the definition declares none. */
  readonly inputs?: JsonObject;
  readonly env?: Environment;
  /** Templates, evaluated when the mission ends. */
  readonly outputs?: { readonly [name: string]: string };
}

export type PlannedPhase = Omit<PhaseDefinition, 'tasks'>;

export interface PlannedTask extends TaskDefinition {
  readonly phase: string;
  /** For an attempt to undo: the task whose work it undoes. */
  readonly undoes?: string;
  /** For a task that a gate made to repair what kept it shut. */
  readonly heals?: HealOrigin;
}

export interface PlanProblem {
  readonly code: 'cycle' | 'unknown-need' | 'duplicate-id' | 'empty' | 'later-phase' | 'item-id';
  readonly message: string;
  /** Ids concerned; for a cycle its members in order. */
  readonly members: readonly string[];
}

/**
 * Resolves and orders a definition. Kahn's algorithm over phases, then over tasks: O(V + E).
 * Every problem is reported at once; a cycle is reported with its members in order.
 */
export function makePlan(definition: Definition): Result<Plan, readonly PlanProblem[]> {
  const problems: PlanProblem[] = [];
  const phaseIds = definition.phases.map((phase) => phase.id);
  for (const id of duplicates(phaseIds)) problems.push(problem('duplicate-id', `two phases have the id "${id}"`, [id]));
  const tasks = definition.phases.flatMap((phase) => phase.tasks.map((task) => plannedTask(task, phase.id)));
  for (const id of duplicates(tasks.map((task) => task.id))) problems.push(problem('duplicate-id', `two tasks have the id "${id}"`, [id]));
  if (tasks.length === 0) problems.push(problem('empty', 'the mission has no task', []));

  const phaseOrder = order(definition.phases, (phase) => phase.needs);
  problems.push(...phaseOrder.problems.map((found) => describe('phase', found)));
  const taskOrder = order(tasks, (task) => task.needs);
  problems.push(...taskOrder.problems.map((found) => describe('task', found)));
  if (problems.length > 0) return err(problems);

  problems.push(...needsOfLaterPhases(definition, tasks), ...clashesWithItems(tasks));
  if (problems.length > 0) return err(problems);

  const { name, description, settings, inputs, env, outputs } = definition;
  const phases = phaseOrder.sorted.map(plannedPhase);
  const body = { name, description, settings, phases, tasks: taskOrder.sorted, ...given({ inputs, env, outputs }) };
  return ok({ planHash: planHash(body), ...body });
}

function plannedPhase({ tasks: _tasks, id, title, needs, guards, gate, ...more }: PhaseDefinition): PlannedPhase {
  return { id, title, needs, guards, gate, ...given(more) };
}

/** Fields in alphabetical order, the form in which they are hashed; what a definition does not use leaves no trace in its hash. */
function plannedTask(task: TaskDefinition, phase: string): PlannedTask {
  const { continueOnError, id, maxAttempts, needs, timeoutSeconds, title, uses, with: parameters } = task;
  if (!moreOfTask.some((name) => task[name] !== undefined)) return { continueOnError, id, maxAttempts, needs, phase, timeoutSeconds, title, uses, with: parameters };
  const planned: { [name: string]: unknown } = {};
  for (const name of fieldsOfTask) {
    const value = name === 'phase' ? phase : task[name];
    if (value !== undefined) planned[name] = value;
  }
  return planned as unknown as PlannedTask;
}

/** Digest of everything that says what the mission will do. */
export function planHash(body: Omit<Plan, 'planHash'>): string {
  return digest(body as unknown as Json);
}

/** Longest chain of dependent tasks and the widest level: what parallelism can bring at most. */
export function planShape(plan: Plan): { readonly depth: number; readonly width: number } {
  const level = new Map<string, number>();
  const counts = new Map<number, number>();
  for (const task of plan.tasks) {
    let own = 0;
    for (const need of task.needs) own = Math.max(own, (level.get(need) ?? 0) + 1);
    level.set(task.id, own);
    counts.set(own, (counts.get(own) ?? 0) + 1);
  }
  let width = 0;
  for (const count of counts.values()) width = Math.max(width, count);
  return { depth: counts.size, width };
}

function describe(noun: 'phase' | 'task', found: OrderProblem): PlanProblem {
  if (found.code === 'unknown-need') {
    return problem('unknown-need', `${noun} "${found.node}" needs "${found.members.join()}", which does not exist`, [found.node, ...found.members]);
  }
  const shown = found.members.length > 12 ? [...found.members.slice(0, 11), `… ${found.members.length - 11} more`] : found.members;
  return problem('cycle', `${noun}s need each other in a circle: ${[...shown, found.members[0] ?? ''].join(' → ')}`, found.members);
}

/** What only some tasks have. */
const moreOfTask = ['if', 'env', 'outputs', 'retry', 'until', 'strategy', 'scope', 'compensate', 'budget', 'persona', 'zone', 'waits'] as const satisfies readonly (keyof TaskDefinition)[];

/** Every field, in alphabetical order; one that is missing here does not build. */
const fieldsOfTask = Object.keys({
  budget: true, compensate: true, continueOnError: true, env: true, id: true, if: true, maxAttempts: true, needs: true, outputs: true, persona: true, phase: true,
  retry: true, scope: true, strategy: true, timeoutSeconds: true, title: true, until: true, uses: true, waits: true, with: true, zone: true,
} satisfies Record<Exclude<keyof PlannedTask, 'itemOf' | 'undoes' | 'heals'>, true>) as readonly Exclude<keyof PlannedTask, 'itemOf' | 'undoes' | 'heals'>[];

/** The fields that are there: one that is present and undefined would be another plan in memory than in the ledger. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Items are called after their task: `build-1`, `build-2`. */
function clashesWithItems(tasks: readonly PlannedTask[]): PlanProblem[] {
  const groups = new Set(tasks.flatMap((task) => (task.strategy === undefined ? [] : [task.id])));
  if (groups.size === 0) return [];
  const problems: PlanProblem[] = [];
  for (const { id } of tasks) {
    if (groups.has(id) && id.length > longestGroupId) problems.push(problem('item-id', `task "${id}" has a strategy, and its items are called ${id.slice(0, 12)}…-1 and so on: its id may have at most ${longestGroupId} characters`, [id]));
    const group = /^(.+)-\d+$/.exec(id)?.[1];
    if (group !== undefined && groups.has(group)) problems.push(problem('item-id', `task "${id}" has the name of an item of task "${group}"; give it another id`, [id, group]));
  }
  return problems;
}

/** Leaves room for `-10000` within the 63 characters of an id. */
const longestGroupId = 57;

function needsOfLaterPhases(definition: Definition, tasks: readonly PlannedTask[]): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const before = phasesBefore(definition);
  const phaseOf = new Map(tasks.map((task) => [task.id, task.phase]));
  for (const task of tasks) {
    for (const need of task.needs) {
      const phase = phaseOf.get(need);
      if (phase === undefined || phase === task.phase || before.get(task.phase)?.has(phase)) continue;
      problems.push(
        problem('later-phase', `task "${task.id}" of phase "${task.phase}" needs "${need}" of phase "${phase}", which does not come before it`, [task.id, need]),
      );
    }
  }
  return problems;
}

/** Phase → every phase that is surely over when it starts. */
function phasesBefore(definition: Definition): ReadonlyMap<string, ReadonlySet<string>> {
  const sorted = order(definition.phases, (phase) => phase.needs).sorted;
  const before = new Map<string, Set<string>>();
  for (const phase of sorted) {
    const own = new Set<string>();
    for (const need of phase.needs) {
      own.add(need);
      for (const earlier of before.get(need) ?? []) own.add(earlier);
    }
    before.set(phase.id, own);
  }
  return before;
}

function duplicates(ids: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return twice;
}

function problem(code: PlanProblem['code'], message: string, members: readonly string[]): PlanProblem {
  return { code, message, members };
}
