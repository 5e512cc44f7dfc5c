import { templatesIn } from '../core/expression/template.ts';
import { healClasses, mostHealRounds } from '../core/mission/heal.ts';
import type { HealClass, HealRule, HealStep } from '../core/mission/heal.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { namesMission, readUses } from './read-task.ts';
import type { FileReader } from './read-task.ts';
import { readParameters } from './read-values.ts';
import type { YamlPath } from './read-yaml.ts';

export const healKeys = ['max-rounds', 'agent', 'on-rejection', 'strategies'] as const;

/** `heal:` of a gate: `true` for what is usual, or a mapping. Undefined: a gate that did not pass waits for people at once. */
export function readHeal(reader: FileReader, value: Json | undefined, path: YamlPath): HealRule | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return { maxRounds: mostHealRounds };
  const { shape } = reader;
  const found = shape.mapping(value, path, 'heal', healKeys);
  if (!found) return undefined;
  const agent = shape.text(found.agent, [...path, 'agent'], 'The agent', 200);
  const onRejection = shape.boolean(found['on-rejection'], [...path, 'on-rejection'], 'on-rejection');
  const strategies = readStrategies(reader, found.strategies, [...path, 'strategies']);
  return {
    maxRounds: shape.integer(found['max-rounds'], [...path, 'max-rounds'], 'max-rounds', 1, mostHealRounds) ?? mostHealRounds,
    ...(agent === undefined ? {} : { agent }),
    ...(onRejection === true ? { onRejection } : {}),
    ...(strategies === undefined ? {} : { strategies }),
  };
}

/** Steps of the writer's own for some kinds of repair; `none` leaves a kind to people. */
function readStrategies(reader: FileReader, value: Json | undefined, path: YamlPath): HealRule['strategies'] {
  const found = value === undefined ? undefined : reader.shape.mapping(value, path, 'strategies', healClasses);
  if (!found) return undefined;
  const read: { [named in HealClass]?: HealStep | null } = {};
  for (const named of healClasses) {
    const own = found[named];
    if (own !== undefined) read[named] = own === 'none' ? null : readStep(reader, own, [...path, named]);
  }
  return read;
}

function readStep(reader: FileReader, value: Json, path: YamlPath): HealStep {
  const { shape } = reader;
  const found = shape.mapping(value, path, 'A step that repairs', ['uses', 'with'], ['uses']) ?? {};
  const parameters = readParameters(shape, found.with, [...path, 'with']);
  // An agent is told what failed, whether or not it is told more.
  const complete = found.uses === 'agent' && isJsonObject(parameters) ? { prompt: 'Repair it.', ...parameters } : parameters;
  const uses = readUses(reader, found.uses, [...path, 'uses'], complete, [...path, 'with']);
  if (namesMission(uses)) shape.report('sub-mission', [...path, 'uses'], 'A repair is one step, not a mission.');
  if (reader.stepTypes.waitsFor?.(uses) !== undefined) shape.report('heal', [...path, 'uses'], `What repairs something works and does not wait: ${uses} is no repair. Write none to leave this kind to people.`);
  for (const template of templatesIn(parameters ?? {})) shape.report('expression', [...path, 'with', ...template.path], 'A repair takes no templates: it is made when a gate did not pass, out of its reasons.');
  return { uses, with: parameters ?? {} };
}
