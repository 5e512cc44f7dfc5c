import type { Definition, Problem } from '../../core/mission/definition.ts';
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { didYouMean } from '../../kit/nearest-word.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import { ProblemList, quoted } from '../problems.ts';
import { readMissionFile } from '../read-mission-file.ts';
import type { ReadOptions } from '../read-options.ts';
import { readYaml, type YamlPath, type YamlText } from '../read-yaml.ts';
import { Shape } from '../shape.ts';
import { parameterWords } from '../step-types.ts';
import { IdMaker } from '../slug.ts';
import type { MissionDocument, TaskDocument } from './mission-document.ts';
import { withVariables } from './source-variables.ts';
import { counterpartOf, sourceStepName, sourceStepTypes } from './step-counterparts.ts';

export interface SourceFormatOptions extends ReadOptions {
  /** What `{{ timestamp }}` is. */
  readonly now: Date;
}

const topKeys = ['version', 'name', 'description', 'steps', 'config'];
const stepKeys = ['id', 'name', 'step_type', 'depends_on', 'timeout_seconds', 'continue_on_error', 'parameters'];
const configKeys = ['max_parallel_steps', 'timeout_seconds', 'retry_count', 'fail_fast', 'variables'];
const builtIns = ['timestamp', 'date', 'mission_name', 'step_id'];

const defaultTimeoutSeconds = 300;
const defaultMissionSeconds = 3600;

/** Whether a parsed file is in the source format rather than a mission of ours. */
export function looksLikeSourceFormat(value: Json): boolean {
  return isJsonObject(value) && Array.isArray(value['steps']) && value['phases'] === undefined;
}

export interface ImportedSource {
  readonly definition: Definition;
  readonly document: MissionDocument;
}

/**
 * Reads a mission file in the source format: steps with `step_type` (either spelling), `parameters`, `{{ variables }}` and `config`.
 * What has no counterpart here is refused by name, all of it at once, before anything runs.
 */
export function readSourceFormat(source: { readonly file: string; readonly text: string }, options: SourceFormatOptions): Result<ImportedSource, readonly Problem[]> {
  const yaml = readYaml(source.file, source.text);
  if (!yaml.ok) return yaml;
  const problems = new ProblemList(source.file);
  const document = new SourceReader(yaml.value, problems, options).mission(normalised(yaml.value.value));
  if (!document) return err(problems.list());
  const read = readMissionFile({ file: source.file, text: JSON.stringify(document.mission) }, options);
  if (!problems.isEmpty || !read.ok) {
    // References were checked above; what is left (a circle) is about the steps named in it, and told with everything else.
    const left = read.ok ? [] : read.error.filter(({ code }) => problems.isEmpty || code === 'cycle');
    for (const problem of left) problems.add(problem.code, yaml.value.locate(document.placeOf(problem.message)), problem.message);
    return err(problems.list());
  }
  return ok({ definition: read.value, document: document.mission });
}

/** `stepType` and `step_type` are one key; parameters keep their names. */
function normalised(value: Json): Json {
  const snake = (object: JsonObject): JsonObject => Object.fromEntries(Object.entries(object).map(([key, one]) => [sourceStepName(key), one]));
  if (!isJsonObject(value)) return value;
  const top = snake(value);
  const { steps, config } = top;
  return { ...top, ...(Array.isArray(steps) ? { steps: (steps as readonly Json[]).map((step) => (isJsonObject(step) ? snake(step) : step)) } : {}), ...(isJsonObject(config) ? { config: snake(config) } : {}) };
}

interface ReadDocument {
  readonly mission: MissionDocument;
  /** The step that a message is about. */
  placeOf(message: string): YamlPath;
}

class SourceReader {
  readonly #shape: Shape;
  readonly #options: SourceFormatOptions;
  readonly #written: Json;

  constructor(yaml: YamlText, problems: ProblemList, options: SourceFormatOptions) {
    this.#written = yaml.value;
    this.#shape = new Shape({ ...yaml, locate: (path, part) => yaml.locate(this.#asWritten(path), part) }, problems);
    this.#options = options;
  }

