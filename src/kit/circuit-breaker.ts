import type { Clock, Millis } from './time.ts';

/** Why the breaker of a host let calls through again, or stopped. Reported once per change. */
export type CircuitChange =
  | { readonly circuit: 'opened'; readonly host: string; readonly failures: number; readonly forMs: number; readonly reason: string }
  | { readonly circuit: 'closed'; readonly host: string; readonly afterMs: number };

export interface CircuitBreakerSettings {
  /** Failures in a row, without one answer in between, after which the host counts as away. */
  readonly failuresToOpen: number;
  /** Pause before one call may try whether the host is back; doubled after each try that failed, up to the maximum. */
  readonly firstPauseMs: number;
  readonly maximumPauseMs: number;
}

export const usualBreaker: CircuitBreakerSettings = { failuresToOpen: 5, firstPauseMs: 5_000, maximumPauseMs: 120_000 };

/** A call refused because a probe is on its way comes back after about this time. */
const probeTakesMs = 1_000;

export interface CircuitBreakerParts {
  /** Name of the host, as it is logged. */
  readonly host: string;
  readonly clock: Clock;
  /** True for a failure that says that the host is away; anything else is an answer. */
  readonly isAway: (error: unknown) => boolean;
  /** The error for a call that is not made; `retryAfterMs` from now it may be. */
  readonly refusal: (retryAfterMs: number) => Error;
  readonly onChange?: (change: CircuitChange) => void;
  readonly settings?: Partial<CircuitBreakerSettings>;
}

/**
 * Keeps calls from a host that is away. Closed: calls pass. Open, after several failures in a row: calls are refused at
 * once. Half open, after a pause: one call passes as a probe; its answer closes the circuit, its failure opens it for twice
 * as long. No timer is involved: the state is what the clock says at the next call.
 */
export class CircuitBreaker {
  readonly #parts: CircuitBreakerParts;
  readonly #settings: CircuitBreakerSettings;
  #failures = 0;
  #openedAt: Millis = 0;
  #pauseMs = 0;
  /** While the circuit is not closed: when the next probe may be made. */
  #until: Millis | null = null;
  #probing = false;

  constructor(parts: CircuitBreakerParts) {
    this.#parts = parts;
    this.#settings = { ...usualBreaker, ...parts.settings };
  }

  /** Makes the call, or rejects with the refusal while the host counts as away. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const { clock, isAway } = this.#parts;
    const now = clock.now();
    const isProbe = this.#until !== null;
    if (this.#until !== null) {
      const waitMs = this.#until - now;
      // A wait longer than the pause means a clock put back: that must not keep the circuit open.
      if (waitMs > 0 && waitMs <= this.#pauseMs) throw this.#parts.refusal(this.#probing ? Math.min(waitMs, probeTakesMs) : waitMs);
      // While this probe is on its way nobody else tries; should it never come back, somebody may after the same pause.
      this.#until = now + this.#pauseMs;
      this.#probing = true;
    }
    try {
      const result = await call();
      this.#answered();
      return result;
    } catch (error) {
      if (isAway(error)) this.#failed(error, isProbe);
      else this.#answered();
      throw error;
    }
  }

  #answered(): void {
    const { onChange, host, clock } = this.#parts;
    this.#failures = 0;
    this.#probing = false;
    if (this.#until === null) return;
    this.#until = null;
    onChange?.({ circuit: 'closed', host, afterMs: clock.now() - this.#openedAt });
  }

  #failed(error: unknown, isProbe: boolean): void {
    const { onChange, host, clock } = this.#parts;
    this.#failures += 1;
    if (this.#until !== null) {
      // Calls that were under way when the circuit opened say nothing new.
      if (!isProbe) return;
      this.#probing = false;
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#settings.maximumPauseMs);
      this.#until = clock.now() + this.#pauseMs;
      return;
    }
    if (this.#failures < this.#settings.failuresToOpen) return;
    this.#openedAt = clock.now();
    this.#pauseMs = this.#settings.firstPauseMs;
    this.#until = this.#openedAt + this.#pauseMs;
    onChange?.({ circuit: 'opened', host, failures: this.#failures, forMs: this.#pauseMs, reason: error instanceof Error ? error.message : String(error) });
  }
}
