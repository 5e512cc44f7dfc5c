import type { Millis } from '../../kit/time.ts';
import { dueBetween, nextDue } from './due-times.ts';
import type { Schedule } from './due-times.ts';

/** What is done about due times that passed while nobody was there to see them. */
export type Misfire = { readonly kind: 'skip' } | { readonly kind: 'run-once' } | { readonly kind: 'catch-up'; readonly most: number };

/** A due time seen no later than this is punctual: no process was down, it was busy. */
export const punctualMs = 10 * 60_000;
/** Missed due times are counted up to this many; nobody needs to know more exactly. */
const countUpTo = 1_000;

export interface DueDecision {
  /** Due times that start a mission now, oldest first. */
  readonly run: readonly Millis[];
  /** Due times that start none; `countUpTo` means that many or more. */
  readonly missed: number;
  /** The next due time after now; null when there is none. */
  readonly next: Millis | null;
}

/**
 * Which due times from `first` until `now` start a mission: the latest one (`run-once`), the latest one if it is punctual (`skip`), or the
 * latest few (`catch-up`). Whoever decides later decides about later due times as well; a due time is decided on once.
 */
export function decideDue(schedule: Schedule, misfire: Misfire, first: Millis, now: Millis): DueDecision {
  if (first > now) return { run: [], missed: 0, next: first };
  const most = misfire.kind === 'catch-up' ? misfire.most : 1;
  const { latest, count } = dueBetween(schedule, first, now, most, countUpTo);
  const run = misfire.kind === 'skip' ? latest.filter((due) => now - due <= punctualMs) : latest;
  return { run, missed: count - run.length, next: nextDue(schedule, now) };
}
