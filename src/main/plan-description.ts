import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { criticalPath } from '../core/mission/critical-path.ts';
import type { ApprovalGroup, Budget, Definition, GateDefinition, TaskDefinition } from '../core/mission/definition.ts';
import type { Plan, PlannedTask } from '../core/mission/plan.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';

/** What `missiongate plan` tells of a mission; the JSON form is this as it is. */
export interface PlanDescription {
  readonly name: string;
  readonly planHash: string;
  readonly inputs: JsonObject;
  readonly counts: { readonly phases: number; readonly tasks: number; readonly gates: number };
  readonly phases: readonly PlannedPhaseDescription[];
  /** The heaviest chain of tasks that wait for each other, phases included, and its time limits added up, every attempt and round counted. */
  readonly criticalPath: { readonly tasks: readonly string[]; readonly atMostSeconds: number };
  /** Tasks that could run at once, and how many the settings let. */
  readonly width: { readonly possible: number; readonly allowed: number };
  readonly budget: Budget | null;
  readonly timeoutSeconds: number | null;
  /** Decisions of people, and what they must be allowed to. */
  readonly decisions: readonly GateDecision[];
  /** Questions that tasks ask people. */
  readonly questions: readonly { readonly task: string; readonly approvals: number; readonly from: readonly string[] }[];
  /** What the worker must have: agents, models, servers, databases, secrets that the tasks name. */
  readonly worker: readonly string[];
  /** What running it changes. */
  readonly effects: readonly string[];
}

export interface GateDecision {
  readonly gate: string;
  readonly approvals: number;
  /** Lowest role that counts. */
  readonly role: string;
  /** Who counts, any of them. */
  readonly from: readonly string[];
  /** Rules that must hold besides, all of them and one of them. */
  readonly all: readonly ApprovalGroup[];
  readonly any: readonly ApprovalGroup[];
  readonly requesterMay: boolean;
  readonly rubric: GateDefinition['rubric'];
  readonly criteria: readonly string[];
  readonly structure: readonly string[];
  /** Rounds in which it may repair itself. */
  readonly healRounds: number;
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
    decisions: gates.map(({ id, gate }) => decisionOf(id, gate)),
    questions: plan.tasks.flatMap(questionOf),
    worker: workerNeeds(plan.tasks),
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

function decisionOf(gate: string, { approvals, rubric, criteria = [], structure = [], heal }: GateDefinition): GateDecision {
  const { count, minimumRole, allowRequester, from = [`role:${minimumRole}` as const], all = [], any = [] } = approvals;
  return { gate, approvals: count, role: minimumRole, from, all, any, requesterMay: allowRequester, rubric, criteria, structure, healRounds: heal?.maxRounds ?? 0 };
}

function questionOf({ id, waits, with: parameters }: PlannedTask): PlanDescription['questions'] {
  if (waits !== 'people') return [];
  const { count, from } = parameters;
  return [{ task: id, approvals: typeof count === 'number' ? count : 1, from: Array.isArray(from) ? (from as readonly Json[]).map(String) : ['role:write'] }];
}

/** What nobody sees in a repository: a worker without it fails these tasks. */
function workerNeeds(tasks: readonly PlannedTask[]): readonly string[] {
  const needed = new Set<string>();
  for (const { uses, with: parameters } of tasks) {
    if (uses === 'agent' && parameters['script'] === undefined) needed.add(typeof parameters['agent'] === 'string' ? `the agent ${parameters['agent']}` : 'an agent');
    else if (uses === 'llm') needed.add(typeof parameters['model'] === 'string' ? `the model ${parameters['model']}` : 'a model');
    else if (uses === 'tool') needed.add(`the MCP server ${String(parameters['server'])}`);
    else if (uses === 'sql.query') needed.add(`the database ${String(parameters['connection'])}`);
    const secrets = parameters['secret-headers'];
    if (isJsonObject(secrets)) for (const one of Object.values(secrets)) if (isJsonObject(one)) needed.add(`the secret ${String(one['secret'])}`);
  }
  return [...needed].toSorted();
}

function effectsOf({ settings, phases }: Definition, plan: Plan): readonly string[] {
  const used = new Map<string, number>();
  for (const task of plan.tasks) used.set(task.uses, (used.get(task.uses) ?? 0) + 1);
  const steps = [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([uses, count]) => `${uses} × ${count}`);
  const stay = settings.onFailure === 'rollback' ? phases.flatMap((phase) => phase.tasks.filter((task) => task.compensate === undefined && changesSomething(task.uses)).map(({ id }) => id)) : [];
  return [
    `steps: ${steps.join(', ')}`,
    'a branch and a check for every task, a trunk, and a draft pull request from it',
    settings.merge === 'none' ? 'after the last gate the pull request is ready for review; people merge it' : `after the last gate the pull request is merged (${settings.merge})`,
    ...(settings.onFailure === 'rollback' ? [`when the mission fails, what succeeded is undone in reverse order${stay.length === 0 ? '' : `; no way back without "compensate": ${stay.slice(0, 10).join(', ')}${stay.length > 10 ? ` and ${stay.length - 10} more` : ''}`}`] : []),
  ];
}

const steps = createStepRegistry(builtInSteps);

/** Whether a step type may leave something behind that it does not know how to undo. */
function changesSomething(uses: string): boolean {
  const type = steps.find(uses);
  return type !== null && type.inverse === undefined && type.effects.some((effect) => effect === 'writes-files' || effect === 'runs-programs' || effect === 'network');
}
