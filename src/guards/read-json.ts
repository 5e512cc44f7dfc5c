import type { Json } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';

/** Lists and objects of one report: each takes much more memory than the two letters that make it. */
const mostParts = 3_000_000;

/** Parses a report; what is wrong names file, line and column, and shows nothing of the content. */
export function readJson(name: string, text: string): Json {
  refuseMany(name, text);
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

function refuseMany(name: string, text: string): void {
  // So short a text cannot hold as many.
  if (text.length < mostParts) return;
  let parts = 0;
  for (const letter of ['[', '{']) for (let at = text.indexOf(letter); at >= 0 && parts <= mostParts; at = text.indexOf(letter, at + 1)) parts += 1;
  if (parts > mostParts) throw new GuardError(`${name} holds more than 3,000,000 lists and objects, which are not read. Split it.`);
}
