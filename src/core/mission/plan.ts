import { digest } from '../../kit/hash.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Definition, GateDefinition, GuardDefinition, MissionSettings, TaskDefinition } from './definition.ts';

/** A definition resolved and ordered: what a mission will do, under one hash. */
export interface Plan {
  readonly planHash: string;
  readonly name: string;
  readonly description: string;
  readonly settings: MissionSettings;
  readonly phases: readonly PlannedPhase[];
  /** In topological order; ties keep the order of writing. */
  readonly tasks: readonly PlannedTask[];
}

export interface PlannedPhase {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly guards: readonly GuardDefinition[];
  readonly gate: GateDefinition | null;
}

export interface PlannedTask extends TaskDefinition {
  readonly phase: string;
}

export interface PlanProblem {
  readonly code: 'cycle' | 'unknown-need' | 'duplicate-id' | 'empty' | 'later-phase';
  readonly message: string;
  /** Ids concerned; for a cycle its members in order. */
  readonly members: readonly string[];
}

/** Lookups over a plan that never change while the plan stands. */
export interface PlanIndex {
  readonly tasks: ReadonlyMap<string, PlannedTask>;
  readonly phases: ReadonlyMap<string, PlannedPhase>;
  readonly tasksOfPhase: ReadonlyMap<string, readonly string[]>;
  /** Task → tasks that need it. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
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

  problems.push(...needsOfLaterPhases(definition, tasks));
  if (problems.length > 0) return err(problems);

  const phases = phaseOrder.sorted.map(({ id, title, needs, guards, gate }): PlannedPhase => ({ id, title, needs, guards, gate }));
  const body = { name: definition.name, description: definition.description, settings: definition.settings, phases, tasks: taskOrder.sorted };
  return ok({ planHash: planHash(body), ...body });
}

/** Fields in alphabetical order: the form in which they are hashed. */
function plannedTask({ continueOnError, id, maxAttempts, needs, timeoutSeconds, title, uses, with: parameters }: TaskDefinition, phase: string): PlannedTask {
  return { continueOnError, id, maxAttempts, needs, phase, timeoutSeconds, title, uses, with: parameters };
}

/** Digest of everything that says what the mission will do. */
export function planHash(body: Omit<Plan, 'planHash'>): string {
  return digest(body as unknown as Json);
}

export function indexPlan(plan: Plan): PlanIndex {
  const tasksOfPhase = new Map<string, string[]>(plan.phases.map((phase) => [phase.id, []]));
  const dependents = new Map<string, string[]>();
  for (const task of plan.tasks) {
    tasksOfPhase.get(task.phase)?.push(task.id);
    for (const need of task.needs) {
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
  };
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

/** The plan with one more task at the end of a phase (a person added a checklist item). */
export function withTask(plan: Plan, task: PlannedTask): Plan {
  const { planHash: _replaced, ...body } = plan;
  const next = { ...body, tasks: [...plan.tasks, task] };
  return { planHash: planHash(next), ...next };
}

/** The plan with other words for one task. For an agent task whose prompt was its title, the prompt follows. */
export function withTaskTitle(plan: Plan, taskId: string, title: string): Plan {
  const { planHash: _replaced, ...body } = plan;
  const next = {
    ...body,
    tasks: plan.tasks.map((task): PlannedTask => (task.id === taskId ? { ...task, title, with: followTitle(task, title) } : task)),
  };
  return { planHash: planHash(next), ...next };
}

function followTitle(task: PlannedTask, title: string): JsonObject {
  const prompt = task.with.prompt;
  if (task.uses !== 'agent' || typeof prompt !== 'string' || !prompt.startsWith(task.title)) return task.with;
  return { ...task.with, prompt: title + prompt.slice(task.title.length) };
}

interface OrderProblem {
  readonly code: 'cycle' | 'unknown-need';
  readonly node: string;
  readonly members: readonly string[];
}

/** Kahn's algorithm; stable: of several nodes that are free, the one written first comes first. */
function order<T extends { readonly id: string }>(
  nodes: readonly T[],
  needsOf: (node: T) => readonly string[],
): { readonly sorted: readonly T[]; readonly problems: readonly OrderProblem[] } {
  const position = new Map(nodes.map((node, index) => [node.id, index]));
  const open = new Int32Array(nodes.length);
  const dependents: number[][] = nodes.map(() => []);
  const problems: OrderProblem[] = [];
  nodes.forEach((node, index) => {
    const needs = needsOf(node);
    for (const need of needs.length > 1 ? new Set(needs) : needs) {
      const at = position.get(need);
      if (at === undefined) problems.push({ code: 'unknown-need', node: node.id, members: [need] });
      else {
        open[index] = (open[index] ?? 0) + 1;
        dependents[at]?.push(index);
      }
    }
  });
  // Levels keep the written order among equals; each node is appended once.
  let level = nodes.flatMap((_, index) => (open[index] === 0 ? [index] : []));
  const sorted: T[] = [];
  while (level.length > 0) {
    const next: number[] = [];
    for (const index of level) {
      const node = nodes[index];
      if (node) sorted.push(node);
      for (const dependent of dependents[index] ?? []) {
        open[dependent] = (open[dependent] ?? 0) - 1;
        if (open[dependent] === 0) next.push(dependent);
      }
    }
    level = next.sort((a, b) => a - b);
  }
  if (sorted.length < nodes.length) {
    const stuck = new Set(nodes.flatMap((node, index) => ((open[index] ?? 0) > 0 ? [node.id] : [])));
    problems.push(...cyclesAmong(nodes, needsOf, stuck));
  }
  return { sorted, problems };
}

/** One cycle per strongly stuck group: walk needs inside the stuck set until a node repeats. */
function cyclesAmong<T extends { readonly id: string }>(
  nodes: readonly T[],
  needsOf: (node: T) => readonly string[],
  stuck: ReadonlySet<string>,
): OrderProblem[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const problems: OrderProblem[] = [];
  for (const start of stuck) {
    const path: string[] = [];
    const onPath = new Map<string, number>();
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      onPath.set(at, path.length);
      path.push(at);
      const node = byId.get(at);
      at = node && needsOf(node).find((need) => stuck.has(need));
    }
    const loop = at === undefined ? undefined : onPath.get(at);
    if (loop === undefined) continue;
    // The walk goes from a node to its need; people read "a needs b needs a".
    const members = path.slice(loop);
    problems.push({ code: 'cycle', node: members[0] ?? start, members });
  }
  return problems;
}

function describe(noun: 'phase' | 'task', found: OrderProblem): PlanProblem {
  if (found.code === 'unknown-need') {
    return problem('unknown-need', `${noun} "${found.node}" needs "${found.members.join()}", which does not exist`, [found.node, ...found.members]);
  }
  const shown = found.members.length > 12 ? [...found.members.slice(0, 11), `… ${found.members.length - 11} more`] : found.members;
  return problem('cycle', `${noun}s need each other in a circle: ${[...shown, found.members[0] ?? ''].join(' → ')}`, found.members);
}

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
