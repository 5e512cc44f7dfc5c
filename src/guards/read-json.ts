import type { Json } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';

/** Parses a report; what is wrong names file, line and column, and shows nothing of the content. */
export function readJson(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? (/end of JSON input/.test(message) ? text.length : Number.NaN));
    throw new GuardError(Number.isNaN(position) ? `${name} is not JSON.` : `${name}:${place(text, position)}: it is not JSON${position >= text.trimEnd().length ? '; it ends too early' : ''}.`);
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return `${line}:${position - before.lastIndexOf('\n')}`;
}
