import { decideHostRetry } from '../core/schedule/retry.ts';
import type { Clock, Millis } from '../kit/time.ts';
import { isOneMore } from './jobs.ts';
import type { JobOutcome } from './ports/queue.ts';
import type { HostError } from './ports/repository-host.ts';

/**
 * Work that a host refused, and when it is tried again. Known to this process only: what a restart forgets is tried a
 * little sooner, no more. A job that supervision handed out once more leaves put-off work to the job that waits for it, so
 * that a long outage neither piles up jobs nor makes the tries more frequent than the table says.
 */
export class PutOffs {
  readonly #clock: Clock;
  readonly #work = new Map<string, { readonly failures: number; readonly until: Millis }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when the job is one more of a kind that waits for its time. */
  isLeftAlone(work: string, jobKey: string): boolean {
    return isOneMore(jobKey) && (this.#work.get(work)?.until ?? 0) > this.#clock.now();
  }

  /** One more failure of this work: what its job does now. */
  putOff(work: string, jobKey: string, { failure, retryAfterMs }: HostError): JobOutcome {
    const failures = (this.#work.get(work)?.failures ?? 0) + 1;
    const again = decideHostRetry('job', failure, { failures, sinceMs: 0, retryAfterMs }, work);
    if (!again.retry) return { outcome: 'done' };
    this.#work.set(work, { failures, until: this.#clock.now() + again.delayMs });
    return isOneMore(jobKey) ? { outcome: 'done' } : { outcome: 'again', delayMs: again.delayMs };
  }

  /** It worked, or is no longer wanted. */
  clear(work: string): void {
    this.#work.delete(work);
  }
}
