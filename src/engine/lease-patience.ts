import type { Millis } from '../kit/time.ts';

/**
 * Leases that ran out may be marked lost only by whoever has been able to look at the store for a while: after an outage (or
 * when this process itself stood still) every lease may have run out, while its holder is alive and about to say so.
 */
export interface LeasePatience {
  /** A look at the store begins. */
  looked(now: Millis): void;
  /** The store was out of reach. */
  failed(): void;
  /** Whether the store has been in reach long enough for every living holder to be heard. True before the first look. */
  mayExpire(now: Millis): boolean;
}

/** `heardMs`: in this time a living holder is heard; `lookEveryMs`: the usual pause between two looks. */
export function leasePatience(heardMs: number, lookEveryMs: number): LeasePatience {
  /** A pause of this length is none of the usual ones: the process or its clock jumped. */
  const gapMs = heardMs + 3 * lookEveryMs;
  let last: Millis | null = null;
  let steadySince: Millis | null = null;
  return {
    looked(now) {
      if (last === null || now < last || now - last > gapMs) steadySince = now;
      last = now;
    },
    failed() {
      last = null;
    },
    mayExpire: (now) => steadySince === null || now - steadySince >= heardMs,
  };
}
