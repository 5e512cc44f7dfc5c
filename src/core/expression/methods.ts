import type { Json } from '../../kit/json.ts';
import type { Evaluation } from './evaluation.ts';
import { join, sizeOf, textOf } from './functions.ts';
import type { ExpressionFunction } from './functions.ts';
import { EvaluationFailure } from './problem.ts';
import { isList, isMap, kindOf } from './values.ts';

/** Functions that are called on a value. All of them are CEL's own, so that the type checker knows them. */
export const methods: readonly ExpressionFunction[] = [
  method('size', [0, 0], ([value = null]) => sizeOf(value)),
  {
    ...method('contains', [1, 1], ([a = null, b = null], evaluation) => text(a, 'contains', evaluation).includes(text(b, 'contains', evaluation))),
  },
  method('startsWith', [1, 1], ([a = null, b = null], evaluation) => text(a, 'startsWith', evaluation).startsWith(text(b, 'startsWith', evaluation))),
  method('endsWith', [1, 1], ([a = null, b = null], evaluation) => text(a, 'endsWith', evaluation).endsWith(text(b, 'endsWith', evaluation))),
  method('lowerAscii', [0, 0], ([a = null], evaluation) => text(a, 'lowerAscii', evaluation).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  method('upperAscii', [0, 0], ([a = null], evaluation) => text(a, 'upperAscii', evaluation).replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  method('trim', [0, 0], ([a = null], evaluation) => text(a, 'trim', evaluation).trim()),
  method('indexOf', [1, 2], ([a = null, b = null, from = 0], evaluation) => {
    const within = text(a, 'indexOf', evaluation);
    return within.indexOf(text(b, 'indexOf', evaluation), position(from, within, 'indexOf'));
  }),
  method('lastIndexOf', [1, 2], ([a = null, b = null, from], evaluation) => {
    const within = text(a, 'lastIndexOf', evaluation);
    const sought = text(b, 'lastIndexOf', evaluation);
    return from === undefined ? within.lastIndexOf(sought) : within.lastIndexOf(sought, position(from, within, 'lastIndexOf'));
  }),
  method('substring', [1, 2], ([a = null, start = null, end], evaluation) => {
    const within = text(a, 'substring', evaluation);
    const from = position(start, within, 'substring');
    const to = end === undefined ? within.length : position(end, within, 'substring');
    if (to < from) throw new EvaluationFailure('out-of-range', 'substring() ends before it starts.');
    return within.substring(from, to);
  }),
  method('split', [1, 2], ([a = null, b = null, limit], evaluation) => split(text(a, 'split', evaluation), text(b, 'split', evaluation), limit, evaluation)),
  method('join', [0, 1], ([list = null, separator = ''], evaluation) => join(list, text(separator, 'join', evaluation), evaluation)),
];

function method(name: string, count: readonly [number, number], run: ExpressionFunction['run']): ExpressionFunction {
  return { name, signatures: [], ofCel: true, method: true, count, run };
}

function text(value: Json, name: string, evaluation: Evaluation): string {
  if (isList(value) || isMap(value)) throw new EvaluationFailure('wrong-type', `${name}() works on text, not on ${kindOf(value)}.${name === 'contains' ? ' Write `x in list`, or contains(list, x).' : ''}`);
  return textOf(value, name, evaluation);
}

function position(value: Json, within: string, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > within.length) {
    throw new EvaluationFailure('out-of-range', `${name}() takes a whole number from 0 to the length of the text (${within.length}).`);
  }
  return value;
}

function split(whole: string, separator: string, limit: Json | undefined, evaluation: Evaluation): Json {
  const parts = whole.split(separator);
  evaluation.work.willMakeList(parts.length);
  if (typeof limit !== 'number' || limit < 0 || parts.length <= limit) return parts;
  if (limit === 0) return [];
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}
