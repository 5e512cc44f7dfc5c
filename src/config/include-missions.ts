import { parseExpression } from '../core/expression/parse.ts';
import type { ParsedExpression } from '../core/expression/parse.ts';
import { isTemplate, parseTemplate } from '../core/expression/template.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Definition, TaskDefinition } from '../core/mission/definition.ts';

/** What a name inside the other mission is called in the one it becomes part of. */
interface Renaming {
  task(id: string): string;
  /** The task whose outputs are the inputs; null when it takes none. */
  readonly inputsAt: string | null;
}

/** Id of the task that holds the inputs of a mission that became part of another one. */
export function startOf(task: string): string {
  return `${task}-start`;
}

/**
 * The tasks that a task with `uses: mission:…` stands for. The first has the other mission's inputs as outputs (when it takes any, or
 * waits for a condition); then come its tasks, named `<task>-<id>`, after what they need and after the phases theirs comes
 * after; the last bears the id of the task itself, and its outputs are the mission's.
 */
export function includeMission(task: TaskDefinition, inner: Definition, values: JsonObject): readonly TaskDefinition[] {
  const start = startOf(task.id);
  const hasStart = Object.keys(values).length > 0 || task.if !== undefined;
  const renaming: Renaming = { task: (id) => `${task.id}-${id}`, inputsAt: hasStart ? start : null };
  const phaseTasks = new Map(inner.phases.map((phase) => [phase.id, phase.tasks]));
  const first: TaskDefinition = {
    ...plain(start, `${task.title}: begins`, task.needs),
    outputs: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, templateOf(value ?? null)])),
    ...(task.if === undefined ? {} : { if: task.if }),
  };
  const needed = new Set<string>();
  const tasks = inner.phases.flatMap((phase) => {
    const before = phase.needs.flatMap((id) => lastOf(phaseTasks.get(id) ?? []));
    return phase.tasks.map((own): TaskDefinition => {
      const needs = [...new Set([...own.needs, ...before])];
      for (const need of needs) needed.add(need);
      const outside = hasStart ? [start] : task.needs;
      const env = { ...task.env, ...renamed(inner.env ?? {}, renaming), ...renamed(phase.env ?? {}, renaming), ...renamed(own.env ?? {}, renaming) };
      return {
        ...renameTask(own, renaming),
        id: renaming.task(own.id),
        needs: needs.length === 0 ? outside : needs.map((id) => renaming.task(id)),
        ...(Object.keys(env).length === 0 ? {} : { env }),
      };
    });
  });
  const ends = inner.phases.flatMap((phase) => phase.tasks.filter(({ id }) => !needed.has(id)).map(({ id }) => renaming.task(id)));
  const last: TaskDefinition = { ...plain(task.id, task.title, ends), ...(inner.outputs === undefined ? {} : { outputs: renamed(inner.outputs, renaming) }) };
  return [...(hasStart ? [first] : []), ...tasks, last];
}

function plain(id: string, title: string, needs: readonly string[]): TaskDefinition {
  return { id, title, uses: 'noop', with: {}, needs, continueOnError: false, maxAttempts: 1, timeoutSeconds: 60 };
}

/** Tasks of a phase that no other task of it waits for: when they are done, all are. */
function lastOf(tasks: readonly TaskDefinition[]): readonly string[] {
  const needed = new Set(tasks.flatMap((task) => task.needs));
  return tasks.map(({ id }) => id).filter((id) => !needed.has(id));
}

/** A value as a template that gives it back with its type; templates in its texts are evaluated with it. */
function templateOf(value: Json): string {
  if (typeof value === 'string' && !isTemplate(value)) return value;
  return `\${{ ${expressionOf(value)} }}`;
}

function expressionOf(value: Json): string {
  if (typeof value === 'string') return isTemplate(value) ? expressionOfText(value) : literal(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(expressionOf).join(', ')}]`;
  if (isJsonObject(value)) return `{${Object.entries(value).map(([key, item]) => `${literal(key)}: ${expressionOf(item ?? null)}`).join(', ')}}`;
  return JSON.stringify(value);
}

function expressionOfText(text: string): string {
  const parsed = parseTemplate(text);
  if (!parsed.ok) return literal(text);
  const { parts, single } = parsed.value;
  return single ? `(${single.source.trim()})` : `join([${parts.map((part) => (typeof part === 'string' ? literal(part) : `(${part.source.trim()})`)).join(', ')}], "")`;
}

function literal(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
}

function renameTask(task: TaskDefinition, renaming: Renaming): TaskDefinition {
  const { strategy, until, compensate } = task;
  return {
    ...task,
    title: renamedText(task.title, renaming),
    with: renamed(task.with, renaming),
    ...(task.if === undefined ? {} : { if: renamedExpression(task.if, renaming) }),
    ...(task.outputs === undefined ? {} : { outputs: renamed(task.outputs, renaming) }),
    ...(until === undefined ? {} : { until: { ...until, condition: renamedExpression(until.condition, renaming) } }),
    ...(compensate === undefined ? {} : { compensate: { ...compensate, with: renamed(compensate.with, renaming) } }),
    ...(strategy === undefined
      ? {}
      : {
          strategy: {
            ...strategy,
            over: 'forEach' in strategy.over ? { forEach: renamedExpression(strategy.over.forEach, renaming) } : strategy.over,
            collect: typeof strategy.collect === 'object' ? { expression: renamedExpression(strategy.collect.expression, renaming) } : strategy.collect,
          },
        }),
  };
}

function renamed<T extends Json>(value: T, renaming: Renaming): T {
  const walk = (part: Json): Json => {
    if (typeof part === 'string') return renamedText(part, renaming);
    if (Array.isArray(part)) return (part as readonly Json[]).map(walk);
    if (isJsonObject(part)) return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item ?? null)]));
    return part;
  };
  return walk(value) as T;
}

/** A text with templates. One that cannot be read has been reported where it stands, and stays as it is. */
function renamedText(text: string, renaming: Renaming): string {
  if (!isTemplate(text)) return text;
  const parsed = parseTemplate(text);
  if (!parsed.ok) return text;
  return withEdits(text, parsed.value.parts.flatMap((part) => (typeof part === 'string' ? [] : editsOf(part, renaming))));
}

function renamedExpression(text: string, renaming: Renaming): string {
  const parsed = parseExpression(text);
  return parsed.ok ? withEdits(text, editsOf(parsed.value, renaming)) : text;
}

interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

function editsOf({ references, offset }: ParsedExpression, renaming: Renaming): readonly Edit[] {
  return references.flatMap((reference): Edit[] => {
    if (reference.root === 'inputs' && renaming.inputsAt !== null) return [{ offset: offset + reference.offset, length: 'inputs'.length, text: `tasks.${renaming.inputsAt}.outputs` }];
    const [id] = reference.path;
    if (reference.root !== 'tasks' || !id) return [];
    return [{ offset: offset + id.offset, length: id.length, text: id.quoted ? JSON.stringify(renaming.task(id.name)) : renaming.task(id.name) }];
  });
}

function withEdits(text: string, edits: readonly Edit[]): string {
  let made = text;
  for (const { offset, length, text: instead } of edits.toSorted((a, b) => b.offset - a.offset)) made = made.slice(0, offset) + instead + made.slice(offset + length);
  return made;
}
