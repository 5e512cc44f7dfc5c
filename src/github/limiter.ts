import { HostError } from '../engine/ports/repository-host.ts';
import type { Clock } from '../kit/time.ts';

/** Decisions (gates, answers, merges) are written before status updates that are waiting. */
export type WritePriority = 'decision' | 'status';

export interface WriteKind {
  readonly priority: WritePriority;
  /** Creates content that people are told about: GitHub allows 80 a minute and 500 an hour. */
  readonly content: boolean;
}

export interface LimiterSettings {
  /** GitHub asks for a second between writes. */
  readonly writeSpacingMs: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  /** A write that would wait longer is given back to the queue, which remembers it better than this process. */
  readonly maximumWaitMs: number;
}

export const defaultLimiterSettings: LimiterSettings = { writeSpacingMs: 1000, contentPerMinute: 60, contentPerHour: 400, maximumWaitMs: 20_000 };

interface Waiting {
  readonly kind: WriteKind;
  readonly run: () => Promise<void>;
  readonly refuse: (error: HostError) => void;
}

/**
 * One installation's writes: one at a time, spaced, decisions first, content within its windows. Nothing is dropped:
 * what cannot be written soon is refused with the time after which it can.
 */
export class WriteLimiter {
  readonly #clock: Clock;
  readonly #settings: LimiterSettings;
  readonly #minute: Window;
  readonly #hour: Window;
  readonly #waiting: { readonly [priority in WritePriority]: Waiting[] } = { decision: [], status: [] };
  #running = false;
  #nextAt = 0;
  #blockedUntil = 0;

  constructor(clock: Clock, settings: LimiterSettings = defaultLimiterSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#minute = new Window(settings.contentPerMinute, 60_000);
    this.#hour = new Window(settings.contentPerHour, 3_600_000);
  }

  /** GitHub said that it was too much: nothing is sent before `until`. */
  block(until: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, until);
  }

  /** Milliseconds for which nothing may be sent at all. */
  blockedFor(): number {
    return Math.max(0, this.#blockedUntil - this.#clock.now());
  }

  /** Runs `call` when its turn comes. Rejects with a `rate-limit` HostError when that would be too late. */
  write<T>(kind: WriteKind, call: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await call());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#waiting[kind.priority].push({ kind, run, refuse: reject });
      if (!this.#running) {
        this.#running = true;
        void this.#pump();
      }
    });
  }

  async #pump(): Promise<void> {
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const wait = this.#waitFor(next.kind);
      if (wait > this.#settings.maximumWaitMs) {
        this.#take(next);
        next.refuse(new HostError('rate-limit', `writing to GitHub has to wait ${Math.ceil(wait / 1000)} s`, { retryAfterMs: wait }));
        continue;
      }
      if (wait > 0) {
        await this.#clock.sleep(wait);
        // A decision may have come meanwhile, and it goes first.
        continue;
      }
      this.#take(next);
      if (next.kind.content) {
        this.#minute.take(this.#clock.now());
        this.#hour.take(this.#clock.now());
      }
      await next.run();
      this.#nextAt = this.#clock.now() + this.#settings.writeSpacingMs;
    }
    this.#running = false;
  }

  /** The decision that waits, unless it must wait for content's sake and something else need not. */
  #first(): Waiting | undefined {
    const [decision] = this.#waiting.decision;
    const [status] = this.#waiting.status;
    if (decision === undefined || status === undefined) return decision ?? status;
    return this.#waitFor(status.kind) < this.#waitFor(decision.kind) ? status : decision;
  }

  #take(next: Waiting): void {
    this.#waiting[next.kind.priority].shift();
  }

  #waitFor(kind: WriteKind): number {
    const now = this.#clock.now();
    const content = kind.content ? Math.max(this.#minute.wait(now), this.#hour.wait(now)) : 0;
    return Math.max(this.#nextAt - now, this.#blockedUntil - now, content, 0);
  }
}

/** At most `size` calls in any `periodMs`: remembers when the last ones were made. */
class Window {
  readonly #size: number;
  readonly #periodMs: number;
  #times: number[] = [];

  constructor(size: number, periodMs: number) {
    this.#size = size;
    this.#periodMs = periodMs;
  }

  /** Milliseconds until one more fits. */
  wait(now: number): number {
    this.#times = this.#times.filter((at) => at > now - this.#periodMs);
    const oldest = this.#times[this.#times.length - this.#size];
    return oldest === undefined ? 0 : oldest + this.#periodMs - now;
  }

  take(now: number): void {
    this.#times.push(now);
  }
}
