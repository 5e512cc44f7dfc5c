import type { Clock, Millis } from '../../kit/time.ts';
import { Problem } from './problem.ts';

/** GitHub's primary limit: requests per hour for Apps, installations and people; 60 for the anonymous. */
const PER_HOUR = 5_000;
const PER_HOUR_ANONYMOUS = 60;
const HOUR_MS = 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;

interface Window {
  limit: number;
  used: number;
  resetAt: Millis;
}

export interface RateState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since the epoch. */
  readonly reset: number;
}

/** Content-creating requests allowed before the secondary limit answers (GitHub documents 80 and 500). */
export interface ContentLimit {
  readonly perMinute: number;
  readonly perHour: number;
}

/** Counts requests per actor by the forge's clock, and refuses as GitHub does when a quota is used up. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  readonly #content = new Map<string, Millis[]>();
  /** Null: content is not limited (GitHub's threshold is documented but not exact). */
  contentLimit: ContentLimit | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets an actor's quota; the window restarts now. */
  setQuota(key: string, quota: { limit?: number; remaining?: number; resetInSeconds?: number }): void {
    const limit = quota.limit ?? this.#window(key).limit;
    const resetAt = this.#clock.now() + (quota.resetInSeconds ?? HOUR_MS / 1000) * 1000;
    this.#windows.set(key, { limit, used: limit - Math.min(quota.remaining ?? limit, limit), resetAt });
  }

  state(key: string): RateState {
    const { limit, used, resetAt } = this.#window(key);
    return { limit, used, remaining: Math.max(limit - used, 0), reset: Math.ceil(resetAt / 1000) };
  }

  headers(key: string): Record<string, string> {
    const state = this.state(key);
    return {
      'x-ratelimit-limit': String(state.limit),
      'x-ratelimit-remaining': String(state.remaining),
      'x-ratelimit-reset': String(state.reset),
      'x-ratelimit-used': String(state.used),
      'x-ratelimit-resource': 'core',
    };
  }

  /** Throws the 403 of an exhausted quota; counts nothing. */
  check(key: string): void {
    const window = this.#window(key);
    if (window.used < window.limit) return;
    throw new Problem(403, `API rate limit exceeded for ${key.replace(':', ' ID ')}.`);
  }

  count(key: string): void {
    this.#window(key).used += 1;
  }

  /** Counts one content-creating request; throws the secondary-limit 403 with `retry-after` when there were too many. */
  countContent(key: string): void {
    const limit = this.contentLimit;
    if (limit === null) return;
    const now = this.#clock.now();
    const recent = (this.#content.get(key) ?? []).filter((at) => at > now - HOUR_MS);
    const lastMinute = recent.filter((at) => at > now - MINUTE_MS);
    if (lastMinute.length >= limit.perMinute) throw secondaryLimit(Math.ceil(((lastMinute[0] ?? now) + MINUTE_MS - now) / 1000));
    if (recent.length >= limit.perHour) throw secondaryLimit(Math.ceil(((recent[0] ?? now) + HOUR_MS - now) / 1000));
    recent.push(now);
    this.#content.set(key, recent);
  }

  #window(key: string): Window {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.resetAt <= now) {
      window = { limit: window?.limit ?? (key === 'anonymous' ? PER_HOUR_ANONYMOUS : PER_HOUR), used: 0, resetAt: now + HOUR_MS };
      this.#windows.set(key, window);
    }
    return window;
  }
}

/** GitHub's secondary rate limit. */
export function secondaryLimit(retryAfterSeconds: number): Problem {
  return new Problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
