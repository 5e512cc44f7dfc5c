import { canonicalJson } from '../kit/canonical-json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';

/** `strategy.matrix` as written, templates resolved. */
export interface Matrix {
  readonly axes: readonly { readonly name: string; readonly values: readonly Json[] }[];
  readonly include: readonly JsonObject[];
  readonly exclude: readonly JsonObject[];
}

/**
 * The items of a matrix, as GitHub Actions makes them: every combination of the axes, the first one slowest; without those that
 * agree with an entry of `exclude`; each extended by every entry of `include` that contradicts no value of an axis; entries of
 * `include` that extend nothing are items of their own.
 */
export function expandMatrix({ axes, include, exclude }: Matrix, maximum: number): Result<readonly JsonObject[], { readonly size: number }> {
  const size = axes.length === 0 ? 0 : axes.reduce((product, axis) => product * axis.values.length, 1);
  if (size > maximum) return err({ size });
  let combinations: JsonObject[] = axes.length === 0 ? [] : [{}];
  for (const { name, values } of axes) combinations = combinations.flatMap((item) => values.map((value): JsonObject => ({ ...item, [name]: value })));
  const kept = combinations.filter((item) => !exclude.some((entry) => agrees(entry, item)));
  const names = new Set(axes.map(({ name }) => name));
  const items = kept.map((item) => ({ original: item, extended: item }));
  const alone: JsonObject[] = [];
  for (const entry of include) {
    const fits = items.filter(({ original }) => Object.entries(entry).every(([key, value]) => !names.has(key) || isSame(original[key], value)));
    if (fits.length === 0) alone.push(entry);
    for (const item of fits) item.extended = { ...item.extended, ...entry };
  }
  const all = [...items.map(({ extended }) => extended), ...alone];
  return all.length > maximum ? err({ size: all.length }) : ok(all);
}

/** Every value of the entry is the item's; an object in the entry needs only some of the item's fields. */
function agrees(entry: Json, item: Json | undefined): boolean {
  if (isJsonObject(entry) && isJsonObject(item)) return Object.entries(entry).every(([key, value]) => agrees(value ?? null, item[key]));
  return isSame(item, entry);
}

function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  return left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right);
}
