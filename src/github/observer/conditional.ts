import type { Octokit } from '@octokit/rest';

import { HostError } from '../../engine/ports/repository-host.ts';
import type { Clock } from '../../kit/time.ts';
import { field } from '../webhooks/reading.ts';
import { hostErrorOf } from '../host-errors.ts';

/** What a GET gave that had changed. */
export interface Fresh {
  readonly data: unknown;
  readonly etag: string | null;
  /** Address of the next page. */
  readonly next: string | null;
}

/** Sends one call, as the client that owns the connection does it (with its retries and pauses). */
export type Send = <T>(what: string, call: (octokit: Octokit) => Promise<T>) => Promise<T>;

/** Of GitHub's hourly budget this part is left to what people wait for. */
const reserved = 0.2;

interface Budget {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: number;
}

/**
 * Reads with `If-None-Match`: what has not changed costs nothing of the hourly budget. Refuses with `rate-limit` before
 * the budget is used up.
 */
export class ConditionalReader {
  readonly #send: Send;
  readonly #clock: Clock;
  #budget: Budget | null = null;

  constructor(send: Send, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** The answer, or null when it is the one that `etag` was given with. */
  async get(what: string, route: string, parameters: Readonly<Record<string, string | number>>, etag: string | null = null): Promise<Fresh | null> {
    this.#demandBudget(what);
    const headers = etag === null ? {} : { 'if-none-match': etag };
    return this.#send(what, async (octokit) => {
      try {
        const response = await octokit.request(`GET ${route}`, { ...parameters, headers });
        this.#note(response.headers);
        return { data: response.data as unknown, etag: response.headers.etag ?? null, next: nextOf(response.headers.link) };
      } catch (error) {
        const answered = field(error, 'response', 'headers');
        if (answered !== null) this.#note(answered);
        if (error instanceof Error && 'status' in error && error.status === 304) return null;
        throw error;
      }
    });
  }

  /** A GraphQL query; these are never conditional. */
  async query(what: string, text: string, variables: Readonly<Record<string, string>>): Promise<unknown> {
    this.#demandBudget(what);
    return this.#send(what, (octokit) => octokit.graphql(text, variables));
  }

  #demandBudget(what: string): void {
    const budget = this.#budget;
    const now = this.#clock.now();
    if (budget === null || budget.resetsAt <= now || budget.remaining > budget.limit * reserved) return;
    throw new HostError('rate-limit', `${what}: ${budget.remaining} of ${budget.limit} requests are left this hour and are kept for what people wait for`, { retryAfterMs: budget.resetsAt - now });
  }

  #note(headers: unknown): void {
    const limit = Number(field(headers, 'x-ratelimit-limit') ?? Number.NaN);
    const remaining = Number(field(headers, 'x-ratelimit-remaining') ?? Number.NaN);
    const reset = Number(field(headers, 'x-ratelimit-reset') ?? Number.NaN);
    if (Number.isFinite(limit) && Number.isFinite(remaining) && Number.isFinite(reset)) this.#budget = { limit, remaining, resetsAt: reset * 1000 };
  }
}

/** Calls made by the App itself, with its failures in our words. */
export function sendAs(app: Octokit, clock: Clock): Send {
  return async (what, call) => {
    try {
      return await call(app);
    } catch (error) {
      throw hostErrorOf(error, what, clock.now());
    }
  };
}

function nextOf(link: unknown): string | null {
  return typeof link === 'string' ? (/<([^>]+)>;\s*rel="next"/.exec(link)?.[1] ?? null) : null;
}
