import { Ajv2020 } from 'ajv/dist/2020.js';

import { evaluateExpression } from '../expression/evaluate.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { FanOut } from './definition.ts';
import type { Outputs } from './state.ts';

/** What a group gives, from what its items gave in order of items: never in order of finishing. The error says what is wrong, in words. */
export function collect({ collect: how, schema }: FanOut, items: readonly Outputs[], inputs: JsonObject): Result<Outputs, string> {
  const collected = gather(how, items, inputs);
  if (!collected.ok || schema === null) return collected;
  // Of an expression people think as of its value, not of the name it is kept under.
  const problem = mismatch(schema, typeof how === 'object' ? (collected.value['value'] ?? null) : collected.value);
  return problem === null ? collected : err(`what was collected does not fit its schema: ${problem}`);
}

function gather(how: FanOut['collect'], items: readonly Outputs[], inputs: JsonObject): Result<Outputs, string> {
  if (how === 'concat') return ok({ items });
  if (how === 'merge') return ok(items.reduce<Outputs>((whole, item) => mergeMaps(whole, item) as Outputs, {}));
  if (how === 'vote') return ok(vote(items));
  const value = evaluateExpression(how.expression, { items, inputs });
  return value.ok ? ok({ value: value.value }) : err(`the expression of "collect" (${how.expression}) has no value: ${value.error.message}`);
}

/** Keys in order; a later item wins, lists are joined, objects merged in the same way. */
function merge(earlier: Json | undefined, later: Json): Json {
  if (Array.isArray(earlier) && Array.isArray(later)) return [...(earlier as readonly Json[]), ...(later as readonly Json[])];
  if (isJsonObject(earlier) && isJsonObject(later)) return mergeMaps(earlier, later);
  return later;
}

function mergeMaps(earlier: JsonObject, later: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(earlier), ...Object.keys(later)])].sort();
  return Object.fromEntries(
    keys.map((key): [string, Json | undefined] => {
      const value = Object.hasOwn(later, key) ? later[key] : undefined;
      const before = Object.hasOwn(earlier, key) ? earlier[key] : undefined;
      return [key, value === undefined ? before : merge(before, value)];
    }),
  );
}

/** For every key the value that most items agree on; where two have as many, the one whose canonical text comes first. */
function vote(items: readonly Outputs[]): Outputs {
  const keys = [...new Set(items.flatMap((item) => Object.keys(item)))].sort();
  const elected = keys.map((key) => {
    const counts = new Map<string, { value: Json; votes: number }>();
    for (const item of items) {
      const value = Object.hasOwn(item, key) ? item[key] : undefined;
      if (value === undefined) continue;
      const text = canonicalJson(value);
      const known = counts.get(text);
      if (known) known.votes += 1;
      else counts.set(text, { value, votes: 1 });
    }
    const [winner] = [...counts].sort(([a, { votes: x }], [b, { votes: y }]) => y - x || (a < b ? -1 : 1));
    return { key, value: winner?.[1].value ?? null, votes: winner?.[1].votes ?? 0 };
  });
  return { ...Object.fromEntries(elected.map(({ key, value }) => [key, value])), votes: Object.fromEntries(elected.map(({ key, votes }) => [key, votes])) };
}

const checks = new WeakMap<object, (value: unknown) => string | null>();

function mismatch(schema: JsonObject, value: Json): string | null {
  let check = checks.get(schema);
  if (!check) {
    check = compile(schema);
    checks.set(schema, check);
  }
  return check(value);
}

function compile(schema: JsonObject): (value: unknown) => string | null {
  const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false });
  try {
    const accepts = ajv.compile(schema);
    return (value) => (accepts(value) ? null : ajv.errorsText(accepts.errors, { dataVar: 'outputs', separator: '; ' }).slice(0, 1000));
  } catch (error) {
    return () => `the schema itself is none (${error instanceof Error ? error.message : String(error)})`;
  }
}
