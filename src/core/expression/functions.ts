import type { Json } from '../../kit/json.ts';
import type { Evaluation } from './evaluation.ts';
import { EvaluationFailure } from './problem.ts';
import { asText, isList, isMap, jsonText, kindOf } from './values.ts';

/** A function of the language: how it is declared to CEL's type checker, and what it does. */
export interface ExpressionFunction {
  readonly name: string;
  /** CEL signatures, receiver first where it is called as `x.name()`. */
  readonly signatures: readonly string[];
  /** True for those CEL brings along: they are declared already. */
  readonly ofCel?: boolean;
  /** `x.name()`: then the receiver is the first argument. */
  readonly method?: boolean;
  /** Fewest and most arguments, the receiver not counted. */
  readonly count: readonly [number, number];
  run(values: readonly Json[], evaluation: Evaluation): Json;
}

const most = 16;

export const globalFunctions: readonly ExpressionFunction[] = [
  { name: 'always', signatures: ['always(): bool'], count: [0, 0], run: () => true },
  { name: 'success', signatures: ['success(): bool'], count: [0, 0], run: (_, evaluation) => statusOf(evaluation).success },
  { name: 'failure', signatures: ['failure(): bool'], count: [0, 0], run: (_, evaluation) => statusOf(evaluation).failure },
  { name: 'cancelled', signatures: ['cancelled(): bool'], count: [0, 0], run: (_, evaluation) => statusOf(evaluation).cancelled },
  {
    name: 'contains',
    signatures: ['contains(dyn, dyn): bool'],
    count: [2, 2],
    run([within = null, sought = null], evaluation) {
      if (isList(within)) return within.some((value) => evaluation.equal(value, sought));
      if (isMap(within)) return typeof sought === 'string' && Object.hasOwn(within, sought);
      return textOf(within, 'contains', evaluation).includes(textOf(sought, 'contains', evaluation));
    },
  },
  { name: 'startsWith', signatures: ['startsWith(dyn, dyn): bool'], count: [2, 2], run: ([a = null, b = null], evaluation) => textOf(a, 'startsWith', evaluation).startsWith(textOf(b, 'startsWith', evaluation)) },
  { name: 'endsWith', signatures: ['endsWith(dyn, dyn): bool'], count: [2, 2], run: ([a = null, b = null], evaluation) => textOf(a, 'endsWith', evaluation).endsWith(textOf(b, 'endsWith', evaluation)) },
  { name: 'format', signatures: many('format', 'string', 'string'), count: [1, most], run: ([pattern = null, ...values], evaluation) => format(textOf(pattern, 'format', evaluation), values, evaluation) },
  {
    name: 'join',
    signatures: ['join(dyn): string', 'join(dyn, string): string'],
    count: [1, 2],
    run: ([list = null, separator = ','], evaluation) => join(list, textOf(separator, 'join', evaluation), evaluation),
  },
  { name: 'fromJSON', signatures: ['fromJSON(dyn): dyn'], count: [1, 1], run: ([text = null], evaluation) => fromJson(textOf(text, 'fromJSON', evaluation)) },
  { name: 'toJSON', signatures: ['toJSON(dyn): string'], count: [1, 1], run: ([value = null], evaluation) => jsonText(value, evaluation.work) },
  {
    name: 'hashFiles',
    signatures: many('hashFiles', 'string', 'string'),
    count: [1, most],
    run(patterns, evaluation) {
      const { hashFiles } = evaluation.context;
      if (!hashFiles) throw new EvaluationFailure('not-available', 'hashFiles() needs the files of the repository, which are not here.');
      return hashFiles(patterns.map((pattern) => textOf(pattern, 'hashFiles', evaluation)));
    },
  },
  { name: 'size', signatures: [], ofCel: true, count: [1, 1], run: ([value = null]) => sizeOf(value) },
  { name: 'string', signatures: ['string(null): string'], ofCel: true, count: [1, 1], run: ([value = null], evaluation) => toText(value, evaluation) },
  { name: 'int', signatures: [], ofCel: true, count: [1, 1], run: ([value = null]) => Math.trunc(toNumber(value, 'int')) + 0 },
  { name: 'double', signatures: [], ofCel: true, count: [1, 1], run: ([value = null]) => toNumber(value, 'double') },
  { name: 'bool', signatures: [], ofCel: true, count: [1, 1], run: ([value = null]) => toBoolean(value) },
  { name: 'dyn', signatures: [], ofCel: true, count: [1, 1], run: ([value = null]) => value },
];