  /** A path of the normalised value as it stands in the text: `stepType` where that was written. */
  #asWritten(path: YamlPath): YamlPath {
    let value: Json | undefined = this.#written;
    return path.map((part) => {
      const key: string | number = typeof part === 'string' && isJsonObject(value) && !(part in value) ? (Object.keys(value).find((one) => sourceStepName(one) === part) ?? part) : part;
      value = Array.isArray(value) ? (value as readonly Json[])[Number(key)] : isJsonObject(value) ? value[key] : undefined;
      return key;
    });
  }

  mission(value: Json): ReadDocument | null {
    const shape = this.#shape;
    const root = shape.mapping(value, [], 'A mission of the source format', topKeys, ['version', 'name', 'steps']);
    if (!root) return null;
    if (root['version'] !== undefined && !['1.0', '1', 1].includes(root['version'] as string)) shape.report('version', ['version'], `The version is ${quoted(root['version'])}; version "1.0" of the source format is read.`);
    const name = shape.text(root['name'], ['name'], 'The name', 255) ?? '';
    const description = root['description'] === undefined || root['description'] === '' || root['description'] === null ? '' : (shape.text(root['description'], ['description'], 'The description', 1000) ?? '');
    const config = root['config'] === undefined || root['config'] === null ? {} : (shape.mapping(root['config'], ['config'], 'config', configKeys) ?? {});
    const number = (key: string, low: number, high: number) => shape.integer(config[key], ['config', key], key, low, high);
    const retries = number('retry_count', 0, 10) ?? 0;
    const maxParallel = number('max_parallel_steps', 1, 100) ?? 4;
    const failFast = shape.boolean(config['fail_fast'], ['config', 'fail_fast'], 'fail_fast');
    const timeoutSeconds = number('timeout_seconds', 1, 86_400 * 30) ?? defaultMissionSeconds;
    const steps = shape.list(root['steps'], ['steps'], 'The list of steps') ?? [];
    if (steps.length === 0) shape.report('empty', ['steps'], 'A mission needs at least one step.');
    const lookup = this.#variables(config, name);
    const converted = this.#steps(steps, lookup, retries);
    const settings = { ...(maxParallel === 4 ? {} : { 'max-parallel': maxParallel }), ...(failFast === undefined || failFast ? {} : { 'fail-fast': false }) };
    return {
      mission: { version: 1, name, ...(description === '' ? {} : { description }), settings, 'timeout-seconds': timeoutSeconds, phases: [{ id: 'steps', title: 'Steps', gate: 'none', tasks: converted.tasks }] },
      placeOf: (message) => ['steps', converted.stepOf(message)],
    };
  }

  #variables(config: JsonObject, missionName: string): (name: string, stepId: string) => Json | undefined {
    const declared = config['variables'] === undefined || config['variables'] === null ? {} : config['variables'];
    const variables = isJsonObject(declared) ? declared : {};
    if (!isJsonObject(declared)) this.#shape.report('wrong-type', ['config', 'variables'], 'variables must be a mapping of names and values.');
    for (const [name, value] of Object.entries(variables)) {
      if (typeof value === 'object' && value !== null) this.#shape.report('wrong-type', ['config', 'variables', name], `The variable ${quoted(name)} must be text, a number, true or false.`);
    }
    const { now } = this.#options;
    return (name, stepId) => {
      const plainName = name.replace(/^(?:config\.)?(?:variables|vars)\./, '');
      if (variables[plainName] !== undefined) return variables[plainName];
      const key = name.startsWith('config.') ? name.slice('config.'.length) : null;
      if (key !== null && key !== 'variables' && config[key] !== undefined) return config[key];
      return { timestamp: now.toISOString(), date: now.toISOString().slice(0, 10), mission_name: missionName, step_id: stepId }[name];
    };
  }

  #steps(steps: readonly Json[], lookup: (name: string, stepId: string) => Json | undefined, retries: number): { readonly tasks: readonly TaskDocument[]; stepOf(message: string): number } {
    const shape = this.#shape;
    const read = steps.map((step, index) => shape.mapping(step, ['steps', index], 'A step', stepKeys, ['id', 'step_type']) ?? {});
    const ids = new Map<string, { readonly first: string; readonly last: string; readonly index: number }>();
    const maker = new IdMaker(['trunk'], 'step');
    const conversions = read.map((step, index) => {
      const written = typeof step['id'] === 'number' ? String(step['id']) : (shape.text(step['id'], ['steps', index, 'id'], 'The id of the step', 255) ?? '');
      const id = maker.make(written);
      const parts = this.#parts(step, index, id, (name) => lookup(name, written));
      if (written !== '' && ids.has(written)) shape.report('duplicate-id', ['steps', index, 'id'], `Two steps have the id ${quoted(written)}; give one of them another id.`);
      const first = parts.length > 1 ? `${id}-1` : id;
      if (!ids.has(written)) ids.set(written, { first, last: parts.length > 1 ? `${id}-${parts.length}` : id, index });
      return { id, written, parts };
    });
    const tasks = conversions.flatMap(({ id, written, parts }, index) => {
      const step = read[index]!;
      const needs = (shape.list(step['depends_on'] ?? undefined, ['steps', index, 'depends_on'], 'depends_on') ?? []).flatMap((need, n) => {
        const name = typeof need === 'string' ? need : JSON.stringify(need);
        const found = ids.get(name);
        if (!found) shape.report('unknown-dependency', ['steps', index, 'depends_on', n], `Step ${quoted(written)} depends on ${quoted(need)}, which does not exist.${didYouMean(name, [...ids.keys()])}`);
        return found ? [found.last] : [];
      });
      const title = withVariables(shape.text(step['name'] ?? undefined, ['steps', index, 'name'], 'The name of the step', 255) ?? written, (name) => lookup(name, written), (name) => this.#unknown(name, ['steps', index, 'name']));
      const timeout = shape.integer(step['timeout_seconds'] ?? undefined, ['steps', index, 'timeout_seconds'], 'timeout_seconds', 1, 86_400) ?? defaultTimeoutSeconds;
      const goesOn = shape.boolean(step['continue_on_error'] ?? undefined, ['steps', index, 'continue_on_error'], 'continue_on_error') ?? false;
      return parts.map((part, p): TaskDocument => ({
        id: parts.length > 1 ? `${id}-${p + 1}` : id,
        title: `${typeof title === 'string' ? title : JSON.stringify(title)}${parts.length > 1 ? ` (${p + 1} of ${parts.length})` : ''}`.slice(0, 256),
        uses: part.uses,
        ...(Object.keys(part.with).length > 0 ? { with: part.with } : {}),
        ...(p > 0 ? { needs: [`${id}-${p}`] } : needs.length > 0 ? { needs: [...new Set(needs)] } : {}),
        ...(goesOn ? { 'continue-on-error': true } : {}),
        ...(retries > 0 ? { retry: { 'max-attempts': retries + 1 } } : {}),
        'timeout-seconds': timeout,
      }));
    });
    const stepOf = (message: string): number => [...ids.values()].find(({ first }) => new RegExp(`\\b${first}\\b`).test(message))?.index ?? 0;
    return { tasks, stepOf };
  }

  /** A step as one task, or a chain as several, one after the other. What is wrong has been reported. */
  #parts(step: JsonObject, index: number, id: string, lookup: (name: string) => Json | undefined): readonly { readonly uses: string; readonly with: JsonObject }[] {
    const path = ['steps', index];
    const type = this.#shape.text(step['step_type'], [...path, 'step_type'], 'step_type', 100);
    const given = step['parameters'] ?? {};
    if (!isJsonObject(given)) {
      this.#shape.report('wrong-type', [...path, 'parameters'], 'parameters must be a mapping.');
      return [nothing];
    }
    if (type === undefined) return [nothing];
    const parameters = withVariables(given, lookup, (name, inside) => this.#unknown(name, [...path, 'parameters', ...inside])) as JsonObject;
    if (sourceStepName(type) === 'chain') return this.#chain(parameters, [...path, 'parameters']);
    return [this.#part(type, parameters, [...path, 'step_type'], [...path, 'parameters'], id)];
  }

  #chain(parameters: JsonObject, path: YamlPath): readonly { readonly uses: string; readonly with: JsonObject }[] {
    const { type = 'sequential', prompt, steps, ...rest } = parameters;
    if (typeof type !== 'string' || type.toLowerCase() !== 'sequential') this.#shape.report('no-counterpart', [...path, 'type'], `A chain of type ${quoted(type)} has no counterpart here; "sequential" has.`);
    for (const name of Object.keys(rest)) this.#shape.report('no-counterpart', [...path, name], `The parameter ${quoted(name)} of a chain has no counterpart here.`, 'key');
    if (steps === undefined) return [this.#part('llm', { prompt: prompt ?? null }, path, path, 'chain')];
    if (!Array.isArray(steps) || steps.length === 0) {
      this.#shape.report('wrong-type', [...path, 'steps'], 'The steps of a chain must be a list.');
      return [nothing];
    }
    return (steps as readonly Json[]).map((step, index) => {
      const inside = [...path, 'steps', index];
      if (typeof step === 'string') return this.#part('llm', { prompt: step }, inside, inside, 'chain');
      const part = isJsonObject(step) ? step : {};
      const name = part['step_type'] ?? part['stepType'];
      if (typeof name !== 'string') return this.#part('llm', part, inside, inside, 'chain');
      return this.#part(name, isJsonObject(part['parameters']) ? part['parameters'] : {}, [...inside, 'step_type'], [...inside, 'parameters'], 'chain');
    });
  }

  #part(type: string, parameters: JsonObject, typePath: YamlPath, path: YamlPath, id: string): { readonly uses: string; readonly with: JsonObject } {
    const shape = this.#shape;
    const name = sourceStepName(type);
    const made = counterpartOf(name, parameters);
    if (made === null) {
      shape.report('unknown-step-type', typePath, `The source format has no step type ${quoted(type)}.${didYouMean(name, sourceStepTypes)} Known: ${sourceStepTypes.join(', ')}.`);
      return nothing;
    }
    if ('refused' in made) {
      shape.report('no-counterpart', typePath, `The step type ${quoted(type)} of step ${quoted(id)} is refused: ${made.refused}.`);
      return nothing;
    }
    for (const unknown of made.unknown) shape.report('no-counterpart', [...path, unknown], `The parameter ${quoted(unknown)} of ${quoted(type)} has no counterpart here (the step becomes "${made.uses}").`, 'key');
    for (const wrong of this.#options.stepTypes.check(made.uses, made.with)) shape.report('parameter', path, `The step becomes "${made.uses}", and ${parameterWords(wrong)}`);
    return made;
  }

  #unknown(name: string, path: YamlPath): void {
    this.#shape.report('unknown-variable', path, `There is no variable ${quoted(name)}.${didYouMean(name, builtIns)} Declare it under config.variables, or use one of ${builtIns.join(', ')}.`);
  }
}

const nothing = { uses: 'noop', with: {} } as const;
