import { reasonOf } from '../kit/reason-of.ts';
import type { Clock, Millis } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { JobKind, JobRequest, Queue } from './ports/queue.ts';
import type { Store } from './ports/store.ts';
import type { LeasePatience } from './lease-patience.ts';
import { relayLeftovers } from './relay.ts';
import { watchTimers } from './watch-timers.ts';

export interface SuperviseParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly advance: (missionId: string) => Promise<void>;
  readonly patience: LeasePatience;
  readonly pacing?: Partial<SupervisePacing>;
}

export interface SupervisePacing {
  /** Pause between rounds, milliseconds. */
  readonly everyMs: number;
  /** Pending signals older than this were left behind by the process that stored them. */
  readonly signalAgeMs: number;
  /** Work that should be with the queue by now is handed to it again after this time. */
  readonly jobAgeMs: number;
  /** The same after this time, when the queue knows fewer jobs than there should be: it was emptied, or started from nothing. */
  readonly lostJobAgeMs: number;
  /** In this time every living holder of a lease is heard again after the store was out of reach. */
  readonly holdersHeardMs: number;
  /** Timers are looked at this often, and at the moment when the next one is due. */
  readonly timersEveryMs: number;
}

export const usualPacing: SupervisePacing = { everyMs: 2_000, signalAgeMs: 2_000, jobAgeMs: 60_000, lostJobAgeMs: 5_000, holdersHeardMs: 15_000, timersEveryMs: 500 };

const missionsPerRound = 100;
const jobsPerRound = 500;

/**
 * One round of looking after everything that a dead process may have left: leases that ran out, timers that are due,
 * outbox rows that nobody sent, signals that nobody decided, jobs that the queue lost. Every process may do it; each step
 * is harmless when done twice.
 */
export async function superviseOnce(parts: SuperviseParts): Promise<void> {
  const pacing = { ...usualPacing, ...parts.pacing };
  const now = parts.clock.now();
  const missions = new Set<string>();
  if (parts.patience.mayExpire(now)) for (const id of await parts.store.expireLeases(now)) missions.add(id);
  for (const id of await parts.store.fireTimers(now)) missions.add(id);
  for (const id of await parts.store.missionsWithSignals(now - pacing.signalAgeMs, missionsPerRound)) missions.add(id);
  for (const id of missions) {
    try {
      await parts.advance(id);
    } catch (error) {
      // One mission in trouble keeps nobody from looking after the others.
      parts.log.error('a mission could not be advanced and will be tried again', { missionId: id, reason: reasonOf(error) });
    }
  }
  await relayLeftovers(parts);
  const expected = await parts.store.expectedJobs(now - pacing.jobAgeMs, jobsPerRound);
  const lost = await lostJobs(parts, now - pacing.lostJobAgeMs);
  if (expected.length + lost.length === 0) return;
  parts.log.info('handing work to the queue again', { overdue: expected.length, lost: lost.length });
  await parts.queue.add([...expected, ...lost]);
}

/**
 * Jobs of kinds of which the queue knows fewer than the store expects. Some of them it may still know: they run twice, which
 * is harmless.
 */
async function lostJobs({ store, queue }: SuperviseParts, before: Millis): Promise<readonly JobRequest[]> {
  const kinds = new Set((await store.expectedJobs(before, jobsPerRound)).map(({ kind }) => kind));
  if (kinds.size === 0) return [];
  const known = new Map<JobKind, number>();
  for (const kind of kinds) {
    const { waiting, active, delayed } = await queue.counts(kind);
    known.set(kind, waiting + active + delayed);
  }
  // Expected is what the store says after the counting: each of these jobs was with the queue already, or is lost.
  const expected = await store.expectedJobs(before, jobsPerRound);
  const isShort = (kind: JobKind) => expected.filter((job) => job.kind === kind).length > (known.get(kind) ?? Number.POSITIVE_INFINITY);
  const short = new Set([...kinds].filter(isShort));
  return expected.filter(({ kind }) => short.has(kind));
}

/** Repeats rounds and watches timers until the signal is aborted. A failed round (database away) is logged and tried again. */
export async function supervise(parts: SuperviseParts, signal: AbortSignal): Promise<void> {
  const pacing = { ...usualPacing, ...parts.pacing };
  await Promise.all([repeatRounds(parts, pacing, signal), watchTimers({ ...parts, lookEveryMs: pacing.timersEveryMs }, signal)]);
}

async function repeatRounds(parts: SuperviseParts, pacing: SupervisePacing, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      parts.patience.looked(parts.clock.now());
      await superviseOnce(parts);
    } catch (error) {
      parts.patience.failed();
      parts.log.warn('a supervision round failed and will be repeated', { reason: reasonOf(error) });
    }
    await parts.clock.sleep(pacing.everyMs, signal).catch(() => undefined);
  }
}
