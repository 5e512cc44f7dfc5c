import type { JobRequest } from '../engine/ports/queue.ts';
import type { Json } from '../kit/json.ts';

const KEY = /^[A-Za-z0-9._-]{1,200}$/;
const ONLY_DIGITS = /^\d+$/;
/** BullMQ's largest priority. */
const LAST_PRIORITY = 2_097_152;

/** Throws a TypeError that names the request and what is wrong with it. */
export function checkRequest(request: JobRequest): void {
  const { kind, key, delayMs, priority } = request;
  if (!KEY.test(key) || ONLY_DIGITS.test(key)) {
    throw new TypeError(
      `Job key ${JSON.stringify(key.slice(0, 210))} of kind ${kind} is not allowed: use 1 to 200 letters, digits, "-", "_" and ".", and not digits alone.`,
    );
  }
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && delayMs >= 0)) {
    throw new TypeError(`Job ${kind}/${key}: delayMs must be 0 or more, found ${delayMs}.`);
  }
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 1 && priority <= LAST_PRIORITY)) {
    throw new TypeError(`Job ${kind}/${key}: priority must be a whole number from 1 to ${LAST_PRIORITY}, found ${priority}.`);
  }
}

/** A copy without what PostgreSQL cannot hold in JSON: NUL characters (removed) and lone surrogates (replaced by U+FFFD). */
export function storable(value: Json): Json {
  if (typeof value === 'string') return storableText(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => storable(item));
  const entries = Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, storable(item)] as const]));
  return Object.fromEntries(entries);
}

/** Longest reason (characters) that is kept of a failed job. */
const REASON_LENGTH = 2_000;

/** The error as the backend can record it: a failure that cannot be written down would never count as one. */
export function storableError(error: unknown): Error {
  const original = error instanceof Error ? error : new Error(String(error));
  const stored = new Error(storableText(original.message).slice(0, REASON_LENGTH));
  stored.name = original.name;
  stored.stack = storableText(original.stack ?? '').slice(0, REASON_LENGTH);
  return stored;
}

function storableText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD');
}
