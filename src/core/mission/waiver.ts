import type { Actor } from './actor.ts';

/** What a rule measured, and which way is worse: a waiver covers what is no worse than what was seen. */
export interface Measure {
  /** Null when nothing was measured. */
  readonly value: number | null;
  /** The threshold that was missed. */
  readonly limit: number;
  readonly worse: 'more' | 'less';
}

/**
 * `requested` until a second person confirms it; `approved` counts; the others are history. `replaced`: a newer one of the same
 * rule was confirmed, or asked for before this one was.
 */
export type WaiverStatus = 'requested' | 'approved' | 'withdrawn' | 'expired' | 'replaced';

/** A recorded exception to one rule of one gate. */
export interface Waiver {
  /** 1, 2, 3 … within the phase. */
  readonly number: number;
  readonly rule: string;
  readonly status: WaiverStatus;
  /** Who asked for it, and answers for it. */
  readonly by: Actor;
  readonly reason: string;
  /** What is done instead, so that the risk stays small. */
  readonly control: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  readonly until: number;
  /** As the check showed it when it was asked for. */
  readonly expected: string;
  readonly measured: string;
  readonly seen: Measure;
  readonly approvedBy: Actor | null;
  /** Whole days left when that was last counted, rounded up; only of approved ones. */
  readonly daysLeft?: number;
}
