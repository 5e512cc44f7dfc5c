import { posix } from 'node:path';

import { evaluateTemplate, isTemplate, parseTemplate, templatesIn } from '../core/expression/template.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Definition, TaskDefinition } from '../core/mission/definition.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkReferences, maximumTasks } from './check-references.ts';
import { includeMission, startOf } from './include-missions.ts';
import { inputValues } from './inputs.ts';
import type { DeclaredInput } from './inputs.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { readMission } from './read-mission.ts';
import type { MissionReading } from './read-mission.ts';
import type { ReadOptions } from './read-options.ts';
import type { KnownInputs } from './read-strategy.ts';
import { missionPrefix } from './read-task.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlOptions, YamlPath, YamlText } from './read-yaml.ts';
import { longestId, Shape } from './shape.ts';

/** Missions inside each other. */
export const deepestMission = 10;
/** Missions that one mission includes, those of included ones counted. */
const mostMissions = 1_000;
const missionFolder = '.github/missions';

interface Inner {
  readonly reading: MissionReading;
  readonly values: JsonObject;
}

/** Reads one mission file and those it includes. */
export class MissionLoader {
  readonly #options: ReadOptions;
  readonly #problems: ProblemList;
  readonly #texts = new Map<string, YamlText | null>();
  /** Files whose problems have been told: included twice, they are told once. */
  readonly #wrong = new Set<string>();
  #missions = 0;
  #tasks = 0;

  constructor(options: ReadOptions, problems: ProblemList) {
    this.#options = options;
    this.#problems = problems;
  }

  load(source: { file: string; text: string }, inputs: (declared: readonly DeclaredInput[]) => KnownInputs, yaml?: YamlOptions): MissionReading | undefined {
    const read = readYaml(source.file, source.text, yaml);
    if (!read.ok) {
      this.#problems.take(read.error);
      return undefined;
    }
    return this.#read(source.file, read.value, inputs, []);
  }

  #read(file: string, yaml: YamlText, inputs: (declared: readonly DeclaredInput[]) => KnownInputs, outer: readonly string[]): MissionReading | undefined {
    const problems = this.#problems.of(file);
    const shape = new Shape(yaml, problems);
    const reading = readMission(shape, this.#options.stepTypes, yaml.value, inputs);
    if (!reading) return undefined;
    if (outer.length > 0) refuseOutside(shape, yaml.value);
    const { locate } = yaml;
    checkReferences(
      reading.definition,
      {
        phase: (p) => locate(['phases', p, 'id']),
        phaseNeed: (p, n) => locate(['phases', p, 'needs', n]),
        task: (p, t) => locate(['phases', p, 'tasks', t, 'id']),
        taskNeed: (p, t, n) => locate(['phases', p, 'tasks', t, 'needs', n]),
      },
      problems,
    );
    this.#tasks += reading.definition.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
    if (this.#tasks > maximumTasks) {
      shape.report('out-of-range', ['phases'], `A mission has at most ${maximumTasks} tasks, those of missions it includes counted.`);
      return undefined;
    }
    const inner = this.#included(file, reading, shape, outer);
    checkExpressions(reading, shape, problems, (task) => outputsOf(task, inner));
    return inner.size === 0 ? reading : { ...reading, definition: this.#joined(reading.definition, inner, shape) };
  }

  /** What the tasks with `uses: mission:…` stand for, by id. */
  #included(file: string, reading: MissionReading, shape: Shape, outer: readonly string[]): ReadonlyMap<string, Inner> {
    const found = new Map<string, Inner>();
    const { inputs = {} } = reading.definition;
    // While a required input is missing, which is told of once, nothing is worked out from inputs.
    const known = reading.declared.some((input) => input.required && (inputs[input.name] ?? null) === null) ? null : inputs;
    const inputsAt = new Map(reading.sites.flatMap(({ kind, phase, task, path }) => (kind === 'with' ? [[`${phase} ${task}`, path] as const] : [])));
    for (const [p, phase] of reading.definition.phases.entries()) {
      for (const [t, task] of phase.tasks.entries()) {
        if (!task.uses.startsWith(missionPrefix)) continue;
        const path = ['phases', p, 'tasks', t];
        const inner = this.#include(file, task, path, inputsAt.get(`${p} ${t}`) ?? [...path, 'with'], known, shape, outer);
        if (inner) found.set(task.id, inner);
      }
    }
    return found;
  }

