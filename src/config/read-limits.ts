import type { Json } from '../kit/json.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import type { Budget, RetryRule, Until } from '../core/mission/definition.ts';
import type { FailureKind } from '../core/mission/failure-kind.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

/** Seconds one attempt may take: a day; where people or time are waited for, thirty. */
const longestAttempt = { working: 86_400, waiting: definitionDefaults.waitSeconds };
/** Seconds a phase or a mission may take: thirty days. People's answers at gates count. */
const longestMission = 30 * 86_400;

/** Attempts of a task, the first included. */
const mostAttempts = 20;

/** Classes of failure a person may name under `retry.on`; `cancelled` is nobody's failure. */
export const retryKinds = ['input', 'work', 'timeout', 'environment', 'network', 'permission', 'conflict', 'lost'] as const satisfies readonly FailureKind[];

export const defaultRounds = 5;

/** `timeout-minutes` or `timeout-seconds` of a task. */
export function readAttemptTime(shape: Shape, found: Times, path: YamlPath, waits: boolean): number | undefined {
  return readSeconds(shape, found, path, waits ? longestAttempt.waiting : longestAttempt.working);
}

/** `timeout-minutes` or `timeout-seconds` of a phase or of the mission. */
export function readTime(shape: Shape, found: Times, path: YamlPath): number | undefined {
  return readSeconds(shape, found, path, longestMission);
}

type Times = { readonly [key: string]: Json | undefined };

function readSeconds(shape: Shape, found: Times, path: YamlPath, longest: number): number | undefined {
  const minutes = shape.integer(found['timeout-minutes'], [...path, 'timeout-minutes'], 'timeout-minutes', 1, longest / 60);
  const seconds = shape.integer(found['timeout-seconds'], [...path, 'timeout-seconds'], 'timeout-seconds', 1, longest);
  if (found['timeout-minutes'] !== undefined && found['timeout-seconds'] !== undefined) {
    shape.report('two-timeouts', [...path, 'timeout-seconds'], 'Give timeout-minutes or timeout-seconds, not both.', 'key');
  }
  return seconds ?? (minutes === undefined ? undefined : minutes * 60);
}

export function readBudget(shape: Shape, value: Json | undefined, path: YamlPath): Budget | undefined {
  if (value === undefined) return undefined;
  const found = shape.mapping(value, path, 'A budget', ['tokens', 'usd', 'minutes']);
  if (!found) return undefined;
  if (Object.keys(found).length === 0) shape.report('empty', path, 'A budget bounds tokens, usd or minutes.');
  const tokens = shape.integer(found.tokens, [...path, 'tokens'], 'tokens', 1, 1_000_000_000_000);
  const usd = shape.number(found.usd, [...path, 'usd'], 'usd', 0.01, 10_000_000);
  const minutes = shape.number(found.minutes, [...path, 'minutes'], 'minutes', 1, 10_000_000);
  return { ...(tokens === undefined ? {} : { tokens }), ...(usd === undefined ? {} : { usd }), ...(minutes === undefined ? {} : { minutes }) };
}

/** `until`: a condition and a bound, or the condition alone. */
export function readUntil(shape: Shape, value: Json | undefined, path: YamlPath): { readonly until: Until; readonly conditionPath: YamlPath } | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') {
    const condition = shape.text(value, path, 'until', 8_192);
    return condition === undefined ? undefined : { until: { condition, maxRounds: defaultRounds }, conditionPath: path };
  }
  const found = shape.mapping(value, path, 'until', ['condition', 'max-rounds'], ['condition']);
  if (!found) return undefined;
  const condition = shape.text(found.condition, [...path, 'condition'], 'The condition', 8_192);
  const maxRounds = shape.integer(found['max-rounds'], [...path, 'max-rounds'], 'max-rounds', 1, 20) ?? defaultRounds;
  return condition === undefined ? undefined : { until: { condition, maxRounds }, conditionPath: [...path, 'condition'] };
}

/** `retry` of a task: attempts in all, and how they follow each other. */
export function readRetry(shape: Shape, value: Json | undefined, path: YamlPath): { readonly maxAttempts: number | undefined; readonly rule: RetryRule | undefined } {
  const found = value === undefined ? undefined : shape.mapping(value, path, 'retry', ['max-attempts', 'backoff', 'on']);
  if (!found) return { maxAttempts: undefined, rule: undefined };
  const maxAttempts = shape.integer(found['max-attempts'], [...path, 'max-attempts'], 'max-attempts', 1, mostAttempts);
  if (found['max-attempts'] === undefined && (found.backoff !== undefined || found.on !== undefined)) {
    shape.report('missing-key', path, 'retry with backoff or on needs max-attempts: without it nothing is tried again.');
  }
  const backoff = found.backoff === undefined ? undefined : shape.mapping(found.backoff, [...path, 'backoff'], 'backoff', ['initial-seconds', 'factor', 'max-seconds']);
  const initialSeconds = shape.number(backoff?.['initial-seconds'], [...path, 'backoff', 'initial-seconds'], 'initial-seconds', 0, 86_400);
  const factor = shape.number(backoff?.factor, [...path, 'backoff', 'factor'], 'factor', 1, 10);
  const maxSeconds = shape.number(backoff?.['max-seconds'], [...path, 'backoff', 'max-seconds'], 'max-seconds', 0, 86_400);
  const listed = shape.list(found.on, [...path, 'on'], 'on');
  if (listed?.length === 0) shape.report('empty', [...path, 'on'], `on names at least one of ${retryKinds.join(', ')}; leave it out for all that the retry table allows.`);
  const on = listed?.flatMap((item, index) => shape.oneOf(item, [...path, 'on', index], 'An entry of on', retryKinds) ?? []);
  const rule: RetryRule = {
    ...(initialSeconds === undefined ? {} : { initialSeconds }),
    ...(factor === undefined ? {} : { factor }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(on === undefined ? {} : { on }),
  };
  return { maxAttempts, rule: Object.keys(rule).length === 0 ? undefined : rule };
}
