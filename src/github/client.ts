import { Octokit } from '@octokit/rest';

import { decideReadRepeat } from '../core/schedule/retry.ts';
import { noFault } from '../engine/fault-point.ts';
import type { FaultPoint, GitHubWrite } from '../engine/fault-point.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { CircuitBreaker } from '../kit/circuit-breaker.ts';
import type { Clock } from '../kit/time.ts';
import { hostErrorOf } from './host-errors.ts';
import type { WriteKind, WriteLimiter } from './limiter.ts';

/** A confirmation older than this when the call is about to be sent is asked for again; shorter than any turn to write. */
const confirmationLastsMs = 5_000;

export type Authorization = () => Promise<string>;

export interface ClientParts {
  readonly apiUrl: string;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly clock: Clock;
  readonly breaker: CircuitBreaker;
  readonly limiter: WriteLimiter;
  readonly authorization: Authorization;
  /** The token was refused: the next call asks for a new one. */
  readonly forget: () => void;
  readonly faultPoint: FaultPoint;
}

/** What a write is, and a last look before it is sent: false, and it is not. */
export interface WriteOptions extends WriteKind {
  readonly write: GitHubWrite;
  readonly what: string;
  readonly confirm?: () => Promise<boolean>;
}

/** The right to write was lost before the call was sent or its result remembered; nothing was written by it. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs';
}

/**
 * GitHub as one installation sees it. Reads are repeated a few times when the network fails. Writes go through the
 * limiter and are never repeated here: after an unknown outcome only somebody who can look for the result may try again.
 */
export class InstallationClient {
  readonly octokit: Octokit;
  readonly #parts: ClientParts;
  /** The write that is under way; the limiter lets one go at a time. */
  #underway: GitHubWrite | null = null;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.octokit = createOctokit(parts.faultPoint === noFault ? parts : { ...parts, fetch: this.#watched(parts.fetch ?? globalThis.fetch) });
  }

  async read<T>(what: string, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    const blocked = this.#parts.limiter.blockedFor();
    if (blocked > 0) throw new HostError('rate-limit', `${what}: GitHub asked for a pause`, { retryAfterMs: blocked });
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await call(this.octokit);
      } catch (error) {
        const failure = this.#failure(error, what);
        const again = decideReadRepeat(failure.status === 401 ? 'token' : failure.failure, { repeats, retryAfterMs: failure.retryAfterMs }, `${what} ${repeats}`);
        if (!again.retry) throw failure;
        await this.#parts.clock.sleep(again.delayMs);
      }
    }
  }

  async write<T>(options: WriteOptions, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    return this.#parts.limiter.write(options, async () => {
      await this.#confirmed(options);
      await this.#parts.faultPoint(`before github.${options.write}`);
      this.#underway = options.write;
      try {
        const answer = await call(this.octokit);
        await this.#parts.faultPoint(`after github.${options.write}`);
        return answer;
      } catch (error) {
        throw this.#failure(error, options.what);
      } finally {
        this.#underway = null;
      }
    });
  }

  /** Asks until the answer is fresh: a process that was frozen meanwhile must not write on the word of an old one. */
  async #confirmed({ confirm }: WriteOptions): Promise<void> {
    if (!confirm) return;
    for (let asked = this.#parts.clock.now(); ; asked = this.#parts.clock.now()) {
      if (!(await confirm())) throw new NotOurs();
      if (this.#parts.clock.now() - asked < confirmationLastsMs) return;
    }
  }

  /** GitHub has answered a write, and nobody has read the answer. */
  #watched(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      if (this.#underway !== null && isWrite(init)) await this.#parts.faultPoint(`during github.${this.#underway}`);
      return response;
    };
  }

  #failure(error: unknown, what: string): HostError {
    const failure = hostErrorOf(error, what, this.#parts.clock.now());
    if (failure.status === 401) this.#parts.forget();
    if (failure.failure === 'rate-limit' && failure.retryAfterMs !== null) this.#parts.limiter.block(this.#parts.clock.now() + failure.retryAfterMs);
    return failure;
  }
}

/** Reading goes on beside a write, and GraphQL asks its questions by POST too. */
function isWrite(init: RequestInit | undefined): boolean {
  return init?.method !== 'GET' && !(typeof init?.body === 'string' && /^\{"query":"\s*query\b/.test(init.body));
}

const silent = (): void => undefined;

/** An Octokit without plugins that wait or repeat, with every address below `apiUrl`, behind the host's breaker, and silent: its lines would name tokens' owners. */
export function createOctokit({ apiUrl, fetch, breaker, authorization }: Pick<ClientParts, 'apiUrl' | 'fetch' | 'breaker' | 'authorization'>): Octokit {
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'missiongate',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...(fetch === undefined ? {} : { request: { fetch } }),
  });
  // The one place where calls leave. Registered first, so that asking for a token, a call of its own, is outside of it.
  octokit.hook.wrap('request', (request, options) => breaker.run(async () => request(options)));
  octokit.hook.before('request', async (options) => {
    options.headers.authorization = await authorization();
    options.headers['x-github-api-version'] = '2022-11-28';
  });
  return octokit;
}
