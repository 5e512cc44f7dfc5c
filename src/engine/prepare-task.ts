import picomatch from 'picomatch';

import { contextOfTask, environmentOf, environmentOfPhase } from '../core/mission/context.ts';
import type { ExpressionContext } from '../core/expression/context.ts';
import { resolveTemplates, templatesIn } from '../core/expression/template.ts';
import type { PlannedTask } from '../core/mission/plan.ts';
import type { Mission } from '../core/mission/state.ts';
import { sha256 } from '../kit/hash.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { StepError } from '../steps/step-type.ts';
import type { StepRegistry } from '../steps/registry.ts';
import type { StepType } from '../steps/step-type.ts';
import type { AttemptWorkspace } from './ports/workspaces.ts';

/** What an attempt is to do: its step type, and parameters whose templates are not filled in yet. */
export interface Work {
  readonly planned: PlannedTask;
  readonly type: StepType;
  readonly parameters: JsonObject;
  readonly base: string;
  /** False where the parameters are values already. */
  readonly hasTemplates: boolean;
}

/** What the step of a task or of what undoes it is; null when there is no way to undo it. */
export function workOf(steps: StepRegistry, mission: Mission, subject: string): Work | null {
  const planned = mission.index.tasks.get(subject);
  const task = mission.tasks.get(subject);
  if (!planned || !task || task.base === null) throw new StepError('input', `task ${subject} is not in the plan`);
  const type = typeOf(steps, planned.uses);
  if (planned.undoes === undefined || planned.compensate !== undefined) return { planned, type, parameters: planned.with, base: task.base, hasTemplates: true };
  const done = mission.tasks.get(planned.undoes);
  const inverse = type.inverse?.(filledIn(mission, planned.undoes, planned.with, {}), done?.outputs ?? {}) ?? null;
  return inverse === null ? null : { planned, type: typeOf(steps, inverse.uses), parameters: inverse.with, base: task.base, hasTemplates: false };
}

function typeOf(steps: StepRegistry, name: string): StepType {
  const type = steps.find(name);
  if (!type) throw new StepError('input', `there is no step type "${name}" here; this worker knows ${steps.types.map((known) => known.name).join(', ')}`);
  return type;
}

/** Parameters, environment and title with their templates filled in, and checked once more: values may not fit where a template stood. */
export async function fillIn(steps: StepRegistry, mission: Mission, work: Work, workspace: AttemptWorkspace | null): Promise<{ readonly parameters: JsonObject; readonly env: { readonly [name: string]: string }; readonly title: string }> {
  const { planned, type } = work;
  const more = await withFiles([work.parameters, mission.plan.env ?? {}, mission.index.phases.get(planned.phase)?.env ?? {}, planned.env ?? {}], workspace);
  const env = environmentOf(mission, planned.id, more);
  if (!env.ok) throw new StepError('input', env.error);
  if (!work.hasTemplates) return { parameters: work.parameters, env: env.value, title: planned.title };
  const parameters = textsWhereWanted(filledIn(mission, planned.id, work.parameters, { ...more, env: env.value }), type.parameters) as JsonObject;
  const problems = steps.check(type.name, parameters);
  if (problems.length > 0) throw new StepError('input', `its parameters do not fit once the values are filled in: ${problems.slice(0, 5).map(({ message, expected }) => `${message} Expected: ${expected}.`).join(' ')}`);
  return { parameters, env: env.value, title: filledTitle(mission, planned, { ...more, env: env.value }) };
}

function filledIn(mission: Mission, task: string, parameters: JsonObject, more: ExpressionContext): JsonObject {
  const resolved = resolveTemplates(parameters, withMore(contextOfTask(mission, task), more));
  if (!resolved.ok) throw new StepError('input', resolved.error.slice(0, 5).map(({ path, message }) => `with.${path.join('.')}: ${message}`).join(' '));
  return isJsonObject(resolved.value) ? resolved.value : {};
}

/** A number or truth value where the step takes text alone: `${{ inputs.count }}` among a program's arguments is meant as text. */
function textsWhereWanted(value: Json, schema: JsonObject): Json {
  if ((typeof value === 'number' || typeof value === 'boolean') && schema['type'] === 'string') return String(value);
  const { properties, items, additionalProperties } = schema;
  if (Array.isArray(value)) return isJsonObject(items) ? (value as readonly Json[]).map((one) => textsWhereWanted(one, items)) : value;
  if (!isJsonObject(value)) return value;
  const schemaOf = (name: string) => (isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]): [string, Json | undefined] => {
      const wanted = schemaOf(name);
      return [name, one === undefined || !isJsonObject(wanted) ? one : textsWhereWanted(one, wanted)];
    }),
  );
}

/** Items have their title since they were made; elsewhere it is filled in as far as it can be. */
function filledTitle(mission: Mission, planned: PlannedTask, more: ExpressionContext): string {
  const title = resolveTemplates(planned.title, withMore(contextOfTask(mission, planned.id), more));
  return title.ok && typeof title.value === 'string' && title.value.trim() !== '' ? title.value : planned.title;
}

/** Keeps the lazy parts of a context lazy. */
function withMore(context: ExpressionContext, more: ExpressionContext): ExpressionContext {
  const both: ExpressionContext = {};
  return Object.defineProperties(both, { ...Object.getOwnPropertyDescriptors(context), ...Object.getOwnPropertyDescriptors(more) });
}

/** `hashFiles()`, where something calls it and there are files. */
async function withFiles(trees: readonly JsonObject[], workspace: AttemptWorkspace | null): Promise<ExpressionContext> {
  const isCalled = trees.some((tree) => templatesIn(tree).some(({ text }) => text.includes('hashFiles')));
  if (!isCalled || workspace?.digests === undefined) return {};
  const digests = [...(await workspace.digests())].sort(([a], [b]) => (a < b ? -1 : 1));
  return { hashFiles: (patterns) => hashOf(digests, patterns) };
}

/** As in Actions: one digest over the files that match, empty when none does. */
function hashOf(digests: readonly (readonly [string, string])[], patterns: readonly string[]): string {
  const wanted = picomatch(patterns.filter((pattern) => !pattern.startsWith('!')), { dot: true });
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => picomatch(pattern.slice(1), { dot: true }));
  const found = digests.filter(([path]) => wanted(path) && !unwanted.some((matches) => matches(path)));
  return found.length === 0 ? '' : sha256(found.map(([path, digest]) => `${path}\u0000${digest}\n`).join(''));
}

export function environmentOfGuards(mission: Mission, phase: string): { readonly [name: string]: string } {
  const env = environmentOfPhase(mission, phase);
  if (!env.ok) throw new StepError('input', env.error);
  return env.value;
}

export interface TimeLimit {
  readonly ms: number;
  /** Said when it is reached. */
  readonly words: string;
}

/** The task's own limit, or what is left to its phase or mission. */
export function limitOf(mission: Mission, planned: PlannedTask, now: number): TimeLimit {
  const own = planned.timeoutSeconds * 1000;
  const left = (deadline: number | undefined, words: string): TimeLimit[] => (deadline === undefined ? [] : [{ ms: Math.max(1, deadline - now), words }]);
  const limits: readonly TimeLimit[] = [
    { ms: own, words: `the task took longer than its limit of ${Math.round(own / 1000)} s` },
    ...left(mission.phases.get(planned.phase)?.deadline, `the time of phase ${planned.phase} was over before the task was done`),
    ...left(mission.rollback === undefined ? mission.deadline : undefined, 'the time of the mission was over before the task was done'),
  ];
  return limits.reduce((least, one) => (one.ms < least.ms ? one : least));
}
