import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import { isStoreUnavailable } from './ports/store.ts';

/** Pause before a store that is out of reach is asked again; milliseconds. */
const pauseMs = 500;

/** Repeats a step for as long as the store is out of reach, until `stop` is aborted; every other error is let through. */
export async function untilStoreAnswers<T>({ clock, log }: { readonly clock: Clock; readonly log: Log }, stop: AbortSignal, step: () => Promise<T>): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await step();
    } catch (error) {
      if (!isStoreUnavailable(error) || stop.aborted) throw error;
      if (!told) log.warn('waiting for the store, which is out of reach', { reason: reasonOf(error) });
      await clock.sleep(pauseMs, stop).catch(() => undefined);
    }
  }
}
