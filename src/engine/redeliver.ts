import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { DeliveryLog, FailedDelivery, Watches } from './ports/observer.ts';

export interface RedeliverParts {
  readonly watches: Watches;
  readonly deliveries: DeliveryLog;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RedeliverOutcome {
  /** Where the next look at the log begins. */
  readonly since: number;
  readonly redelivered: number;
  /** Some are left for the next round. */
  readonly more: boolean;
}

/** GitHub keeps its log, and delivers again, for three days. */
const logReachesMs = 3 * 24 * 60 * 60_000;
/** Deliveries asked for at a time, every five seconds: below GitHub's limits, and the app takes them beside its work. */
const perRound = 10;
/** A delivery asked for again that failed again is asked for once more after this time, */
const patienceMs = 10 * 60_000;
/** but not more often than this: what is refused three times is refused for a reason. */
const mostTries = 3;
/** Attempts may be listed a little later than they were made. */
const overlapMs = 10 * 60_000;

/**
 * Has GitHub deliver again what nobody took, oldest first. Each is noted before it is asked for, so that a process that
 * dies in between asks for none twice in a row.
 */
export async function redeliver(parts: RedeliverParts, since: number | null): Promise<RedeliverOutcome> {
  const { watches, deliveries, clock, log } = parts;
  const now = clock.now();
  const earliest = now - logReachesMs;
  const { failed, newest } = await deliveries.failedSince(Math.max(since ?? earliest, earliest));
  const asked = await watches.redelivered(failed.map(({ guid }) => guid));
  const open = failed.filter(({ guid }) => (asked.get(guid)?.tries ?? 0) < mostTries);
  const due = open.filter(({ guid }) => (asked.get(guid)?.askedAt ?? 0) <= now - patienceMs);
  const portion = due.slice(0, perRound);
  for (const delivery of portion) {
    await watches.noteRedelivery(delivery.guid, clock.now());
    await deliveries.redeliver(delivery.attemptId);
  }
  if (portion.length > 0) log.warn('webhooks had not been taken; GitHub delivers them again', { deliveries: portion.length, left: due.length - portion.length, events: eventsOf(portion) });
  await watches.forgetRedeliveries(earliest - logReachesMs);
  // What may have to be asked for again stays within what the next look reads.
  const oldest = Math.min(...open.map(({ deliveredAt }) => deliveredAt), newest ?? since ?? now);
  return { since: Math.max(oldest - overlapMs, earliest), redelivered: portion.length, more: due.length > portion.length };
}

function eventsOf(deliveries: readonly FailedDelivery[]): string[] {
  return [...new Set(deliveries.map(({ event }) => event))];
}
