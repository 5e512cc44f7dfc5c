import type { Clock } from '../kit/time.ts';
import type { Running } from './engine.ts';

/** Starts a loop that goes on until its signal; closing lets what it does just now end, as far as there is time. */
export function runLoop(loop: (signal: AbortSignal) => Promise<void>, clock: Clock): Running {
  const stop = new AbortController();
  const ended = loop(stop.signal);
  return {
    async close(graceMs) {
      stop.abort();
      const over = new AbortController();
      await Promise.race([ended, clock.sleep(graceMs, over.signal).catch(() => undefined)]);
      over.abort();
    },
  };
}
