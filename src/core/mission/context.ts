import { resolveTemplates } from '../expression/template.ts';
import type { ExpressionContext, ExpressionStatus } from '../expression/context.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Json } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Definition, Environment, PhaseDefinition } from './definition.ts';
import { itemId } from './groups.ts';
import type { PlannedTask } from './plan.ts';
import { trunkBranch } from './source.ts';
import { resultOfPhase, resultOfTask } from './results.ts';
import type { Mission } from './state.ts';

/**
 * What expressions of a task see, from the mission's state alone. Nothing is put together before it is asked for: the cost of
 * an expression is that of what it names, not of the mission.
 */
export function contextOfTask(mission: Mission, taskId: string): ExpressionContext {
  const planned = mission.index.tasks.get(taskId);
  const previous = planned === undefined ? null : resultBefore(mission, planned);
  return {
    ...missionRoots(mission),
    ...(planned === undefined ? {} : valueOf(mission, planned)),
    round: mission.tasks.get(taskId)?.round ?? 1,
    ...(previous === null ? {} : { result: previous }),
    get env() {
      const env = environmentOf(mission, taskId);
      return env.ok ? env.value : {};
    },
    get findings() {
      return findingsOf(mission);
    },
  };
}

/** The same with what `success()` and `failure()` say about its needs. */
export function contextOfCondition(mission: Mission, taskId: string): ExpressionContext {
  return withLazy(contextOfTask(mission, taskId), 'status', () => statusOfTask(mission, taskId));
}

export function contextOfPhase(mission: Mission, phaseId: string): ExpressionContext {
  const context = {
    ...missionRoots(mission),
    round: mission.phases.get(phaseId)?.round ?? 1,
    get env() {
      const env = environmentOfPhase(mission, phaseId);
      return env.ok ? env.value : {};
    },
    get findings() {
      return findingsOf(mission);
    },
  };
  return withLazy(context, 'status', () => statusOfPhases(mission, mission.index.phases.get(phaseId)?.needs ?? []));
}

/** What the outputs of the mission itself may name. */
export function contextOfMission(mission: Mission): ExpressionContext {
  return missionRoots(mission);
}

/** The environment of a task's programs: mission, then phase, then task; later ones win, and may name earlier ones. */
export function environmentOf(mission: Mission, taskId: string, more: ExpressionContext = {}): Result<{ readonly [name: string]: string }, string> {
  const planned = mission.index.tasks.get(taskId);
  const roots = { ...missionRoots(mission), ...(planned === undefined ? {} : valueOf(mission, planned)), round: mission.tasks.get(taskId)?.round ?? 1, ...more };
  return layered(roots, [mission.plan.env, planned && mission.index.phases.get(phaseOfTask(mission, planned))?.env, planned?.env]);
}

/** Undoing belongs where the work was done. */
function phaseOfTask(mission: Mission, planned: PlannedTask): string {
  return planned.undoes === undefined ? planned.phase : (mission.index.tasks.get(planned.undoes)?.phase ?? planned.phase);
}

/** The environment of a phase's guards. */
export function environmentOfPhase(mission: Mission, phaseId: string): Result<{ readonly [name: string]: string }, string> {
  return layered(missionRoots(mission), [mission.plan.env, mission.index.phases.get(phaseId)?.env]);
}

/** The environment of a phase's guards where no mission runs: with inputs, and nothing that only a mission knows. */
export function environmentOfPlanned({ inputs, env }: Pick<Definition, 'inputs' | 'env'>, phase: Pick<PhaseDefinition, 'env'>): Result<{ readonly [name: string]: string }, string> {
  return layered({ inputs: inputs ?? {} }, [env, phase.env]);
}

function layered(roots: ExpressionContext, levels: readonly (Environment | undefined)[]): Result<{ readonly [name: string]: string }, string> {
  let env: { readonly [name: string]: string } = {};
  for (const level of levels) {
    if (level === undefined) continue;
    const resolved = resolveTemplates(level, { ...roots, env });
    if (!resolved.ok) return err(resolved.error.map(({ path, message }) => `env.${path.join('.')}: ${message}`).join(' '));
    const values = Object.entries(isJsonObject(resolved.value) ? resolved.value : {});
    env = { ...env, ...Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value ?? null)])) };
  }
  return ok(env);
}

function missionRoots(mission: Mission): ExpressionContext {
  const { source, plan } = mission;
  return {
    inputs: plan.inputs ?? {},
    mission: {
      name: plan.name,
      id: mission.missionId,
      issue: source.issue.number,
      repository: `${source.repository.owner}/${source.repository.name}`,
      requester: mission.requestedBy.login,
      trunk: trunkBranch(source.issue.number),
    },
    tasks: new Results(() => mission.plan.tasks.map(({ id }) => id), (id) => resultOfTask(mission, id)),
    phases: new Results(() => mission.plan.phases.map(({ id }) => id), (id) => resultOfPhase(mission, id)),
  };
}

