import type { JsonObject } from '../kit/json.ts';
import { isoTime } from '../kit/time.ts';
import { closed, text } from './schema-parts.ts';
import { pausing } from './service-health.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Nobody means a wait of months. */
const longestMs = 30 * unitMs.d;

/** Lets time pass. */
export const wait: StepType = {
  name: 'wait',
  summary: 'Lets time pass: for a duration, or until an instant. An instant that has passed is no wait.',
  needsWorkspace: false,
  effects: ['none'],
  waitsFor: 'time',
  parameters: closed({
    duration: { type: 'string', pattern: '^(?:[1-9]\\d{0,6}[smhd])+$', maxLength: 40, description: 'Seconds, minutes, hours, days: 90s, 1h30m; at most 30 days.' },
    until: text('An instant with its zone: 2026-01-31T09:00:00Z; at most 30 days ahead.', 40, 1),
  }),
  examples: [{ duration: '1h30m' }, { until: '2026-01-02T09:00:00Z' }],
  check: (parameters: JsonObject) => {
    const { duration, until } = parameters as { duration?: string; until?: string };
    if ((duration === undefined) === (until === undefined)) return [{ path: [], message: 'with needs either "duration" or "until".', found: null, expected: 'one of the two', nearest: null }];
    if (duration !== undefined && milliseconds(duration) > longestMs) return [{ path: ['duration'], message: 'with.duration is longer than 30 days.', found: duration, expected: 'at most 30d', nearest: null }];
    if (until !== undefined && !until.includes('${{') && instant(until) === null) return [{ path: ['until'], message: 'with.until is not an instant with its zone.', found: JSON.stringify(until), expected: 'like 2026-01-31T09:00:00Z or 2026-01-31T10:00:00+01:00', nearest: null }];
    return [];
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const outside = outsideOf(context);
    const now = outside.clock.now();
    const ms = Math.max(0, waitEnd(context.parameters, now) - now);
    if (ms > longestMs) throw new StepError('input', 'The instant is more than 30 days ahead.');
    if (ms > context.timeoutMs) throw new StepError('input', `The wait of ${Math.round(ms / 1000)} s is longer than the task's time limit of ${Math.round(context.timeoutMs / 1000)} s. Raise "timeout-minutes".`);
    if (ms > 0) await pausing(outside, ms, context.signal);
    return { summary: ms === 0 ? 'Nothing to wait for.' : `Waited ${Math.round(ms / 1000)} s.`, outputs: { 'waited-ms': ms, at: isoTime(outside.clock.now()) }, artifacts: [] };
  },
};

/** When a wait that starts at `now` ends; the engine's timer and `run` agree by this. Throws `StepError('input')` when a template gave no instant. */
export function waitEnd(parameters: JsonObject, now: number): number {
  const { duration, until } = parameters as { duration?: string; until?: string };
  if (duration !== undefined) return now + milliseconds(duration);
  const at = instant(until ?? '');
  if (at === null) throw new StepError('input', `with.until is ${JSON.stringify(until ?? null)}, which is not an instant with its zone.`);
  return at;
}

function milliseconds(duration: string): number {
  let sum = 0;
  for (const [, count, unit] of duration.matchAll(/(\d+)([smhd])/g)) sum += Number(count) * unitMs[unit as keyof typeof unitMs];
  return sum;
}

function instant(written: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(written)) return null;
  const at = Date.parse(written);
  return Number.isNaN(at) ? null : at;
}
