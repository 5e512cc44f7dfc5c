import { isJsonObject } from '../../kit/json.ts';
import { wellFormed } from '../messages/ink.ts';

/**
 * Reads payloads without trusting their shape: whoever knows the secret may send anything, and GitHub's own payloads have
 * changed over the years. A field that is missing or of another type is null; nothing here throws.
 */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let at: unknown = value;
  for (const name of path) {
    if (!isJsonObject(at) || !Object.hasOwn(at, name)) return null;
    at = at[name];
  }
  return at ?? null;
}

/** More than GitHub itself stores in a body (262,144 bytes). */
const maximumText = 300_000;

/** Text that JSON and PostgreSQL can hold: no unpaired surrogates, no NUL; bounded. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = field(value, ...path);
  return typeof found === 'string' ? wellFormed(found.slice(0, maximumText)) : null;
}

/** Text that is part of a name or key: short, or not there at all. */
export function nameAt(value: unknown, ...path: readonly string[]): string | null {
  const found = textAt(value, ...path);
  return found !== null && found !== '' && found.length <= 300 ? found : null;
}

const commitPattern = /^[0-9a-f]{40,64}$/;

/** The full id of a commit; of a branch that is made or deleted also the zeros that stand for none. */
export function commitAt(value: unknown, ...path: readonly string[]): string | null {
  const found = nameAt(value, ...path);
  return found !== null && commitPattern.test(found) ? found : null;
}

/** A positive whole number that JavaScript can hold exactly. */
export function idAt(value: unknown, ...path: readonly string[]): number | null {
  const found = field(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : null;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function isObjectAt(value: unknown, ...path: readonly string[]): boolean {
  return isJsonObject(field(value, ...path));
}
