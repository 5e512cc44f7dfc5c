import type { Json, JsonObject } from '../kit/json.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import type { Definition, GuardDefinition, MissionSettings, PhaseDefinition, Problem, TaskDefinition } from '../core/mission/definition.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { checkReferences } from './check-references.ts';
import { ProblemList, quoted } from './problems.ts';
import type { Position } from './problems.ts';
import { readGate } from './read-gate.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlOptions, YamlPath } from './read-yaml.ts';
import { Shape } from './shape.ts';
import type { StepTypes } from './step-types.ts';

export const missionKeys = ['$schema', 'version', 'name', 'description', 'settings', 'phases'] as const;
const settingKeys = ['max-parallel', 'fail-fast', 'merge'];
const phaseKeys = ['id', 'title', 'needs', 'tasks', 'guards', 'gate'];
const taskKeys = ['id', 'title', 'uses', 'with', 'needs', 'continue-on-error', 'retry', 'timeout-minutes', 'timeout-seconds'];

/** Guards the engine runs; their parameters are checked here because they are not step types. */
const guardTypes = ['command', 'diff'];
const mergeWays = ['none', 'merge', 'squash', 'rebase'] as const;

/** Longest title and prompt-free text, in characters: GitHub's limit for an issue title. */
export const longestTitle = 256;
const longestDescription = 65_536;
const longestTime = 86_400;

export interface ReadOptions {
  readonly stepTypes: StepTypes;
}

/**
 * Reads a mission file (`config/schemas/mission.v1.schema.json` says the same in JSON Schema). Either a complete definition,
 * every default filled in, or every problem in it with its place.
 */
export function readMissionFile(source: { file: string; text: string }, options: ReadOptions & { yaml?: YamlOptions }): Result<Definition, readonly Problem[]> {
  const yaml = readYaml(source.file, source.text, options.yaml);
  if (!yaml.ok) return yaml;
  const problems = new ProblemList(source.file);
  const shape = new Shape(yaml.value, problems);
  const reader = new MissionReader(shape, options.stepTypes);
  const definition = reader.mission(yaml.value.value);
  const locate = yaml.value.locate;
  if (definition) {
    checkReferences(
      definition,
      {
        phase: (p) => locate(['phases', p, 'id']),
        phaseNeed: (p, n): Position => locate(['phases', p, 'needs', n]),
        task: (p, t) => locate(['phases', p, 'tasks', t, 'id']),
        taskNeed: (p, t, n) => locate(['phases', p, 'tasks', t, 'needs', n]),
      },
      problems,
    );
  }
  if (definition && problems.isEmpty) return ok(definition);
  return err(problems.list());
}

class MissionReader {
  readonly #shape: Shape;
  readonly #stepTypes: StepTypes;
  #unnamed = 0;

  constructor(shape: Shape, stepTypes: StepTypes) {
    this.#shape = shape;
    this.#stepTypes = stepTypes;
  }

  mission(value: Json): Definition | undefined {
    const shape = this.#shape;
    const root = shape.mapping(value, [], 'A mission', missionKeys, ['version', 'name', 'phases']);
    if (!root) return undefined;
    if (root.version !== undefined && root.version !== 1) {
      shape.report('version', ['version'], `The version is ${quoted(root.version)}; this program reads version 1.`);
    }
    shape.text(root.$schema, ['$schema'], 'The schema address', 2048);
    const name = shape.text(root.name, ['name'], 'The name', longestTitle) ?? '';
    const description = root.description === '' ? '' : (shape.text(root.description, ['description'], 'The description', longestDescription) ?? '');
    const settings = this.#settings(root.settings);
    const listed = shape.list(root.phases, ['phases'], 'The list of phases');
    if (listed?.length === 0) shape.report('empty', ['phases'], 'A mission needs at least one phase.');
    const phases: PhaseDefinition[] = [];
    for (const [index, item] of (listed ?? []).entries()) phases.push(this.#phase(item, index, phases.at(-1)?.id));
    return { name: name.trim(), description, settings, phases };
  }

  #settings(value: Json | undefined): MissionSettings {
    const defaults = definitionDefaults.settings;
    const found = value === undefined ? undefined : this.#shape.mapping(value, ['settings'], 'The settings', settingKeys);
    if (!found) return defaults;
    return {
      maxParallel: this.#shape.integer(found['max-parallel'], ['settings', 'max-parallel'], 'max-parallel', 1, 100) ?? defaults.maxParallel,
      failFast: this.#shape.boolean(found['fail-fast'], ['settings', 'fail-fast'], 'fail-fast') ?? defaults.failFast,
      merge: this.#shape.oneOf(found.merge, ['settings', 'merge'], 'merge', mergeWays) ?? defaults.merge,
    };
  }