  #include(file: string, task: TaskDefinition, path: YamlPath, inputsPath: YamlPath, known: KnownInputs, shape: Shape, outer: readonly string[]): Inner | undefined {
    const at = [...path, 'uses'];
    const target = pathOf(file, task.uses.slice(missionPrefix.length));
    if (target === null) {
      shape.report('bad-name', at, `${quoted(task.uses)} names no mission file: write "mission:./other.yml", a file of the repository beside this one.`);
      return undefined;
    }
    const open = [...outer, folded(file)];
    if (open.includes(target)) {
      shape.report('cycle', at, `Missions include each other in a circle: ${[...open.slice(open.indexOf(target)), target].join(' → ')}.`);
      return undefined;
    }
    this.#missions += 1;
    if (open.length >= deepestMission || this.#missions > mostMissions) {
      shape.report('too-deep', at, open.length >= deepestMission ? `Missions are included in each other more than ${deepestMission} levels deep.` : `More than ${mostMissions} missions are included.`);
      return undefined;
    }
    const yaml = this.#textOf(target, at, shape);
    if (!yaml) return undefined;
    const before = this.#problems.size;
    let values: JsonObject = {};
    const reading = this.#wrong.has(target) ? undefined : this.#read(target, yaml, (declared) => {
      values = this.#valuesFor(declared, task, inputsPath, shape.placeOf(path), known, shape);
      return Object.fromEntries(Object.entries(values).filter(([, value]) => templatesIn(value ?? null).length === 0));
    }, open);
    if (this.#problems.size === before) return reading && { reading, values };
    // What it gives cannot be told: nothing is said about who uses it.
    this.#wrong.add(target);
    return undefined;
  }

  #textOf(path: string, at: YamlPath, shape: Shape): YamlText | null {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.#options.readFile?.(path) ?? null;
    if (text === null) {
      shape.report('file-missing', at, `There is no file ${path}.`);
      return null;
    }
    const yaml = readYaml(path, text);
    if (!yaml.ok) {
      this.#problems.of(path);
      this.#problems.take(yaml.error);
    }
    this.#texts.set(path, yaml.ok ? yaml.value : null);
    return yaml.ok ? yaml.value : null;
  }

  /** `with:` as inputs of the other mission. What holds templates is known when it runs; those over known inputs are worked out here. */
  #valuesFor(declared: readonly DeclaredInput[], task: TaskDefinition, path: YamlPath, missing: Position, known: KnownInputs, shape: Shape): JsonObject {
    const given = new Map<string, { value: Json; place: { line: number; column: number } }>();
    const later = new Map<string, Json>();
    for (const [name, written] of Object.entries(task.with)) {
      const value = workedOut(written ?? null, known);
      if (templatesIn(value).length > 0 && declared.some((input) => input.name === name)) later.set(name, value);
      else given.set(name, { value, place: shape.placeOf([...path, name], 'key') });
    }
    const rest = declared.filter(({ name }) => !later.has(name));
    const placed = { file: shape.file, values: given, missing };
    return { ...inputValues(rest, placed, this.#problems), ...Object.fromEntries(later) };
  }

  #joined(definition: Definition, inner: ReadonlyMap<string, Inner>, shape: Shape): Definition {
    const ids = new Set(definition.phases.flatMap((phase) => phase.tasks.map(({ id }) => id)));
    const phases = definition.phases.map((phase, p) => ({
      ...phase,
      tasks: phase.tasks.flatMap((task, t) => {
        const found = inner.get(task.id);
        if (!found) return [task];
        const included = includeMission(task, found.reading.definition, found.values);
        for (const { id } of included) {
          if (id === task.id) continue;
          const at = ['phases', p, 'tasks', t, 'uses'];
          if (ids.has(id)) shape.report('duplicate-id', at, `The mission brings a task along that is called "${id}" here, and there is one of that name.${id === startOf(task.id) ? ' That name is kept for the beginning of an included mission.' : ''} Give this task another id.`);
          if (id.length > longestId) shape.report('bad-id', at, `The id "${id}" of an included task has more than ${longestId} characters. Give this task a shorter id.`);
          ids.add(id);
        }
        return included;
      }),
    }));
    return { ...definition, phases };
  }
}

/** Templates over nothing but inputs that are known. */
function workedOut(value: Json, known: KnownInputs): Json {
  if (typeof value !== 'string' || known === null || !isTemplate(value)) return value;
  const parsed = parseTemplate(value);
  const only = parsed.ok && parsed.value.parts.every((part) => typeof part === 'string' || (part.references.every(({ root }) => root === 'inputs') && part.functions.size === 0));
  const made = only ? evaluateTemplate(value, { inputs: known }) : null;
  // A text that looks like a template now was written as "$${{".
  return made?.ok && templatesIn(made.value).length === 0 ? made.value : value;
}

function outputsOf(task: TaskDefinition, inner: ReadonlyMap<string, Inner>): readonly string[] | null {
  if (task.uses.startsWith(missionPrefix)) {
    const found = inner.get(task.id);
    return found ? Object.keys(found.reading.definition.outputs ?? {}) : null;
  }
  if (task.strategy) return task.strategy.collect === 'concat' ? ['items'] : typeof task.strategy.collect === 'object' ? ['value'] : null;
  return task.outputs ? Object.keys(task.outputs) : null;
}

/** What only the mission people look at may have. Absent gates are none here. */
function refuseOutside(shape: Shape, root: Json): void {
  if (!isJsonObject(root) || !Array.isArray(root.phases)) return;
  for (const [p, phase] of (root.phases as readonly Json[]).entries()) {
    if (!isJsonObject(phase)) continue;
    if (phase.gate !== undefined && phase.gate !== 'none') shape.report('sub-mission', ['phases', p, 'gate'], 'A mission that is included in another one has no gates: a gate belongs to the mission people look at. Write `gate: none`, or leave it out.', 'key');
    for (const key of ['guards', 'if', 'until', 'parallelism', 'max-parallel', 'fail-fast', 'timeout-minutes', 'timeout-seconds', 'budget']) {
      if (phase[key] !== undefined) shape.report('sub-mission', ['phases', p, key], `A phase of an included mission has no ${key}: its tasks run in the phase of the mission that includes it.`, 'key');
    }
  }
}

/** The file as seen from the root of the repository, or null when it leaves it. */
function pathOf(from: string, name: string): string | null {
  if (!/^\.{1,2}\//.test(name) || !/\.ya?ml$/i.test(name) || name.includes('\\')) return null;
  const path = posix.normalize(posix.join(folderOf(from), name));
  return path.startsWith('../') || path.startsWith('/') ? null : path;
}

function folderOf(file: string): string {
  return /\.ya?ml$/i.test(file) ? posix.dirname(file) : missionFolder;
}

function folded(file: string): string {
  return posix.normalize(file);
}
