import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { readYaml } from './read-yaml.ts';

export const inputTypes = ['string', 'number', 'boolean', 'list', 'map', 'choice'] as const;
export type InputTypeName = (typeof inputTypes)[number];

/** What a mission asks for before it begins. */
export interface DeclaredInput {
  readonly name: string;
  readonly type: InputTypeName;
  readonly required: boolean;
  /** Undefined: none. */
  readonly default: Json | undefined;
  /** For `choice`. */
  readonly options: readonly string[];
  readonly description: string;
}

/** Values that somebody gives, with their places for messages. Text is read as the declared type says. */
export interface GivenInputs {
  readonly file: string;
  readonly values: ReadonlyMap<string, { readonly value: Json; readonly place: Position }>;
  /** Where to say that one is missing; the file as a whole when absent. */
  readonly missing?: Position;
}

/** Values without places: from a command line, an API. */
export function givenInputs(file: string, values: JsonObject): GivenInputs {
  const place = { line: 0, column: 0 };
  return { file, values: new Map(Object.entries(values).map(([name, value]) => [name, { value: value ?? null, place }])) };
}

/**
 * The values of all declared inputs: given ones, else defaults, else null. What is missing, unknown or of another type is a problem of
 * the file the values come from.
 */
export function inputValues(declared: readonly DeclaredInput[], given: GivenInputs, problems: ProblemList): JsonObject {
  const own = problems.of(given.file);
  const byName = new Map(declared.map((input) => [input.name, input]));
  for (const [name, { place }] of given.values) {
    if (byName.has(name)) continue;
    const none = declared.length === 0 ? ' The mission takes no inputs.' : ` It takes: ${declared.map((input) => input.name).join(', ')}.`;
    own.add('unknown-input', place, `The mission has no input ${quoted(name)}.${didYouMean(name, [...byName.keys()]) || none}`);
  }
  const values: Record<string, Json> = {};
  for (const input of declared) {
    const found = given.values.get(input.name);
    if (found === undefined) {
      if (input.required && input.default === undefined) own.add('missing-input', given.missing ?? { line: 0, column: 0 }, `The input "${input.name}" is missing (${expectation(input)}).${input.description === '' ? '' : ` ${input.description.slice(0, 200)}`}`);
      values[input.name] = input.default ?? null;
      continue;
    }
    const value = valueFor(input, found.value);
    if (value.ok) values[input.name] = value.value;
    else own.add('wrong-input', found.place, `The input "${input.name}" is ${quoted(found.value)}; it must be ${expectation(input)}.${value.error}`);
  }
  return values;
}

/** What is known without values: defaults. Null when a required one is missing, so that nothing can be worked out from them. */
export function defaultValues(declared: readonly DeclaredInput[]): JsonObject | null {
  if (declared.some((input) => input.required && input.default === undefined)) return null;
  return Object.fromEntries(declared.map((input) => [input.name, input.default ?? null]));
}

export function expectation({ type, options }: Pick<DeclaredInput, 'type' | 'options'>): string {
  if (type === 'choice') return `one of ${options.join(', ')}`;
  return { string: 'text', number: 'a number', boolean: 'true or false', list: 'a list, like "[a, b]" or "a, b"', map: 'a map, like "{a: 1}"' }[type];
}

/** The value as the declared type has it, or a hint at what is wrong (may be empty). */
export function valueFor(input: Pick<DeclaredInput, 'type' | 'options'>, value: Json): Result<Json, string> {
  switch (input.type) {
    case 'string': return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? ok(String(value)) : err('');
    case 'number': return numberFrom(value);
    case 'boolean': return booleanFrom(value);
    case 'choice': return typeof value === 'string' && input.options.includes(value) ? ok(value) : err(typeof value === 'string' ? didYouMean(value, input.options) : '');
    case 'list': return Array.isArray(value) ? ok(value) : typeof value === 'string' ? listFrom(value) : err('');
    case 'map': return isJsonObject(value) ? ok(value as Json) : typeof value === 'string' ? parsed(value, isJsonObject) : err('');
  }
}

function numberFrom(value: Json): Result<Json, string> {
  if (typeof value === 'number') return ok(value);
  return typeof value === 'string' && /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(value.trim()) ? ok(Number(value)) : err('');
}

function booleanFrom(value: Json): Result<Json, string> {
  if (typeof value === 'boolean') return ok(value);
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return /^(true|yes|on)$/.test(word) ? ok(true) : /^(false|no|off)$/.test(word) ? ok(false) : err('');
}

function listFrom(text: string): Result<Json, string> {
  if (text.trim().startsWith('[')) return parsed(text, Array.isArray);
  return ok(text.split(',').map((part) => part.trim()).filter((part) => part !== ''));
}

function parsed(text: string, isRight: (value: unknown) => boolean): Result<Json, string> {
  const yaml = readYaml('input', text, { limits: { bytes: 1_000_000, pieces: 50_000 } });
  return yaml.ok && isRight(yaml.value.value) ? ok(yaml.value.value) : err('');
}
