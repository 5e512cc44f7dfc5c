import type { Json } from '../kit/json.ts';
import type { InputType } from '../core/expression/type-checker.ts';
import type { DeclaredInput } from './inputs.ts';
import { expectation, inputTypes, valueFor } from './inputs.ts';
import { quoted } from './problems.ts';
import { outputName } from './read-values.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

const inputKeys = ['type', 'required', 'default', 'options', 'description'];
const mostInputs = 200;

/** `inputs` of a mission: what it asks for. */
export function readInputs(shape: Shape, value: Json | undefined, path: YamlPath): readonly DeclaredInput[] {
  const found = shape.anyMapping(value, path, 'inputs', 'names and what they are');
  if (!found) return [];
  const names = Object.keys(found);
  if (names.length > mostInputs) shape.report('out-of-range', path, `A mission has at most ${mostInputs} inputs; this one has ${names.length}.`);
  return names.slice(0, mostInputs).map((name) => {
    if (!outputName.test(name)) shape.report('bad-name', [...path, name], `${quoted(name)} is no name of an input: letters, digits, "-" and "_", beginning with a letter.`, 'key');
    return readInput(shape, name, found[name] ?? null, [...path, name]);
  });
}

function readInput(shape: Shape, name: string, value: Json, path: YamlPath): DeclaredInput {
  // `inputs: { route: }` asks for text.
  const found = value === null ? {} : (shape.mapping(value, path, 'An input', inputKeys) ?? {});
  const type = shape.oneOf(found.type, [...path, 'type'], 'type of an input', inputTypes) ?? 'string';
  const options = (shape.list(found.options, [...path, 'options'], 'options') ?? []).flatMap((option, index) => shape.text(option, [...path, 'options', index], 'An option', 256) ?? []);
  if (type === 'choice' && options.length === 0) shape.report('missing-key', path, `The input ${quoted(name)} is a choice and needs options: [a, b].`);
  if (type !== 'choice' && found.options !== undefined) shape.report('unknown-key', [...path, 'options'], 'options belong to an input of type choice.', 'key');
  const input = { type, options };
  let fallback: Json | undefined = found.default;
  if (fallback !== undefined) {
    const read = typeof fallback === 'string' && type !== 'string' && type !== 'choice' ? { ok: false as const, error: '' } : valueFor(input, fallback);
    if (read.ok) fallback = read.value;
    else if (type !== 'choice' || options.length > 0) shape.report('wrong-type', [...path, 'default'], `The default is ${quoted(fallback)}; it must be ${expectation(input)}.${read.error}`);
  }
  return {
    name,
    ...input,
    required: shape.boolean(found.required, [...path, 'required'], 'required') ?? false,
    default: fallback,
    description: found.description === '' ? '' : (shape.text(found.description, [...path, 'description'], 'The description', 4_096) ?? ''),
  };
}

/** The types of inputs for the checker of expressions. One that may be missing may be null. */
export function typesOfInputs(declared: readonly DeclaredInput[]): ReadonlyMap<string, InputType> {
  const types = { string: 'string', choice: 'string', number: 'double', boolean: 'bool', list: 'list', map: 'map' } as const;
  return new Map(declared.map((input) => [input.name, input.required || input.default !== undefined ? types[input.type] : 'dyn']));
}
