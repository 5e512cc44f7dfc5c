import type { Clock } from '../../src/kit/time.ts';
import type { Life, Timeline } from './timeline.ts';

/** What becomes of a call to another party. */
export type Fate = 'done' | 'refused' | 'answer lost';

/** What a process calls: each kind fails in its own way, with its own likelihood. */
export type Party = 'database' | 'queue' | 'GitHub' | 'git';

export interface Faults {
  /** Decides a call's fate when it is made. */
  fate(party: Party, what: string): Fate;
  /** Milliseconds that a message is on its way. */
  latency(party: Party): number;
}

/** An error as the party's client library reports a broken connection. */
export type BrokenConnection = (party: Party, what: string) => Error;

/**
 * The surroundings of one life of a process. Every call is two steps, the doing and the answer, so that a death in between
 * leaves something done that the process never heard of.
 */
export class ProcessLife {
  readonly life: Life;
  readonly clock: Clock;
  readonly #timeline: Timeline;
  readonly #faults: Faults;
  readonly #broken: BrokenConnection;

  constructor(parts: { readonly timeline: Timeline; readonly name: string; readonly faults: Faults; readonly broken: BrokenConnection; readonly skewMs: number }) {
    const { timeline } = parts;
    this.life = { process: parts.name, alive: true, frozenUntil: 0 };
    this.#timeline = timeline;
    this.#faults = parts.faults;
    this.#broken = parts.broken;
    this.clock = {
      now: () => timeline.now + parts.skewMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  /** Has `action` done by another party. Rejects when the connection broke, whether or not it was done. */
  call<T>(party: Party, what: string, action: () => T, isQuiet = false): Promise<T> {
    const timeline = this.#timeline;
    const fate = this.#faults.fate(party, what);
    return new Promise((resolve, reject) => {
      // Once sent it is on its way, whatever becomes of the sender.
      timeline.schedule(this.#faults.latency(party), null, what, () => {
        timeline.tell(this.life.process, fate === 'done' ? `${party}: ${what}` : `${party}: ${what} — ${fate}`, isQuiet && fate === 'done');
        let answer: () => void = () => reject(this.#broken(party, what));
        if (fate !== 'refused') {
          try {
            const value = action();
            if (fate === 'done') answer = () => resolve(value);
          } catch (error) {
            if (fate === 'done') answer = () => reject(error instanceof Error ? error : new Error(String(error)));
          }
        }
        timeline.schedule(this.#faults.latency(party), this.life, `answer to ${what}`, answer);
      }, true);
    });
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#timeline.schedule(ms, this.life, 'wake', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }
}
