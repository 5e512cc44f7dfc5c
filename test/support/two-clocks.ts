import type { Clock } from '../../src/kit/time.ts';

/**
 * A machine's two clocks, moved by hand: sleepers wait for the steady one, which only goes on; `now` shows the wall clock,
 * which somebody may put forward or back while they sleep.
 */
export class TwoClocks implements Clock {
  steady = 0;
  #wallAhead: number;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  #waiting: { readonly count: number; readonly done: () => void } | null = null;

  constructor(wall: number) {
    this.#wallAhead = wall;
  }

  now(): number {
    return this.steady + this.#wallAhead;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: this.steady + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#tellQuiet();
    });
  }

  /** Somebody sets the wall clock. */
  put(byMs: number): void {
    this.#wallAhead += byMs;
  }

  /** Resolves when this many sleep: nothing happens any more unless time passes. */
  quiet(count: number): Promise<void> {
    return new Promise((done) => {
      this.#waiting = { count, done };
      this.#tellQuiet();
    });
  }

  /** When the first sleeper wakes, on the steady clock. */
  get nextWaking(): number {
    return Math.min(...[...this.#sleepers].map(({ at }) => at));
  }

  /** Lets time pass up to `steady`, and wakes who has slept enough. */
  passTo(steady: number): void {
    this.steady = Math.max(this.steady, steady);
    const rested = [...this.#sleepers].filter(({ at }) => at <= this.steady);
    for (const sleeper of rested) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  #tellQuiet(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#sleepers.size < waiting.count) return;
    this.#waiting = null;
    waiting.done();
  }
}
