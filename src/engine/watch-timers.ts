import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { JobOutcome } from './ports/queue.ts';
import type { Store } from './ports/store.ts';

export interface WatchTimersParts {
  readonly store: Pick<Store, 'fireTimers' | 'nextTimer'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly advance: (missionId: string) => Promise<void>;
  /** The longest sleep between two looks, milliseconds. A timer set, or a clock put forward, meanwhile is late by no more. */
  readonly lookEveryMs: number;
}

/**
 * Fires every timer once, never before its time on this process's clock, and late by at most `lookEveryMs` and the query.
 * The rows in the store are the truth: neither a queue that lost its jobs nor a process that died takes a timer along. Any
 * number of processes may watch, since a row fires once. A clock put back makes timers wait for their time again.
 */
export async function watchTimers(parts: WatchTimersParts, signal: AbortSignal): Promise<void> {
  const { clock, log, lookEveryMs } = parts;
  // What fired is decided beside the watch, so that slow missions make no timer late.
  let deciding = Promise.resolve();
  let away = false;
  while (!signal.aborted) {
    let sleepMs = lookEveryMs;
    try {
      const { fired, nextInMs } = await look(parts);
      if (fired.length > 0) deciding = deciding.then(() => decideAll(parts, fired));
      if (nextInMs !== null) sleepMs = Math.min(nextInMs, lookEveryMs);
      away = false;
    } catch (error) {
      // Said once: a store that is away is away for many looks.
      if (!away) log.warn('timers cannot be looked up; the look is repeated', { reason: reasonOf(error) });
      away = true;
    }
    // At least a moment, so that a mistake of ours is no busy loop.
    await clock.sleep(Math.max(1, sleepMs), signal).catch(() => undefined);
  }
  await deciding;
}

/** Fires what is due; says when the next one is, from now. */
async function look({ store, clock }: WatchTimersParts): Promise<{ readonly fired: readonly string[]; readonly nextInMs: number | null }> {
  const due = await store.nextTimer();
  if (due === null || due > clock.now()) return { fired: [], nextInMs: due === null ? null : due - clock.now() };
  const fired = await store.fireTimers(clock.now());
  const next = await store.nextTimer();
  return { fired, nextInMs: next === null ? null : next - clock.now() };
}

async function decideAll({ advance, log }: WatchTimersParts, missions: readonly string[]): Promise<void> {
  for (const missionId of missions) {
    try {
      await advance(missionId);
    } catch (error) {
      // That the timer fired is recorded: supervision has it decided.
      log.error('a mission could not be advanced after its timer and will be tried again', { missionId, reason: reasonOf(error) });
    }
  }
}

/** The queue's job for a timer: a prompt that may come twice, early, or never. */
export async function fireTimer({ store, clock, advance }: Omit<WatchTimersParts, 'log' | 'lookEveryMs'>, timerId: string): Promise<JobOutcome> {
  for (const missionId of await store.fireTimers(clock.now(), timerId)) await advance(missionId);
  return { outcome: 'done' };
}