function statusOf(evaluation: Evaluation): NonNullable<Evaluation['context']['status']> {
  const { status } = evaluation.context;
  if (!status) throw new EvaluationFailure('not-available', 'success(), failure(), cancelled() and always() can be used in `if` only.');
  return status;
}

/** The same function for any number of further arguments, as CEL has none that take "the rest". */
function many(name: string, first: string, result: string): readonly string[] {
  return Array.from({ length: most }, (_, rest) => `${name}(${[first, ...Array.from({ length: rest }, () => 'dyn')].join(', ')}): ${result}`);
}

export function textOf(value: Json, name: string, evaluation: Evaluation): string {
  if (typeof value !== 'string') throw new EvaluationFailure('wrong-type', `${name}() works on text, not on ${kindOf(value)}. Write string(…) around a number, toJSON(…) around a list or map.`);
  evaluation.work.spend(value.length >> 4);
  return value;
}

function format(pattern: string, values: readonly Json[], evaluation: Evaluation): string {
  let length = 0;
  const made = pattern.replace(/\{\{|\}\}|\{(\d{1,3})\}/g, (found, index: string | undefined) => {
    const text = index === undefined ? found.charAt(0) : asText(formatted(values, Number(index)), evaluation.work);
    length += text.length;
    evaluation.work.willMakeText(length);
    return text;
  });
  return evaluation.work.text(made);
}

function formatted(values: readonly Json[], index: number): Json {
  const value = values[index];
  if (value === undefined) throw new EvaluationFailure('out-of-range', `format() has no value for {${index}}; it was given ${values.length}.`);
  return value;
}

export function join(list: Json, separator: string, evaluation: Evaluation): string {
  if (!isList(list)) throw new EvaluationFailure('wrong-type', `join() works on a list, not on ${kindOf(list)}.`);
  evaluation.work.spend(list.length);
  let length = 0;
  const parts = list.map((value) => {
    const text = asText(value, evaluation.work);
    length += text.length + separator.length;
    evaluation.work.willMakeText(length);
    return text;
  });
  return evaluation.work.text(parts.join(separator));
}

function fromJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text, (_key, part: Json) => {
      if (typeof part === 'number' && !Number.isFinite(part)) throw new SyntaxError('number');
      return part;
    }) as Json;
  } catch {
    throw new EvaluationFailure('function', 'fromJSON() was given a text that is not JSON.');
  }
  return value;
}

export function sizeOf(value: Json): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (isList(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new EvaluationFailure('wrong-type', `size() counts text, lists and maps, not ${kindOf(value)}.`);
}

function toText(value: Json, evaluation: Evaluation): string {
  if (isList(value) || isMap(value)) throw new EvaluationFailure('wrong-type', `string() does not take ${kindOf(value)}. Write toJSON(…) or join(…).`);
  return asText(value, evaluation.work);
}

function toNumber(value: Json, name: string): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && /^[+-]?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?$/i.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw new EvaluationFailure('function', `${name}() makes a number of a number, or of a text like "42", not of ${typeof value === 'string' ? 'this text' : kindOf(value)}.`);
  return number;
}

function toBoolean(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new EvaluationFailure('function', `bool() takes true, false, "true" or "false", not ${kindOf(value)}.`);
}
