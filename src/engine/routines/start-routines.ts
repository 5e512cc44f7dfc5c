import { reasonOf } from '../../kit/reason-of.ts';
import type { Running } from '../engine.ts';
import { runLoop } from '../running.ts';
import { fireOnce } from './fire.ts';
import type { StartParts } from './start-run.ts';

/** Pause between two looks at what is due, milliseconds: a mission starts late by no more. */
const everyMs = 2_000;

/** Starts missions as they become due, until it is closed; a failed round (database away) is logged and repeated. */
export function startRoutines(parts: StartParts): Running {
  return runLoop((signal) => repeat(parts, signal), parts.clock);
}

async function repeat(parts: StartParts, signal: AbortSignal): Promise<void> {
  let away = false;
  while (!signal.aborted) {
    try {
      await fireOnce(parts, signal);
      away = false;
    } catch (error) {
      // Said once: a store that is away is away for many rounds.
      if (!away) parts.log.warn('a round of routines failed and will be repeated', { reason: reasonOf(error) });
      away = true;
    }
    await parts.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