  #phase(value: Json, index: number, previous: string | undefined): PhaseDefinition {
    const shape = this.#shape;
    const path = ['phases', index];
    const found = shape.mapping(value, path, 'A phase', phaseKeys, ['id', 'tasks']) ?? {};
    const id = shape.id(found.id, [...path, 'id'], 'The id of the phase') ?? this.#placeholder();
    const needs = this.#needs(found.needs, [...path, 'needs']) ?? (previous === undefined ? [] : [previous]);
    const tasks = shape.list(found.tasks, [...path, 'tasks'], 'The list of tasks');
    if (tasks?.length === 0) shape.report('empty', [...path, 'tasks'], 'A phase needs at least one task.');
    const guards = (shape.list(found.guards, [...path, 'guards'], 'The list of guards') ?? []).map((guard, g) => this.#guard(guard, [...path, 'guards', g]));
    const ids = new Set<string>();
    for (const [g, guard] of guards.entries()) {
      if (ids.has(guard.id)) shape.report('duplicate-id', [...path, 'guards', g, 'id'], `Two guards of this phase have the id "${guard.id}".`);
      ids.add(guard.id);
    }
    return {
      id,
      title: shape.text(found.title, [...path, 'title'], 'The title', longestTitle)?.trim() ?? id,
      needs,
      tasks: (tasks ?? []).map((task, t) => this.#task(task, [...path, 'tasks', t])),
      guards,
      gate: readGate(shape, found.gate, [...path, 'gate']),
    };
  }

  #task(value: Json, path: YamlPath): TaskDefinition {
    const shape = this.#shape;
    const found = shape.mapping(value, path, 'A task', taskKeys, ['id', 'uses']) ?? {};
    const id = shape.id(found.id, [...path, 'id'], 'The id of the task') ?? this.#placeholder();
    const parameters = this.#parameters(found.with, [...path, 'with']);
    const retry = found.retry === undefined ? undefined : shape.mapping(found.retry, [...path, 'retry'], 'retry', ['max-attempts']);
    return {
      id,
      title: shape.text(found.title, [...path, 'title'], 'The title', longestTitle)?.trim() ?? id,
      uses: this.#uses(found, path, parameters),
      with: parameters ?? {},
      needs: this.#needs(found.needs, [...path, 'needs']) ?? [],
      continueOnError: shape.boolean(found['continue-on-error'], [...path, 'continue-on-error'], 'continue-on-error') ?? false,
      maxAttempts: shape.integer(retry?.['max-attempts'], [...path, 'retry', 'max-attempts'], 'max-attempts', 1, 10) ?? definitionDefaults.maxAttempts,
      timeoutSeconds: this.#timeout(found, path),
    };
  }

  #uses(task: JsonObject, path: YamlPath, parameters: JsonObject | undefined): string {
    const names = this.#stepTypes.names();
    const uses = this.#shape.text(task.uses, [...path, 'uses'], 'uses', longestTitle);
    if (uses === undefined) return '';
    if (!names.includes(uses)) {
      this.#shape.report('unknown-step-type', [...path, 'uses'], `There is no step type ${quoted(uses)}.${didYouMean(uses, names)} Known: ${names.join(', ')}.`);
    } else if (parameters) {
      for (const wrong of this.#stepTypes.check(uses, parameters)) this.#shape.report('parameter', [...path, 'with', ...wrong.path], wrong.message);
    }
    return uses;
  }

  #guard(value: Json, path: YamlPath): GuardDefinition {
    const shape = this.#shape;
    const found = shape.mapping(value, path, 'A guard', ['id', 'uses', 'with'], ['uses']) ?? {};
    const uses = shape.oneOf(found.uses, [...path, 'uses'], 'uses of a guard', guardTypes) ?? '';
    const id = shape.id(found.id, [...path, 'id'], 'The id of the guard') ?? (uses === '' ? this.#placeholder() : uses);
    const parameters = this.#parameters(found.with, [...path, 'with']);
    if (uses === 'command' && parameters) {
      for (const wrong of this.#stepTypes.check('command', parameters)) shape.report('parameter', [...path, 'with', ...wrong.path], wrong.message);
    }
    if (uses === 'diff' && parameters) shape.mapping(parameters, [...path, 'with'], 'with of a diff guard', []);
    return { id, uses, with: parameters ?? {} };
  }

  /** Undefined when it is there and no mapping: then its content is not checked further. */
  #parameters(value: Json | undefined, path: YamlPath): JsonObject | undefined {
    if (value === undefined) return {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    this.#shape.report('wrong-type', path, 'with must be a mapping of parameters.');
    return undefined;
  }

  /** A list of ids. Ids of any spelling are kept: one that is not kebab-case leads nowhere and is reported as such. */
  #needs(value: Json | undefined, path: YamlPath): readonly string[] | undefined {
    const listed = this.#shape.list(value, path, 'needs');
    const ids = listed?.map((item, index) => this.#shape.text(item, [...path, index], 'An entry of needs', longestTitle));
    return ids?.filter((id) => id !== undefined);
  }

  #timeout(task: JsonObject, path: YamlPath): number {
    const minutes = this.#shape.integer(task['timeout-minutes'], [...path, 'timeout-minutes'], 'timeout-minutes', 1, longestTime / 60);
    const seconds = this.#shape.integer(task['timeout-seconds'], [...path, 'timeout-seconds'], 'timeout-seconds', 1, longestTime);
    if (task['timeout-minutes'] !== undefined && task['timeout-seconds'] !== undefined) {
      this.#shape.report('two-timeouts', [...path, 'timeout-seconds'], 'Give timeout-minutes or timeout-seconds, not both.', 'key');
    }
    return seconds ?? (minutes === undefined ? definitionDefaults.timeoutSeconds : minutes * 60);
  }

  /** An id that nothing can refer to, for a part whose own id is missing or wrong (and has been reported). */
  #placeholder(): string {
    this.#unnamed += 1;
    return `?${this.#unnamed}`;
  }
}
