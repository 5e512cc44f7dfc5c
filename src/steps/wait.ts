import { durationMs, durationPattern, instantOf, longestWaitMs, waitEnd as endOfWait } from '../core/schedule/wait-end.ts';
import type { JsonObject } from '../kit/json.ts';
import { isoTime } from '../kit/time.ts';
import { closed, text } from './schema-parts.ts';
import { pausing } from './service-health.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Lets time pass. */
export const wait: StepType = {
  name: 'wait',
  summary: 'Lets time pass: for a duration, or until an instant. An instant that has passed is no wait. In a mission the engine’s timer waits, no worker does.',
  needsWorkspace: false,
  effects: ['none'],
  waitsFor: 'time',
  parameters: closed({
    duration: { type: 'string', pattern: durationPattern, maxLength: 40, description: 'Seconds, minutes, hours, days: 90s, 1h30m; at most 30 days.' },
    until: text('An instant with its zone: 2026-01-31T09:00:00Z; at most 30 days ahead.', 40, 1),
  }),
  examples: [{ duration: '1h30m' }, { until: '2026-01-02T09:00:00Z' }],
  check: (parameters: JsonObject) => {
    const { duration, until } = parameters as { duration?: string; until?: string };
    if ((duration === undefined) === (until === undefined)) return [{ path: [], message: 'with needs either "duration" or "until".', found: null, expected: 'one of the two', nearest: null }];
    if (duration !== undefined && durationMs(duration) > longestWaitMs) return [{ path: ['duration'], message: 'with.duration is longer than 30 days.', found: duration, expected: 'at most 30d', nearest: null }];
    if (until !== undefined && !until.includes('${{') && instantOf(until) === null) return [{ path: ['until'], message: 'with.until is not an instant with its zone.', found: JSON.stringify(until), expected: 'like 2026-01-31T09:00:00Z or 2026-01-31T10:00:00+01:00', nearest: null }];
    return [];
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const outside = outsideOf(context);
    const now = outside.clock.now();
    const ms = Math.max(0, waitEnd(context.parameters, now) - now);
    if (ms > context.timeoutMs) throw new StepError('input', `The wait of ${Math.round(ms / 1000)} s is longer than the task's time limit of ${Math.round(context.timeoutMs / 1000)} s. Raise "timeout-minutes".`);
    if (ms > 0) await pausing(outside, ms, context.signal);
    return { summary: ms === 0 ? 'Nothing to wait for.' : `Waited ${Math.round(ms / 1000)} s.`, outputs: { 'waited-ms': ms, at: isoTime(outside.clock.now()) }, artifacts: [] };
  },
};

/** When a wait that starts at `now` ends. Throws `StepError('input')` when a template gave no instant. */
export function waitEnd(parameters: JsonObject, now: number): number {
  const end = endOfWait(parameters, now);
  if (!end.ok) throw new StepError('input', end.error);
  return end.value;
}
