import { canonicalJson } from '../../kit/canonical-json.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import type { Work } from './work.ts';

/** What a value is called in messages. */
export function kindOf(value: Json): 'null' | 'text' | 'a number' | 'true or false' | 'a list' | 'a map' {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  return Array.isArray(value) ? 'a list' : 'a map';
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value of an own key, or undefined: what JavaScript adds to every object is not there. */
export function ownValue(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Keys in order, so that the same data gives the same answer however it was stored. */
export function sortedKeys(map: JsonObject): readonly string[] {
  return Object.keys(map).filter((key) => map[key] !== undefined).sort();
}

/** Equal as JSON; values of different kinds are different. */
export function isEqual(left: Json, right: Json, work: Work): boolean {
  work.spend(1);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (isList(left)) return isList(right) && left.length === right.length && left.every((value, index) => isEqual(value, right[index] ?? null, work));
  if (!isMap(left) || !isMap(right)) return false;
  const keys = sortedKeys(left);
  work.spend(keys.length);
  if (sortedKeys(right).length !== keys.length) return false;
  for (const key of keys) {
    const other = ownValue(right, key);
    if (other === undefined || !isEqual(left[key] ?? null, other, work)) return false;
  }
  return true;
}

/** A value inside a text: text as it is, null as nothing, lists and maps as JSON with sorted keys. */
export function asText(value: Json, work: Work): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'object') return jsonText(value, work);
  return String(value);
}

export function jsonText(value: Json, work: Work): string {
  spendOn(value, work);
  return work.text(canonicalJson(value));
}

/** Counts what is in a value before something walks through all of it. */
function spendOn(value: Json, work: Work): void {
  work.spend(1);
  if (typeof value === 'string') work.spend(value.length >> 4);
  else if (isList(value)) for (const item of value) spendOn(item, work);
  else if (isMap(value)) for (const key of Object.keys(value)) spendOn(value[key] ?? null, work);
}
