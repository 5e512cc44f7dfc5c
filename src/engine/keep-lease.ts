import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { Lease, Store } from './ports/store.ts';
import { untilStoreAnswers } from './store-outage.ts';

export interface LeaseKeeper {
  /** Aborted when the mission was cancelled, the lease lost, or the worker is to stop. */
  readonly signal: AbortSignal;
  /** Asks the store now, and again until it answers: true while the lease is held and the attempt wanted. */
  readonly confirm: () => Promise<boolean>;
  stop(): Promise<void>;
}

interface KeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseMs: number;
}

/** Made once: an abort without a reason makes a new error, with its stack, every time. */
const over = new Error('the work is over');

/** Extends a lease in the background, three heartbeats a term, until stopped. */
export function keepLease(parts: KeeperParts, lease: Lease, stop: AbortSignal): LeaseKeeper {
  const { store, clock, log, leaseMs } = parts;
  const work = new AbortController();
  const beating = new AbortController();
  const onStop = () => work.abort(new Error('the worker is shutting down'));
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });

  async function beat(): Promise<boolean> {
    const state = await store.heartbeat(lease, leaseMs, clock.now());
    if (state === 'held') return true;
    work.abort(new Error(state === 'cancelled' ? 'the mission was cancelled' : 'the lease was lost'));
    return false;
  }

  async function keep(): Promise<void> {
    for (;;) {
      await clock.sleep(leaseMs / 3, beating.signal);
      try {
        if (!(await beat())) return;
      } catch (error) {
        // Nobody can take the lease while the database is away; if somebody else could reach it, the next heartbeat tells.
        log.warn('a heartbeat failed', { missionId: lease.missionId, subject: lease.subject, reason: reasonOf(error) });
      }
    }
  }

  const loop = keep().catch(() => undefined);
  return {
    signal: work.signal,
    confirm: () => untilStoreAnswers(parts, work.signal, beat),
    async stop() {
      stop.removeEventListener('abort', onStop);
      beating.abort(over);
      await loop;
    },
  };
}
