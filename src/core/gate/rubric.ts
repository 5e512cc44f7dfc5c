import { didYouMean } from '../../kit/nearest-word.ts';
import type { Json } from '../../kit/json.ts';
import type { Rubric } from '../mission/definition.ts';
import type { GuardReport, RubricLine } from '../mission/event.ts';
import { metricNames } from './metrics.ts';

/** Endings a rubric key may have; what stands before is the name of a metric. A bare name has a range. */
const endings = ['_max', '_min', '_required', '_range'] as const;
type Ending = (typeof endings)[number];

/** Name of a metric as people may write it. */
const metricPattern = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;

export interface RubricProblem {
  readonly key: string;
  readonly message: string;
}

interface Rule {
  readonly metric: string;
  readonly ending: Ending;
}

/** What is wrong with a rubric, independent of any measurement. */
export function rubricProblems(rubric: Rubric): readonly RubricProblem[] {
  return Object.entries(rubric).flatMap(([key, expected]) => {
    const message = problemOf(key, expected);
    return message === null ? [] : [{ key, message }];
  });
}

/** The metric each line of a rubric speaks of, in the order they are written; lines that are malformed left out. */
export function metricsByRule(rubric: Rubric): readonly { readonly key: string; readonly metric: string }[] {
  return Object.entries(rubric).flatMap(([key, expected]) => {
    const rule = problemOf(key, expected) === null ? ruleOf(key, expected) : null;
    return rule === null ? [] : [{ key, metric: rule.metric }];
  });
}

/** `tests_failed_max`, or a bare `personas_count` with two numbers; null when it is neither. */
function ruleOf(key: string, expected: Json): Rule | null {
  const ending = endings.find((end) => key.endsWith(end) && key.length > end.length);
  if (ending !== undefined) return { metric: key.slice(0, -ending.length), ending };
  return Array.isArray(expected) && metricPattern.test(key) ? { metric: key, ending: '_range' } : null;
}

function problemOf(key: string, expected: Json): string | null {
  const rule = ruleOf(key, expected);
  switch (rule?.ending) {
    case '_max':
    case '_min':
      return typeof expected === 'number' && Number.isFinite(expected) ? null : `${key} expects a number`;
    case '_required':
      return typeof expected === 'boolean' ? null : `${key} expects true or false`;
    case '_range':
      return isRange(expected) ? null : `${key} expects two numbers, the lower one first`;
    case undefined:
      return `"${key}" is no rubric key: expected the name of a metric followed by ${endings.join(', ')}, or the name alone with two numbers, [low, high]`;
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

/** A line for every guard that did not pass: it keeps a gate shut without being named in the rubric. */
export function guardLines(reports: readonly GuardReport[]): readonly RubricLine[] {
  return reports.filter((report) => !report.passed).map((report) => ({ rule: `guard ${report.guard}`, expected: 'passed', measured: 'failed', passed: false, reason: `${report.guard}: ${report.summary}` }));
}

function judgeLine(key: string, expected: Json, metrics: { readonly [name: string]: number }): RubricLine {
  const problem = problemOf(key, expected);
  const rule = ruleOf(key, expected);
  if (problem !== null || rule === null) return { rule: key, expected: JSON.stringify(expected), measured: '–', passed: false, reason: problem };
  const { metric, ending } = rule;
  const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (value === undefined || !Number.isFinite(value)) {
    if (ending === '_required' && expected === false) return { rule: key, expected: 'not required', measured: 'not measured', passed: true, reason: null };
    return { rule: key, expected: expectation(ending, expected), measured: 'not measured', passed: false, reason: `${key}: ${notMeasured(metric, metrics)}` };
  }
  const failure = compare(key, ending, expected, value);
  return { rule: key, expected: expectation(ending, expected), measured: String(value), passed: failure === null, reason: failure };
}

function compare(key: string, ending: Ending, expected: Json, value: number): string | null {
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

function expectation(ending: Ending, expected: Json): string {
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
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number' && Number.isFinite(one)) && value[0] <= value[1];
}

/** Why there is no value, with the word that was probably meant: first among what was measured, then among all there is. */
function notMeasured(name: string, metrics: { readonly [name: string]: number }): string {
  const measured = Object.keys(metrics).sort();
  const known = metricNames();
  if (known.includes(name)) return `no guard measured "${name}"`;
  const near = didYouMean(name, measured) || didYouMean(name, known);
  if (near !== '') return `no guard measured "${name}" (${near.trim().replace('Did', 'did')})`;
  return `no guard measured "${name}"${measured.length === 0 ? ' (nothing was measured)' : ` (measured: ${measured.slice(0, 8).join(', ')})`}`;
}
