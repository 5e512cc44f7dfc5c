import { JSONPathEnvironment, JSONPointer } from 'json-p3';

import type { Json } from '../kit/json.ts';
import { StepError } from './step-type.ts';

const environment = new JSONPathEnvironment();
// Their patterns would run as JavaScript's own regular expressions, which can take exponential time.
for (const name of ['match', 'search']) environment.functionRegister.delete(name);

/** Why a text is neither a JSON Pointer (RFC 6901) nor a JSONPath (RFC 9535); null when it is one. */
export function checkSelector(selector: string): string | null {
  try {
    if (selector.startsWith('$')) environment.compile(selector);
    else void new JSONPointer(selector);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
  }
}

/** The value a pointer leads to (missing: `input`), or the list of values a path takes. */
export function select(name: string, value: Json, selector: string): Json {
  if (selector.startsWith('$')) return environment.query(selector, value as never).values() as Json[];
  const pointer = new JSONPointer(selector);
  if (!pointer.exists(value as never)) throw new StepError('input', `${name} has nothing at ${JSON.stringify(selector)}. Look at what it holds, and correct "select".`);
  return pointer.resolve(value as never) as Json;
}
