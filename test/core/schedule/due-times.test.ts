import { describe, expect, it } from 'vitest';

import { cronProblem, dueBetween, inZone, isTimezone, nextDue } from '../../../src/core/schedule/due-times.ts';
import type { Schedule } from '../../../src/core/schedule/due-times.ts';
import * as fc from '../../support/fast-check.ts';

const cron = (line: string, timezone = 'UTC'): Schedule => ({ kind: 'cron', cron: line, timezone });
const at = (text: string) => Date.parse(text);
function dues(schedule: Schedule, after: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let due = nextDue(schedule, at(after)); due !== null && found.length < count; due = nextDue(schedule, due)) found.push(new Date(due).toISOString().replace(':00.000Z', 'Z'));
  return found;
}

const schedules = fc.oneof(
  fc.record({
    kind: fc.constant('cron' as const),
    cron: fc.constantFrom('0 3 * * *', '30 2 * * *', '*/30 * * * *', '15 0,12 * * 1-5', '0 0 1 * *', '5 4 29 2 *', '0 9 L * *'),
    timezone: fc.constantFrom('UTC', 'Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Santiago'),
  }),
  fc.record({ kind: fc.constant('every' as const), everyMs: fc.integer({ min: 5, max: 40_000 }).map((minutes) => minutes * 60_000) }),
);
const moments = fc.integer({ min: at('2024-01-01T00:00Z'), max: at('2030-01-01T00:00Z') });

describe('due times', () => {
  it('are read in the zone: three in the morning stays three in the morning when the clocks change', () => {
    expect(dues(cron('0 3 * * *', 'Europe/Zurich'), '2026-03-27T12:00Z', 3)).toEqual(['2026-03-28T02:00Z', '2026-03-29T01:00Z', '2026-03-30T01:00Z']);
    expect(dues(cron('0 3 * * *', 'Europe/Zurich'), '2026-10-24T12:00Z', 2)).toEqual(['2026-10-25T02:00Z', '2026-10-26T02:00Z']);
  });

  it('exist once each day: in the gap at its end, in the doubled hour the first time', () => {
    expect(dues(cron('30 2 * * *', 'Europe/Zurich'), '2026-03-28T12:00Z', 2)).toEqual(['2026-03-29T01:00Z', '2026-03-30T00:30Z']);
    expect(dues(cron('30 2 * * *', 'Europe/Zurich'), '2026-10-24T12:00Z', 2)).toEqual(['2026-10-25T00:30Z', '2026-10-26T01:30Z']);
  });

  it('that repeat go on in even steps through the doubled hour', () => {
    expect(dues(cron('*/30 * * * *', 'Europe/Zurich'), '2026-10-24T23:40Z', 5)).toEqual(['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25T02:00Z']);
  });

  it('of an interval are the same whoever counts, and whenever', () => {
    expect(dues({ kind: 'every', everyMs: 6 * 3_600_000 }, '2026-01-15T09:00Z', 2)).toEqual(['2026-01-15T12:00Z', '2026-01-15T18:00Z']);
    expect(dues({ kind: 'every', everyMs: 6 * 3_600_000 }, '2026-01-15T12:00Z', 1)).toEqual(['2026-01-15T18:00Z']);
  });

  it('come after the moment that was asked for, and none is between', () => {
    fc.assert(
      fc.property(schedules, moments, fc.integer({ min: 1, max: 90_000_000 }), (schedule, after, step) => {
        const due = nextDue(schedule, after);
        if (due === null) return;
        expect(due).toBeGreaterThan(after);
        expect(nextDue(schedule, Math.max(after, due - step))).toBe(due);
        expect(due % 60_000).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('in a stretch of time are those that come one after the other', () => {
    fc.assert(
      fc.property(schedules, moments, fc.integer({ min: 0, max: 40 * 86_400_000 }), fc.integer({ min: 1, max: 20 }), (schedule, from, length, most) => {
        const first = nextDue(schedule, from);
        if (first === null) return;
        const all: number[] = [];
        for (let due: number | null = first; due !== null && due <= from + length; due = nextDue(schedule, due)) all.push(due);
        expect(dueBetween(schedule, first, from + length, most, 100)).toEqual({ latest: all.slice(-most), count: Math.min(all.length, Math.max(most, 100)) });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a cron line', () => {
  it.each([
    ['0 3 * * 1-5', null],
    ['*/5 * * * *', null],
    ['0 9 L * *', null],
    ['5 4 29 2 *', null],
    ['* * * * *', 'it is due more often than every 5 minutes'],
    ['0,3 4 * * *', 'it is due more often than every 5 minutes'],
    ['58 23 * * *', null],
    ['0 0 30 2 *', 'it is never due: there is no such day'],
    ['? * * * *', 'it holds "?", which has no fixed meaning; write "*"'],
    ['0 3 * *', 'it has 4 fields; expected five: minute, hour, day of the month, month, day of the week'],
    ['0 0 3 * * 1', 'it has 6 fields; expected five: minute, hour, day of the month, month, day of the week'],
    ['61 * * * *', 'Invalid value for minute: 61'],
  ])('%s: %s', (line, problem) => {
    expect(cronProblem(line)).toBe(problem);
  });
});

describe('a time zone', () => {
  it('has a name, and shows its own date', () => {
    expect(['Europe/Zurich', 'UTC', 'America/New_York'].map(isTimezone)).toEqual([true, true, true]);
    expect(['Europe/Zurch', '', '+02:00'].map(isTimezone)).toEqual([false, false, false]);
    expect(inZone(at('2026-01-14T23:30Z'), 'Europe/Zurich')).toEqual({ date: '2026-01-15', time: '00:30' });
  });
});
