import type { Json, JsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { evaluateTemplate, isTemplate } from '../core/expression/template.ts';
import type { TaskDefinition, Waits } from '../core/mission/definition.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import { checkParameters } from './check-parameters.ts';
import type { ExpressionSite, SiteKind } from './expression-sites.ts';
import { familiarStep } from './familiar-words.ts';
import { quoted } from './problems.ts';
import { readAttemptTime, readBudget, readRetry, readUntil } from './read-limits.ts';
import { readStrategy } from './read-strategy.ts';
import type { KnownInputs } from './read-strategy.ts';
import { readCondition, readEnvironment, readNeeds, readOutputs, readParameters, readScope } from './read-values.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';
import { parameterWords } from './step-types.ts';
import type { StepTypes } from './step-types.ts';

export const taskKeys = ['id', 'title', 'uses', 'with', 'needs', 'if', 'env', 'outputs', 'scope', 'strategy', 'retry', 'until', 'timeout-minutes', 'timeout-seconds', 'continue-on-error', 'compensate', 'budget', 'persona', 'zone'] as const;

/** What a task that stands for another mission may have: the rest belongs to that mission's tasks. */
const missionTaskKeys = ['id', 'title', 'uses', 'with', 'needs', 'if', 'env'];

/** `uses: mission:./other.yml` */
export const missionPrefix = 'mission:';
/** The long form of the same: `uses: mission` with `file` and `inputs` under `with`. */
export const missionStep = 'mission';

/** Longest title, in characters: GitHub's limit for an issue title. */
export const longestTitle = 256;

/** What the readers of one file share. */
export interface FileReader {
  readonly shape: Shape;
  readonly stepTypes: StepTypes;
  readonly inputs: KnownInputs;
  readonly sites: ExpressionSite[];
  /** An id that nothing can refer to, for a part whose own id is missing or wrong (and has been reported). */
  placeholder(): string;
}

export function readTask(reader: FileReader, value: Json, path: YamlPath, phase: number, task: number): TaskDefinition {
  const { shape } = reader;
  const found = shape.mapping(value, path, 'A task', taskKeys, ['id', 'uses']) ?? {};
  const site = (kind: SiteKind, text: Json | undefined, at: YamlPath): void => {
    if (text !== undefined) reader.sites.push({ kind, value: text, path: at, phase, task });
  };
  const id = shape.id(found.id, [...path, 'id'], 'The id of the task') ?? reader.placeholder();
  const { uses, parameters, parametersPath } = readWork(reader, found, path);
  const waits = reader.stepTypes.waitsFor?.(uses);
  if (uses.startsWith(missionPrefix)) {
    for (const key of Object.keys(found)) {
      if (taskKeys.includes(key as (typeof taskKeys)[number]) && !missionTaskKeys.includes(key)) shape.report('sub-mission', [...path, key], `A task that stands for another mission has no ${key}: write it at the tasks of that mission.`, 'key');
    }
  }
  const title = shape.text(found.title, [...path, 'title'], 'The title', longestTitle)?.trim() ?? id;
  const shown = found.strategy === undefined ? withKnownInputs(title, reader.inputs) : title;
  const retry = readRetry(shape, found.retry, [...path, 'retry']);
  const condition = readCondition(shape, found.if, [...path, 'if']);
  const env = readEnvironment(shape, found.env, [...path, 'env']);
  const outputs = readOutputs(shape, found.outputs, [...path, 'outputs']);
  const scope = readScope(shape, found.scope, [...path, 'scope']);
  const until = readUntil(shape, found.until, [...path, 'until']);
  const strategy = readStrategy(shape, found.strategy, [...path, 'strategy'], reader.inputs);
  const compensate = readCompensate(reader, found.compensate, [...path, 'compensate']);
  const budget = readBudget(shape, found.budget, [...path, 'budget']);
  const persona = shape.id(found.persona, [...path, 'persona'], 'The persona');
  const zone = shape.id(found.zone, [...path, 'zone'], 'The zone');
  if (until && strategy && strategy.mode !== 'iterative') shape.report('strategy', [...path, 'until'], 'until and a strategy go together in mode iterative only: it stops before the last item.', 'key');
  site('task-title', found.title, [...path, 'title']);
  site('task-if', condition, [...path, 'if']);
  site('with', parameters, parametersPath);
  site('task-env', env, [...path, 'env']);
  site('task-outputs', outputs, [...path, 'outputs']);
  if (until) site('task-until', until.until.condition, until.conditionPath);
  if (strategy && 'forEach' in strategy.over) site('for-each', strategy.over.forEach, [...path, 'strategy', 'for-each']);
  if (strategy && typeof strategy.collect === 'object') site('collect', strategy.collect.expression, [...path, 'strategy', 'collect']);
  site('compensate', compensate?.with, [...path, 'compensate', 'with']);
  return {
    id,
    title: shown,
    uses,
    with: parameters ?? {},
    needs: readNeeds(shape, found.needs, [...path, 'needs']) ?? [],
    continueOnError: shape.boolean(found['continue-on-error'], [...path, 'continue-on-error'], 'continue-on-error') ?? false,
    maxAttempts: retry.maxAttempts ?? definitionDefaults.maxAttempts,
    timeoutSeconds: readAttemptTime(shape, found, path, waits !== undefined) ?? usualLimit(waits),
    ...(waits === undefined ? {} : { waits }),
    ...(condition === undefined ? {} : { if: condition }),
    ...(env === undefined ? {} : { env }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(retry.rule === undefined ? {} : { retry: retry.rule }),
    ...(until === undefined ? {} : { until: until.until }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(scope === undefined ? {} : { scope }),
    ...(compensate === undefined ? {} : { compensate }),
    ...(budget === undefined ? {} : { budget }),
    ...(persona === undefined ? {} : { persona }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** `uses` and `with` of a task. Another mission in its long form is read as if it were written short. */
function readWork(reader: FileReader, found: JsonObject, path: YamlPath): { readonly uses: string; readonly parameters: JsonObject | undefined; readonly parametersPath: YamlPath } {
  const parametersPath = [...path, 'with'];
  const parameters = readParameters(reader.shape, found.with, parametersPath);
  const uses = readUses(reader, found.uses, [...path, 'uses'], parameters, parametersPath);
  if (uses !== missionStep || typeof parameters?.file !== 'string') return { uses, parameters, parametersPath };
  const inputsPath = [...parametersPath, 'inputs'];
  return { uses: missionPrefix + parameters.file, parameters: reader.shape.anyMapping(parameters.inputs, inputsPath, 'inputs', 'inputs of the other mission') ?? {}, parametersPath: inputsPath };
}

/** Whether a `uses` names another mission, in either form. */
export function namesMission(uses: string): boolean {
  return uses === missionStep || uses.startsWith(missionPrefix);
}

/** The time limit where none is written. */
export function usualLimit(waits: Waits | undefined): number {
  return waits === undefined ? definitionDefaults.timeoutSeconds : definitionDefaults.waitSeconds;
}

/** A title is shown before anything runs: what it says of inputs is put in when the file is read. */
export function withKnownInputs(text: string, inputs: KnownInputs): string {
  if (inputs === null || !isTemplate(text)) return text;
  const made = evaluateTemplate(text, { inputs });
  // One that fails is reported where expressions are checked.
  return made.ok && typeof made.value !== 'object' ? Array.from(String(made.value)).slice(0, longestTitle).join('') || text : text;
}

/** A step type, or another mission. Parameters of a mission are its inputs, checked when it is read. */
export function readUses({ shape, stepTypes }: FileReader, value: Json | undefined, path: YamlPath, parameters: JsonObject | undefined, parametersPath: YamlPath): string {
  const uses = shape.text(value, path, 'uses', longestTitle);
  if (uses === undefined) return '';
  if (uses.startsWith(missionPrefix)) return uses;
  const names = stepTypes.names();
  if (!names.includes(uses)) {
    shape.report('unknown-step-type', path, `There is no step type ${quoted(uses)}.${familiarStep(uses) || didYouMean(uses, names)} Known: ${names.join(', ')}.`);
  } else if (parameters) {
    for (const wrong of checkParameters(stepTypes, uses, parameters)) shape.report('parameter', [...parametersPath, ...wrong.path], parameterWords(wrong));
  }
  return uses;
}

function readCompensate(reader: FileReader, value: Json | undefined, path: YamlPath): TaskDefinition['compensate'] {
  if (value === undefined) return undefined;
  const found = reader.shape.mapping(value, path, 'compensate', ['uses', 'with'], ['uses']);
  if (!found) return undefined;
  const parameters = readParameters(reader.shape, found.with, [...path, 'with']);
  const uses = readUses(reader, found.uses, [...path, 'uses'], parameters, [...path, 'with']);
  if (namesMission(uses)) reader.shape.report('sub-mission', [...path, 'uses'], 'compensate names a step type, not a mission.');
  if (reader.stepTypes.waitsFor?.(uses) === 'people') reader.shape.report('compensate', [...path, 'uses'], 'What undoes something asks nobody: name a step type that a worker runs.');
  return { uses, with: parameters ?? {} };
}
