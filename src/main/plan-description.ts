import type { JsonObject } from '../kit/json.ts';
import type { Budget, Definition, GateDefinition, TaskDefinition } from '../core/mission/definition.ts';
import type { Plan } from '../core/mission/plan.ts';

/** What `missiongate plan` tells of a mission; the JSON form is this as it is. */
export interface PlanDescription {
  readonly name: string;
  readonly planHash: string;
  readonly inputs: JsonObject;
  readonly counts: { readonly phases: number; readonly tasks: number; readonly gates: number };
  readonly phases: readonly PlannedPhaseDescription[];
  /** The longest chain of tasks that wait for each other, phases included, and its time limits added up. */
  readonly criticalPath: { readonly tasks: readonly string[]; readonly atMostSeconds: number };
  /** Tasks that could run at once, and how many the settings let. */
  readonly width: { readonly possible: number; readonly allowed: number };
  readonly budget: Budget | null;
  readonly timeoutSeconds: number | null;
  /** Decisions of people, and what they must be allowed to. */
  readonly decisions: readonly { readonly gate: string; readonly approvals: number; readonly role: string; readonly requesterMay: boolean; readonly rubric: GateDefinition['rubric'] }[];
  /** What running it changes. */
  readonly effects: readonly string[];
}

export interface PlannedPhaseDescription {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly condition: string | null;
  readonly tasks: readonly PlannedTaskDescription[];
  readonly guards: readonly string[];
}

export interface PlannedTaskDescription {
  readonly id: string;
  readonly title: string;
  readonly uses: string;
  readonly needs: readonly string[];
  readonly condition: string | null;
  /** Items of a fan-out; a word when they are known only when it runs. */
  readonly items: number | 'when it runs' | null;
  readonly attempts: number;
  readonly timeoutSeconds: number;
  readonly scope: readonly string[] | null;
}

export function describePlan(definition: Definition, plan: Plan): PlanDescription {
  const byId = new Map(definition.phases.map((phase) => [phase.id, phase]));
  const order = new Map(plan.tasks.map((task, index) => [task.id, index]));
  const phases = plan.phases.map((planned): PlannedPhaseDescription => {
    const phase = byId.get(planned.id);
    const tasks = (phase?.tasks ?? []).toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
    return { id: planned.id, title: planned.title, needs: planned.needs, condition: phase?.if ?? null, tasks: tasks.map(describeTask), guards: planned.guards.map(({ id }) => id) };
  });
  const { path, width } = paths(definition, plan);
  const gates = plan.phases.flatMap(({ id, gate }) => (gate ? [{ id, gate }] : []));
  return {
    name: plan.name,
    planHash: plan.planHash,
    inputs: definition.inputs ?? {},
    counts: { phases: phases.length, tasks: plan.tasks.length, gates: gates.length },
    phases,
    criticalPath: { tasks: path.map(({ id }) => id), atMostSeconds: path.reduce((sum, task) => sum + task.timeoutSeconds, 0) },
    width: { possible: width, allowed: Math.min(width, definition.settings.maxParallel) },
    budget: definition.settings.budget ?? null,
    timeoutSeconds: definition.settings.timeoutSeconds ?? null,
    decisions: gates.map(({ id, gate }) => ({ gate: id, approvals: gate.approvals.count, role: gate.approvals.minimumRole, requesterMay: gate.approvals.allowRequester, rubric: gate.rubric })),
    effects: effectsOf(definition, plan),
  };
}

function describeTask(task: TaskDefinition): PlannedTaskDescription {
  const over = task.strategy?.over;
  return {
    id: task.id,
    title: task.title,
    uses: task.uses,
    needs: task.needs,
    condition: task.if ?? null,
    items: over === undefined ? null : 'matrix' in over ? over.matrix.length : 'when it runs',
    attempts: task.maxAttempts,
    timeoutSeconds: task.timeoutSeconds,
    scope: task.scope ?? null,
  };
}

/** Longest chain and widest level. A phase begins when the phases it needs have ended. O(tasks + needs + phases²). */
function paths(definition: Definition, plan: Plan): { readonly path: readonly TaskDefinition[]; readonly width: number } {
  const depth = new Map<string, number>();
  const before = new Map<string, TaskDefinition | null>();
  const byId = new Map(definition.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task] as const)));
  const deepest = new Map<string, TaskDefinition>();
  const sizes = new Map<number, number>();
  let last: TaskDefinition | null = null;
  const tasksOf = new Map(plan.phases.map((phase) => [phase.id, [] as TaskDefinition[]]));
  for (const planned of plan.tasks) {
    const task = byId.get(planned.id);
    if (task) tasksOf.get(planned.phase)?.push(task);
  }
  for (const phase of plan.phases) {
    const starts = phase.needs.flatMap((need) => deepest.get(need) ?? []);
    for (const task of tasksOf.get(phase.id) ?? []) {
      let from: TaskDefinition | null = null;
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
  const path: TaskDefinition[] = [];
  for (let at: TaskDefinition | null = last; at; at = before.get(at.id) ?? null) path.unshift(at);
  return { path, width: Math.max(0, ...sizes.values()) };
}

function effectsOf({ settings, phases }: Definition, plan: Plan): readonly string[] {
  const used = new Map<string, number>();
  for (const task of plan.tasks) used.set(task.uses, (used.get(task.uses) ?? 0) + 1);
  const steps = [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([uses, count]) => `${uses} × ${count}`);
  const undone = phases.some((phase) => phase.tasks.some((task) => task.compensate));
  return [
    `steps: ${steps.join(', ')}`,
    'a branch and a check for every task, a trunk, and a draft pull request from it',
    settings.merge === 'none' ? 'after the last gate the pull request is ready for review; people merge it' : `after the last gate the pull request is merged (${settings.merge})`,
    ...(settings.onFailure === 'rollback' ? [`when the mission fails, what succeeded is undone in reverse order${undone ? '' : ' (no task says how: `compensate`)'}`] : []),
  ];
}
