import { Cron } from 'croner';

import type { Millis } from '../../kit/time.ts';

/** When something is due, again and again. */
export type Schedule =
  /** Five fields, read in a time zone. */
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string }
  /** Every so often, counted from the beginning of 1970 in UTC, so that every process counts alike. */
  | { readonly kind: 'every'; readonly everyMs: number };

/** Two due times are never nearer than this; GitHub's own schedules have the same limit. */
export const shortestPauseMs = 5 * 60_000;

/**
 * The first due time after a moment, or null when there is none. Where the clocks go forward, a time of day that does not exist is due at
 * the first moment after the gap; where they go back, a time of day is due once, the first time it comes, and a repeating one
 * such as every half hour goes on in even steps.
 */
export function nextDue(schedule: Schedule, after: Millis): Millis | null {
  if (schedule.kind === 'every') return (Math.floor(after / schedule.everyMs) + 1) * schedule.everyMs;
  return cronOf(schedule).nextRun(new Date(after))?.getTime() ?? null;
}

/** Due times from `first` up to and including `now`: the latest `most`, oldest first, and how many there are, counted up to `countUpTo`. */
export function dueBetween(schedule: Schedule, first: Millis, now: Millis, most: number, countUpTo: number): { readonly latest: readonly Millis[]; readonly count: number } {
  const wanted = Math.max(most, countUpTo);
  // Only ever asked forwards, where gaps and repeated hours are told rightly: back by more and more, until there are enough.
  for (let window = 12 * shortestPauseMs; ; window *= 4) {
    const from = Math.max(first, now - window);
    const found = dueFrom(schedule, from, now);
    if (found.length >= wanted || from === first) return { latest: found.slice(-most), count: Math.min(found.length, wanted) };
  }
}

function dueFrom(schedule: Schedule, first: Millis, now: Millis): readonly Millis[] {
  const found: Millis[] = [];
  for (let due = nextDue(schedule, first - 1); due !== null && due <= now; due = nextDue(schedule, due)) found.push(due);
  return found;
}

/** What is wrong with a cron line, or null. */
export function cronProblem(cron: string): string | null {
  // `?` stands for the moment of reading, and what runs when must not depend on when it was read.
  if (cron.includes('?')) return 'it holds "?", which has no fixed meaning; write "*"';
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return `it has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}; expected five: minute, hour, day of the month, month, day of the week`;
  let next: Millis | null;
  try {
    next = nextDue({ kind: 'cron', cron, timezone: 'UTC' }, aLeapYear);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Cron\w*: /, '').replace(/\.$/, '') : 'it cannot be read';
  }
  if (next === null) return 'it is never due: there is no such day';
  return closest(cron) < shortestPauseMs ? `it is due more often than every ${shortestPauseMs / 60_000} minutes` : null;
}

/** Any day serves: how near two due times are is seen within one day, and which days there are within a leap year. */
const aLeapYear = Date.UTC(2024, 0, 1) - 1;

/** The smallest pause within the first day on which it is due. */
function closest(cron: string): number {
  const schedule: Schedule = { kind: 'cron', cron, timezone: 'UTC' };
  let smallest = Number.POSITIVE_INFINITY;
  let before = nextDue(schedule, aLeapYear);
  const end = (before ?? 0) + 25 * 3_600_000;
  for (let next = before; before !== null && next !== null && next < end; before = next) {
    next = nextDue(schedule, before);
    if (next !== null) smallest = Math.min(smallest, next - before);
    if (smallest < shortestPauseMs) return smallest;
  }
  return smallest;
}

/** True for a name of the time zone database that this machine knows, like `Europe/Zurich`. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Every zone by its usual name, for the nearest word. */
export function timezones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone');
}

/** Day and time of day as the clocks of a zone show them: `2026-01-15 03:00`. */
export function inZone(at: Millis, timezone: string): { readonly date: string; readonly time: string } {
  const parts = new Map(
    new Intl.DateTimeFormat('en-GB', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return { date: `${part('year')}-${part('month')}-${part('day')}`, time: `${part('hour')}:${part('minute')}` };
}

export function zoneOf(schedule: Schedule | null): string {
  return schedule?.kind === 'cron' ? schedule.timezone : 'UTC';
}

/** Reading a line costs more than asking it; there are few of them. */
const known = new Map<string, Cron>();
const mostKnown = 500;

function cronOf({ cron, timezone }: Extract<Schedule, { kind: 'cron' }>): Cron {
  const key = `${timezone} ${cron}`;
  const existing = known.get(key);
  if (existing) return existing;
  if (known.size >= mostKnown) known.clear();
  // Without a function to call nothing is scheduled: this only computes.
  const made = new Cron(cron, { timezone, mode: '5-part', paused: true });
  known.set(key, made);
  return made;
}
