import type { JsonObject } from '../kit/json.ts';
import { criticalPath } from '../core/mission/critical-path.ts';
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
  const path = criticalPath(plan);
  const gates = plan.phases.flatMap(({ id, gate }) => (gate ? [{ id, gate }] : []));
  return {
    name: plan.name,
    planHash: plan.planHash,
    inputs: definition.inputs ?? {},
    counts: { phases: phases.length, tasks: plan.tasks.length, gates: gates.length },
    phases,
    criticalPath: { tasks: path.tasks.map(({ id }) => id), atMostSeconds: path.atMostSeconds },
    width: { possible: path.width, allowed: Math.min(path.width, definition.settings.maxParallel) },
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
