import { isJsonObject } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { templatesIn } from '../core/expression/template.ts';
import type { GateDefinition, GuardDefinition, PhaseDefinition } from '../core/mission/definition.ts';
import { maximumParallel } from '../core/mission/definition.ts';
import { rubricGaps } from './check-rubric.ts';
import type { ExpressionSite } from './expression-sites.ts';
import { readGate } from './read-gate.ts';
import { readHeal } from './read-heal.ts';
import { readBudget, readTime, readUntil } from './read-limits.ts';
import { longestTitle, readTask, withKnownInputs } from './read-task.ts';
import type { FileReader } from './read-task.ts';
import { readCondition, readEnvironment, readNeeds, readParameters } from './read-values.ts';
import type { YamlPath } from './read-yaml.ts';
import { guards as guardTypes } from '../guards/registry.ts';
import { quoted } from './problems.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { parameterWords } from './step-types.ts';

export const phaseKeys = ['id', 'title', 'needs', 'if', 'env', 'parallelism', 'max-parallel', 'fail-fast', 'timeout-minutes', 'timeout-seconds', 'until', 'budget', 'tasks', 'guards', 'gate'] as const;
const parallelisms = ['sequential', 'partial', 'iterative'] as const;

export function readPhase(reader: FileReader, value: Json, index: number, previous: string | undefined): PhaseDefinition {
  const { shape } = reader;
  const path = ['phases', index];
  const found = shape.mapping(value, path, 'A phase', phaseKeys, ['id', 'tasks']) ?? {};
  const site = (kind: ExpressionSite['kind'], text: Json | undefined, at: YamlPath): void => {
    if (text !== undefined) reader.sites.push({ kind, value: text, path: at, phase: index, task: -1 });
  };
  const id = shape.id(found.id, [...path, 'id'], 'The id of the phase') ?? reader.placeholder();
  const needs = readNeeds(shape, found.needs, [...path, 'needs']) ?? (previous === undefined ? [] : [previous]);
  const tasks = shape.list(found.tasks, [...path, 'tasks'], 'The list of tasks');
  if (tasks?.length === 0) shape.report('empty', [...path, 'tasks'], 'A phase needs at least one task.');
  const condition = readCondition(shape, found.if, [...path, 'if']);
  const env = readEnvironment(shape, found.env, [...path, 'env']);
  const timeoutSeconds = readTime(shape, found, path);
  const failFast = shape.boolean(found['fail-fast'], [...path, 'fail-fast'], 'fail-fast');
  const until = readUntil(shape, found.until, [...path, 'until']);
  const { mode, maxParallel } = readParallelism(reader, found, path);
  const budget = readBudget(shape, found.budget, [...path, 'budget']);
  if (mode === 'iterative' && found.until === undefined) shape.report('missing-key', path, 'A phase with parallelism iterative needs until: when to stop.');
  if (mode !== 'iterative' && found.until !== undefined) shape.report('phase', [...path, 'until'], 'until belongs to a phase with parallelism: iterative.', 'key');
  site('title', found.title, [...path, 'title']);
  site('phase-if', condition, [...path, 'if']);
  site('phase-env', env, [...path, 'env']);
  if (until) site('phase-until', until.until.condition, until.conditionPath);
  const guardList = readGuards(reader, found.guards, [...path, 'guards']);
  const gate = withHeal(reader, readGate(shape, found.gate, [...path, 'gate']), found.gate, [...path, 'gate', 'heal']);
  for (const gap of rubricGaps(gate?.rubric ?? {}, guardList)) shape.report('rubric', [...path, 'gate', 'rubric', gap.key], gap.message, 'key');
  return {
    id,
    title: withKnownInputs(shape.text(found.title, [...path, 'title'], 'The title', longestTitle)?.trim() ?? id, reader.inputs),
    needs,
    tasks: (tasks ?? []).map((task, t) => readTask(reader, task, [...path, 'tasks', t], index, t)),
    guards: guardList,
    gate,
    ...(condition === undefined ? {} : { if: condition }),
    ...(env === undefined ? {} : { env }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(failFast === undefined ? {} : { failFast }),
    ...(maxParallel === undefined ? {} : { maxParallel }),
    ...(mode === undefined ? {} : { mode }),
    ...(until === undefined ? {} : { until: until.until }),
    ...(budget === undefined ? {} : { budget }),
  };
}

/** How the gate repairs itself. */
function withHeal(reader: FileReader, gate: GateDefinition | null, written: Json | undefined, path: YamlPath): GateDefinition | null {
  const heal = gate !== null && isJsonObject(written) ? readHeal(reader, written.heal, path) : undefined;
  return gate === null || heal === undefined ? gate : { ...gate, heal };
}

/** `parallelism` is short for what `max-parallel` and the mode say together. */
function readParallelism({ shape }: FileReader, found: { readonly [key: string]: Json | undefined }, path: YamlPath): { readonly mode?: PhaseDefinition['mode']; readonly maxParallel?: number } {
  const most = shape.integer(found['max-parallel'], [...path, 'max-parallel'], 'max-parallel', 1, maximumParallel);
  const { parallelism } = found;
  if (parallelism === undefined) return most === undefined ? {} : { maxParallel: most };
  const at = [...path, 'parallelism'];
  if (typeof parallelism === 'number') {
    if (found['max-parallel'] !== undefined) shape.report('phase', [...path, 'max-parallel'], 'Give parallelism or max-parallel, not both numbers.', 'key');
    const number = shape.integer(parallelism, at, 'parallelism', 1, maximumParallel);
    return number === undefined ? {} : { maxParallel: number };
  }
  const word = parallelisms.find((known) => known === parallelism);
  if (word === undefined) {
    shape.report('unknown-word', at, `parallelism is ${quoted(parallelism)}; it must be a number or one of ${parallelisms.join(', ')}.${typeof parallelism === 'string' ? didYouMean(parallelism, parallelisms) : ''}`);
    return {};
  }
  if (word === 'partial') return { mode: word, ...(most === undefined ? {} : { maxParallel: most }) };
  if (most !== undefined && most > 1) shape.report('phase', [...path, 'max-parallel'], `parallelism ${word} runs one task after the other; leave max-parallel out.`, 'key');
  return word === 'sequential' ? { maxParallel: 1 } : { mode: word, maxParallel: 1 };
}

function readGuards(reader: FileReader, value: Json | undefined, path: YamlPath): readonly GuardDefinition[] {
  const listed = (reader.shape.list(value, path, 'The list of guards') ?? []).map((guard, g) => readGuard(reader, guard, [...path, g]));
  const ids = new Set<string>();
  for (const [g, guard] of listed.entries()) {
    if (ids.has(guard.id)) reader.shape.report('duplicate-id', [...path, g, 'id'], `Two guards of this phase have the id "${guard.id}".`);
    ids.add(guard.id);
  }
  return listed;
}

function readGuard(reader: FileReader, value: Json, path: YamlPath): GuardDefinition {
  const { shape } = reader;
  const found = shape.mapping(value, path, 'A guard', ['id', 'uses', 'with'], ['uses']) ?? {};
  const uses = shape.oneOf(found.uses, [...path, 'uses'], 'uses of a guard', guardTypes.names()) ?? '';
  const id = shape.id(found.id, [...path, 'id'], 'The id of the guard') ?? (uses === '' ? reader.placeholder() : uses);
  const parameters = readParameters(shape, found.with, [...path, 'with']);
  if (uses !== '' && parameters) {
    for (const wrong of guardTypes.check(uses, parameters)) shape.report('parameter', [...path, 'with', ...wrong.path], parameterWords(wrong));
  }
  for (const template of templatesIn(parameters ?? {})) shape.report('expression', [...path, 'with', ...template.path], 'A guard examines every mission in the same way: it takes no templates. Let a task do what depends on values.');
  return { id, uses, with: parameters ?? {} };
}
