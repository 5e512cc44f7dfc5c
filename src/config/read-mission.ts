import type { Json } from '../kit/json.ts';
import type { Definition, MissionSettings, PhaseDefinition } from '../core/mission/definition.ts';
import { definitionDefaults, maximumParallel } from '../core/mission/definition.ts';
import { quoted } from './problems.ts';
import type { DeclaredInput } from './inputs.ts';
import { readBudget, readTime } from './read-limits.ts';
import { readInputs } from './read-inputs.ts';
import { readPhase } from './read-phase.ts';
import type { KnownInputs } from './read-strategy.ts';
import { longestTitle, withKnownInputs } from './read-task.ts';
import type { FileReader } from './read-task.ts';
import { readEnvironment, readOutputs } from './read-values.ts';
import type { Shape } from './shape.ts';
import type { StepTypes } from './step-types.ts';
import type { ExpressionSite } from './expression-sites.ts';

export const missionKeys = ['$schema', 'version', 'name', 'description', 'inputs', 'env', 'settings', 'budget', 'timeout-minutes', 'timeout-seconds', 'phases', 'outputs'] as const;
const settingKeys = ['max-parallel', 'fail-fast', 'on-failure', 'merge'];
const mergeWays = ['none', 'merge', 'squash', 'rebase'] as const;
const failureWays = ['stop', 'rollback'] as const;
const longestDescription = 65_536;

/** One mission file, its parts read and completed; what they name of each other is checked afterwards. */
export interface MissionReading {
  readonly definition: Definition;
  readonly declared: readonly DeclaredInput[];
  readonly sites: readonly ExpressionSite[];
}

/** `inputs` works out the values of the declared inputs, null while they are not known. */
export function readMission(shape: Shape, stepTypes: StepTypes, value: Json, inputs: (declared: readonly DeclaredInput[]) => KnownInputs): MissionReading | undefined {
  const root = shape.mapping(value, [], 'A mission', missionKeys, ['version', 'name', 'phases']);
  if (!root) return undefined;
  if (root.version !== undefined && root.version !== 1) {
    shape.report('version', ['version'], `The version is ${quoted(root.version)}; this program reads version 1.`);
  }
  shape.text(root.$schema, ['$schema'], 'The schema address', 2048);
  const declared = readInputs(shape, root.inputs, ['inputs']);
  const known = inputs(declared);
  const reader = createReader(shape, stepTypes, known);
  const name = shape.text(root.name, ['name'], 'The name', longestTitle) ?? '';
  const description = root.description === '' ? '' : (shape.text(root.description, ['description'], 'The description', longestDescription) ?? '');
  const env = readEnvironment(shape, root.env, ['env']);
  const outputs = readOutputs(shape, root.outputs, ['outputs']);
  for (const key of ['name', 'description']) if (root[key] !== undefined) reader.sites.push({ kind: 'title', value: root[key], path: [key], phase: -1, task: -1 });
  if (env) reader.sites.push({ kind: 'mission-env', value: env, path: ['env'], phase: -1, task: -1 });
  if (outputs) reader.sites.push({ kind: 'mission-outputs', value: outputs, path: ['outputs'], phase: -1, task: -1 });
  const settings = readSettings(shape, root);
  const listed = shape.list(root.phases, ['phases'], 'The list of phases');
  if (listed?.length === 0) shape.report('empty', ['phases'], 'A mission needs at least one phase.');
  const phases: PhaseDefinition[] = [];
  for (const [index, item] of (listed ?? []).entries()) phases.push(readPhase(reader, item, index, phases.at(-1)?.id));
  const definition: Definition = {
    name: withKnownInputs(name.trim(), known),
    description: withKnownInputs(description, known),
    settings,
    phases,
    ...(declared.length === 0 || known === null ? {} : { inputs: known }),
    ...(env === undefined ? {} : { env }),
    ...(outputs === undefined ? {} : { outputs }),
  };
  return { definition, declared, sites: reader.sites };
}

function createReader(shape: Shape, stepTypes: StepTypes, inputs: KnownInputs): FileReader {
  let unnamed = 0;
  return {
    shape,
    stepTypes,
    inputs,
    sites: [],
    placeholder() {
      unnamed += 1;
      return `?${unnamed}`;
    },
  };
}

function readSettings(shape: Shape, root: { readonly [key: string]: Json | undefined }): MissionSettings {
  const defaults = definitionDefaults.settings;
  const found = (root.settings === undefined ? undefined : shape.mapping(root.settings, ['settings'], 'The settings', settingKeys)) ?? {};
  const onFailure = shape.oneOf(found['on-failure'], ['settings', 'on-failure'], 'on-failure', failureWays);
  const timeoutSeconds = readTime(shape, root, []);
  const budget = readBudget(shape, root.budget, ['budget']);
  return {
    maxParallel: shape.integer(found['max-parallel'], ['settings', 'max-parallel'], 'max-parallel', 1, maximumParallel) ?? defaults.maxParallel,
    failFast: shape.boolean(found['fail-fast'], ['settings', 'fail-fast'], 'fail-fast') ?? defaults.failFast,
    merge: shape.oneOf(found.merge, ['settings', 'merge'], 'merge', mergeWays) ?? defaults.merge,
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(budget === undefined ? {} : { budget }),
  };
}
