import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { JsonObject } from '../../kit/json.ts';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Nobody means a wait of months. */
export const longestWaitMs = 30 * unitMs.d;

/** Parts of a duration: `90s`, `1h30m`. */
export const durationPattern = '^(?:[1-9]\\d{0,6}[smhd])+$';

export function durationMs(written: string): number {
  let sum = 0;
  for (const [, count, unit] of written.matchAll(/(\d+)([smhd])/g)) sum += Number(count) * unitMs[unit as keyof typeof unitMs];
  return sum;
}

/** An instant with its zone, in milliseconds since the epoch; null for anything else. */
export function instantOf(written: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(written)) return null;
  const at = Date.parse(written);
  return Number.isNaN(at) ? null : at;
}

/** When a wait that begins at `now` ends, from the parameters of the step type `wait`; or why nobody can tell. */
export function waitEnd(parameters: JsonObject, now: number): Result<number, string> {
  const { duration, until } = parameters;
  if ((duration === undefined) === (until === undefined)) return err('with needs either "duration" or "until".');
  const end = duration === undefined ? (typeof until === 'string' ? instantOf(until) : null) : typeof duration === 'string' && new RegExp(durationPattern).test(duration) ? now + durationMs(duration) : null;
  if (end === null && duration !== undefined) return err(`with.duration is ${JSON.stringify(duration)}, which is not a duration like 90s or 1h30m.`);
  if (end === null) return err(`with.until is ${JSON.stringify(until ?? null)}, which is not an instant with its zone.`);
  return end - now > longestWaitMs ? err(duration === undefined ? 'The instant is more than 30 days ahead.' : 'with.duration is longer than 30 days.') : ok(end);
}
