import { Ajv2020 } from 'ajv/dist/2020.js';

import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { resolveTemplates, templatesIn } from '../core/expression/template.ts';
import type { FanOut } from '../core/mission/definition.ts';
import { maximumItems, maximumParallel } from '../core/mission/definition.ts';
import { expandMatrix } from './matrix.ts';
import { quoted } from './problems.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

const strategyKeys = ['matrix', 'for-each', 'mode', 'max-parallel', 'fail-fast', 'min-success', 'collect', 'schema'];
export const fanOutModes = ['parallel', 'sequential', 'partial', 'iterative'] as const;
export const collectWords = ['concat', 'merge', 'vote'] as const;
/** As many at once as the mission allows. */
const axisName = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/;

/** Values that templates in a matrix may use; null while some are not given yet, so that nothing can be worked out. */
export type KnownInputs = JsonObject | null;

/** `strategy` of a task. */
export function readStrategy(shape: Shape, value: Json | undefined, path: YamlPath, inputs: KnownInputs): FanOut | undefined {
  if (value === undefined) return undefined;
  const found = shape.mapping(value, path, 'A strategy', strategyKeys);
  if (!found) return undefined;
  if ((found.matrix === undefined) === (found['for-each'] === undefined)) {
    shape.report('strategy', path, 'A strategy has either matrix or for-each: what there is one item for.');
  }
  const mode = shape.oneOf(found.mode, [...path, 'mode'], 'mode', fanOutModes) ?? 'parallel';
  const inOrder = mode === 'sequential' || mode === 'iterative';
  const most = shape.integer(found['max-parallel'], [...path, 'max-parallel'], 'max-parallel', 1, maximumParallel);
  if (inOrder && most !== undefined && most > 1) shape.report('strategy', [...path, 'max-parallel'], `mode ${mode} runs one item after the other; leave max-parallel out.`, 'key');
  if (found['min-success'] !== undefined && mode !== 'partial') shape.report('strategy', [...path, 'min-success'], 'min-success belongs to mode partial; in the others every item must succeed.', 'key');
  const forEach = shape.text(found['for-each'], [...path, 'for-each'], 'for-each', 8_192);
  return {
    over: forEach === undefined ? { matrix: readMatrix(shape, found.matrix, [...path, 'matrix'], inputs) } : { forEach },
    mode,
    maxParallel: inOrder ? 1 : (most ?? maximumParallel),
    failFast: shape.boolean(found['fail-fast'], [...path, 'fail-fast'], 'fail-fast') ?? mode !== 'partial',
    minSuccess: shape.integer(found['min-success'], [...path, 'min-success'], 'min-success', 1, maximumItems) ?? 1,
    collect: readCollect(shape, found.collect, [...path, 'collect']),
    schema: readSchema(shape, found.schema, [...path, 'schema']),
  };
}

function readMatrix(shape: Shape, value: Json | undefined, path: YamlPath, inputs: KnownInputs): readonly JsonObject[] {
  const written = value === undefined ? undefined : shape.anyMapping(value, path, 'matrix', 'names and lists of values');
  if (!written) return [];
  const waits = inputs === null && templatesIn(written).length > 0;
  const found = waits ? written : resolved(shape, written, path, inputs ?? {});
  if (!found) return [];
  const axes = Object.keys(found).filter((key) => key !== 'include' && key !== 'exclude').flatMap((name) => {
    if (!axisName.test(name)) shape.report('bad-name', [...path, name], `${quoted(name)} is no name in a matrix: letters, digits, "-" and "_", beginning with a letter.`, 'key');
    if (waits && typeof found[name] === 'string') return [];
    const values = shape.list(found[name] ?? null, [...path, name], `The values of ${name.slice(0, 60)}`) ?? [];
    if (values.length === 0 && Array.isArray(found[name])) shape.report('empty', [...path, name], `${quoted(name)} has no value, so the matrix has no item.`);
    return [{ name, values }];
  });
  const include = entries(shape, found.include, [...path, 'include'], waits);
  const exclude = entries(shape, found.exclude, [...path, 'exclude'], waits);
  for (const [index, entry] of exclude.entries()) {
    for (const key of Object.keys(entry)) {
      if (axes.every(({ name }) => name !== key) && !waits) shape.report('unknown-key', [...path, 'exclude', index, key], `exclude names ${quoted(key)}, which is no axis of the matrix.${didYouMean(key, axes.map(({ name }) => name))}`, 'key');
    }
  }
  const items = expandMatrix({ axes, include, exclude }, maximumItems);
  if (!items.ok) {
    shape.report('out-of-range', path, `The matrix has ${items.error.size} items; at most ${maximumItems} are allowed.`);
    return [];
  }
  if (items.value.length === 0 && !waits) shape.report('empty', path, 'The matrix has no item: there is nothing to do. Give an axis with values, or include.');
  return items.value;
}

function resolved(shape: Shape, written: JsonObject, path: YamlPath, inputs: JsonObject): JsonObject | null {
  const result = resolveTemplates(written, { inputs });
  if (result.ok) return isJsonObject(result.value) ? result.value : null;
  for (const wrong of result.error) shape.reportInside('expression', [...path, ...wrong.path], wrong.offset, wrong.length, `${wrong.message} A matrix is worked out when the file is read: only \`inputs\` can be used. For what tasks give, use for-each.`);
  return null;
}

function entries(shape: Shape, value: Json | undefined, path: YamlPath, waits: boolean): readonly JsonObject[] {
  if (value === undefined || (waits && typeof value === 'string')) return [];
  const read: JsonObject[] = [];
  for (const [index, item] of (shape.list(value, path, path.at(-1) === 'include' ? 'include' : 'exclude') ?? []).entries()) {
    const entry = waits && typeof item === 'string' ? undefined : shape.anyMapping(item, [...path, index], 'An entry', 'names and values');
    if (entry) read.push(entry);
  }
  return read;
}

function readCollect(shape: Shape, value: Json | undefined, path: YamlPath): FanOut['collect'] {
  const text = shape.text(value, path, 'collect', 8_192);
  if (text === undefined) return 'concat';
  const word = collectWords.find((known) => known === text);
  if (word !== undefined) return word;
  if (/^\w+$/.test(text) && text !== 'items') {
    shape.report('unknown-word', path, `collect is ${quoted(text)}; it must be one of ${collectWords.join(', ')}, or an expression over \`items\`.${didYouMean(text, collectWords)}`);
    return 'concat';
  }
  return { expression: text };
}

/** `strict` lets nothing through that would be ignored when it runs. */
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });

function readSchema(shape: Shape, value: Json | undefined, path: YamlPath): JsonObject | null {
  const schema = shape.anyMapping(value, path, 'schema', 'a JSON Schema');
  if (!schema) return null;
  if (schema.$ref !== undefined || JSON.stringify(schema).includes('"$ref"')) {
    shape.report('schema', path, 'A schema stands by itself here: "$ref" is not allowed. Write it out.');
    return schema;
  }
  try {
    ajv.compile(schema);
  } catch (error) {
    shape.report('schema', path, `This is no JSON Schema: ${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'}.`);
  }
  ajv.removeSchema(schema);
  return schema;
}
