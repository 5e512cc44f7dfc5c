import type { Json } from '../../kit/json.ts';
import type { Rubric } from '../mission/definition.ts';
import type { RubricLine } from '../mission/event.ts';

/** Endings a rubric key may have; what stands before is the name of a metric. */
const endings = ['_max', '_min', '_required', '_range'] as const;

export interface RubricProblem {
  readonly key: string;
  readonly message: string;
}

/** What is wrong with a rubric, independent of any measurement. */
export function rubricProblems(rubric: Rubric): readonly RubricProblem[] {
  return Object.entries(rubric).flatMap(([key, expected]) => {
    const message = problemOf(key, expected);
    return message === null ? [] : [{ key, message }];
  });
}

function problemOf(key: string, expected: Json): string | null {
  const ending = endings.find((end) => key.endsWith(end) && key.length > end.length);
  switch (ending) {
    case '_max':
    case '_min':
      return typeof expected === 'number' && Number.isFinite(expected) ? null : `${key} expects a number`;
    case '_required':
      return typeof expected === 'boolean' ? null : `${key} expects true or false`;
    case '_range':
      return isRange(expected) ? null : `${key} expects two numbers, the lower one first`;
    case undefined:
      return `"${key}" is no rubric key: expected the name of a metric followed by ${endings.join(', ')}`;
  }
}

/**
 * Judges every line of a rubric. A metric that was not measured fails its line: what was not examined is not green.
 * Lines come back in alphabetical order of their keys, so that equal rubrics read equally.
 */
export function judgeRubric(rubric: Rubric, metrics: { readonly [name: string]: number }): readonly RubricLine[] {
  return Object.keys(rubric)
    .sort()
    .map((key) => judgeLine(key, rubric[key] ?? null, metrics));
}

function judgeLine(key: string, expected: Json, metrics: { readonly [name: string]: number }): RubricLine {
  const problem = problemOf(key, expected);
  if (problem !== null) return { rule: key, expected: JSON.stringify(expected), measured: '–', passed: false, reason: problem };
  const ending = endings.find((end) => key.endsWith(end)) ?? '_max';
  const name = key.slice(0, -ending.length);
  const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  if (value === undefined || !Number.isFinite(value)) {
    if (ending === '_required' && expected === false) return { rule: key, expected: 'not required', measured: 'not measured', passed: true, reason: null };
    return { rule: key, expected: expectation(ending, expected), measured: 'not measured', passed: false, reason: `${key}: no guard measured "${name}"${nearest(name, metrics)}` };
  }
  const failure = compare(key, ending, expected, value);
  return { rule: key, expected: expectation(ending, expected), measured: String(value), passed: failure === null, reason: failure };
}

function compare(key: string, ending: (typeof endings)[number], expected: Json, value: number): string | null {
  switch (ending) {
    case '_max':
      return value <= Number(expected) ? null : `${key} exceeded: ${value} > ${Number(expected)}`;
    case '_min':
      return value >= Number(expected) ? null : `${key} not reached: ${value} < ${Number(expected)}`;
    case '_required':
      return expected === false || value > 0 ? null : `${key}: required, but ${value}`;
    case '_range': {
      if (!isRange(expected)) return `${key} expects two numbers`;
      return value >= expected[0] && value <= expected[1] ? null : `${key} left: ${value} is not within ${expected[0]} … ${expected[1]}`;
    }
  }
}

function expectation(ending: (typeof endings)[number], expected: Json): string {
  switch (ending) {
    case '_max':
      return `≤ ${Number(expected)}`;
    case '_min':
      return `≥ ${Number(expected)}`;
    case '_required':
      return expected === true ? 'required' : 'not required';
    case '_range':
      return isRange(expected) ? `${expected[0]} … ${expected[1]}` : '?';
  }
}

function isRange(value: Json): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'number' && value[0] <= value[1];
}

function nearest(name: string, metrics: { readonly [name: string]: number }): string {
  const known = Object.keys(metrics).sort();
  if (known.length === 0) return ' (nothing was measured)';
  const close = known.find((other) => other.includes(name) || name.includes(other));
  return close === undefined ? ` (measured: ${known.slice(0, 8).join(', ')})` : ` (did you mean "${close}"?)`;
}
