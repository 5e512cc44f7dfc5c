import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { JobHandler, JobKind } from './ports/queue.ts';
import { isStoreUnavailable } from './ports/store.ts';

/** Pause before a job is tried again whose store was out of reach; milliseconds. */
const putOffMs = 1_000;

/**
 * A job whose store is out of reach is put off for as long as that lasts: it is not the job's failure, and must not make it a
 * dead letter. The pause is spent here, so that a worker does not run through everything that waits in the queue meanwhile.
 */
export function putOffWithoutStore<K extends JobKind>({ clock, log }: { readonly clock: Clock; readonly log: Log }, handler: JobHandler<K>): JobHandler<K> {
  return async (job, signal) => {
    try {
      return await handler(job, signal);
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      log.warn('a job is put off: the store is out of reach', { kind: job.kind, key: job.key, reason: reasonOf(error) });
      await clock.sleep(putOffMs, signal).catch(() => undefined);
      return { outcome: 'again', delayMs: putOffMs };
    }
  };
}

/** Pause before a store that is out of reach is asked again; milliseconds. */
const askAgainMs = 500;

/** Repeats a step for as long as the store is out of reach, until `stop` is aborted; every other error is let through. */
export async function untilStoreAnswers<T>({ clock, log }: { readonly clock: Clock; readonly log: Log }, stop: AbortSignal, step: () => Promise<T>): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await step();
    } catch (error) {
      if (!isStoreUnavailable(error) || stop.aborted) throw error;
      if (!told) log.warn('waiting for the store, which is out of reach', { reason: reasonOf(error) });
      await clock.sleep(askAgainMs, stop).catch(() => undefined);
    }
  }
}
