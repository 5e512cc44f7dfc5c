import type { Json } from '../../kit/json.ts';
import type { Evaluation } from './evaluation.ts';
import { EvaluationFailure } from './problem.ts';
import { isList, isMap, kindOf } from './values.ts';

export type Operator = (left: Json, right: Json, evaluation: Evaluation) => Json;

/** The binary operators. Numbers are of one kind, as in JSON. */
export const operators: Readonly<Record<string, Operator>> = {
  '==': (left, right, evaluation) => evaluation.equal(left, right),
  '!=': (left, right, evaluation) => !evaluation.equal(left, right),
  '<': (left, right, evaluation) => compare(left, right, '<', evaluation) < 0,
  '<=': (left, right, evaluation) => compare(left, right, '<=', evaluation) <= 0,
  '>': (left, right, evaluation) => compare(left, right, '>', evaluation) > 0,
  '>=': (left, right, evaluation) => compare(left, right, '>=', evaluation) >= 0,
  in: isIn,
  '+': add,
  '-': (left, right) => arithmetic(left, right, '-', (a, b) => a - b),
  '*': (left, right) => arithmetic(left, right, '*', (a, b) => a * b),
  '/': (left, right) => arithmetic(left, right, '/', (a, b) => a / notZero(b)),
  '%': (left, right) => arithmetic(left, right, '%', (a, b) => a % notZero(b)),
};

export function finite(value: number): number {
  if (!Number.isFinite(value)) throw new EvaluationFailure('out-of-range', 'The number becomes too large.');
  // There is no minus zero in JSON.
  return value + 0;
}

function notZero(value: number): number {
  if (value === 0) throw new EvaluationFailure('out-of-range', 'Division by zero.');
  return value;
}

function arithmetic(left: Json, right: Json, sign: string, compute: (a: number, b: number) => number): number {
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new EvaluationFailure('wrong-type', `\`${sign}\` takes two numbers, not ${kindOf(left)} and ${kindOf(right)}.`);
  }
  return finite(compute(left, right));
}

function add(left: Json, right: Json, evaluation: Evaluation): Json {
  if (typeof left === 'number' && typeof right === 'number') return finite(left + right);
  if (typeof left === 'string' && typeof right === 'string') {
    evaluation.work.willMakeText(left.length + right.length);
    return evaluation.work.text(left + right);
  }
  if (isList(left) && isList(right)) {
    evaluation.work.willMakeList(left.length + right.length);
    return [...left, ...right];
  }
  throw new EvaluationFailure('wrong-type', `\`+\` takes two numbers, two texts or two lists, not ${kindOf(left)} and ${kindOf(right)}. To put a number into a text, write string(…) around it.`);
}

function compare(left: Json, right: Json, sign: string, evaluation: Evaluation): number {
  const comparable = (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string') || (typeof left === 'boolean' && typeof right === 'boolean');
  if (!comparable) throw new EvaluationFailure('wrong-type', `\`${sign}\` compares two numbers or two texts, not ${kindOf(left)} and ${kindOf(right)}.`);
  if (typeof left === 'string') evaluation.work.spend(left.length >> 4);
  return left < right ? -1 : left > right ? 1 : 0;
}

function isIn(value: Json, within: Json, evaluation: Evaluation): boolean {
  if (isList(within)) return within.some((item) => evaluation.equal(item, value));
  if (isMap(within)) return (typeof value === 'string' || typeof value === 'number') && Object.hasOwn(within, String(value));
  throw new EvaluationFailure('wrong-type', `\`in\` looks into a list or a map, not into ${kindOf(within)}.`);
}