/** Looks a result up when it is named; everything else a map can do works on nothing. */
class Results extends Map<string, Json> {
  readonly #ids: () => readonly string[];
  readonly #find: (id: string) => Json | null;

  constructor(ids: () => readonly string[], find: (id: string) => Json | null) {
    super();
    this.#ids = ids;
    this.#find = find;
  }

  override get(id: string): Json | undefined {
    return this.#find(id) ?? undefined;
  }

  override has(id: string): boolean {
    return this.#find(id) !== null;
  }

  override keys(): MapIterator<string> {
    return new Set(this.#ids().filter((id) => this.has(id))).values();
  }
}

function valueOf(mission: Mission, planned: PlannedTask): Pick<ExpressionContext, 'matrix' | 'item'> {
  const source = planned.undoes === undefined ? planned : (mission.index.tasks.get(planned.undoes) ?? planned);
  if (source.itemOf === undefined) return {};
  const { group, value } = source.itemOf;
  const over = mission.index.tasks.get(group)?.strategy?.over;
  return over !== undefined && 'matrix' in over ? { matrix: isJsonObject(value) ? value : {} } : { item: value };
}

/**
 * What `result` means before the attempt: the round before it, the item before it, or for undoing what is to be undone. The first
 * round and the first item find nothing in it, so that `has(result.x)` can be asked; where nothing is repeated there is none.
 */
function resultBefore(mission: Mission, planned: PlannedTask): Json {
  const task = mission.tasks.get(planned.id);
  if (planned.undoes !== undefined) return mission.tasks.get(planned.undoes)?.outputs ?? {};
  if ((task?.round ?? 1) > 1) return task?.outputs ?? {};
  const { itemOf } = planned;
  const group = itemOf && mission.tasks.get(itemOf.group)?.group;
  if (!itemOf || !group || mission.index.tasks.get(itemOf.group)?.strategy?.mode !== 'iterative') return planned.until === undefined ? null : {};
  if (itemOf.index === 0) return {};
  return mission.tasks.get(itemId(itemOf.group, itemOf.index - 1, group.size))?.outputs ?? {};
}

/** Its needs have succeeded, or one of them (or what they needed, or an earlier phase) has failed. */
function statusOfTask(mission: Mission, taskId: string): ExpressionStatus {
  const planned = mission.index.tasks.get(taskId);
  const needs = planned?.needs ?? [];
  const seen = new Set<string>();
  const failed = needs.some((id) => hasFailedBehind(mission, id, seen));
  const skipped = needs.some((id) => mission.tasks.get(id)?.skip !== undefined);
  const phases = statusOfPhases(mission, mission.index.phases.get(planned?.phase ?? '')?.needs ?? []);
  return { success: !failed && !skipped, failure: failed || phases.failure, cancelled: mission.status === 'cancelled' };
}

/** It failed without excuse, or was not done because something before it did. */
function hasFailedBehind(mission: Mission, id: string, seen: Set<string>): boolean {
  const task = mission.tasks.get(id);
  if (!task || seen.has(id)) return false;
  seen.add(id);
  if (task.status === 'failed') return !(mission.index.tasks.get(id)?.continueOnError ?? false);
  if (task.status === 'blocked') return true;
  return task.skip === 'need' && (mission.index.tasks.get(id)?.needs ?? []).some((need) => hasFailedBehind(mission, need, seen));
}

function statusOfPhases(mission: Mission, needs: readonly string[]): ExpressionStatus {
  const failure = needs.some((id) => hasGoneWrong(mission, id, new Set()));
  return { success: !failure, failure, cancelled: mission.status === 'cancelled' };
}

/** It failed, or will never start because one before it did. */
function hasGoneWrong(mission: Mission, id: string, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const status = mission.phases.get(id)?.status;
  if (status === 'failed') return true;
  return status === 'pending' && (mission.index.phases.get(id)?.needs ?? []).some((need) => hasGoneWrong(mission, need, seen));
}

/** Every finding that a task has given so far, in order of the plan. */
function findingsOf(mission: Mission): readonly Json[] {
  return [...mission.index.tasks.keys()].flatMap((id): readonly Json[] => {
    const found = mission.tasks.get(id)?.outputs?.['findings'];
    return Array.isArray(found) ? (found as readonly Json[]) : [];
  });
}

function withLazy<K extends keyof ExpressionContext>(context: ExpressionContext, name: K, get: () => ExpressionContext[K]): ExpressionContext {
  return Object.defineProperty(context, name, { enumerable: true, get });
}
