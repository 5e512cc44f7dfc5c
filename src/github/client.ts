import { Octokit } from '@octokit/rest';

import { HostError } from '../engine/ports/repository-host.ts';
import type { Clock } from '../kit/time.ts';
import { hostErrorOf } from './host-errors.ts';
import type { WriteKind, WriteLimiter } from './limiter.ts';

/** Waits before a read is made again after the network failed. */
const readRetriesMs: readonly number[] = [250, 1000];

/** A confirmation older than this when the call is about to be sent is asked for again; shorter than any turn to write. */
const confirmationLastsMs = 5_000;

export type Authorization = () => Promise<string>;

export interface ClientParts {
  readonly apiUrl: string;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly clock: Clock;
  readonly limiter: WriteLimiter;
  readonly authorization: Authorization;
  /** The token was refused: the next call asks for a new one. */
  readonly forget: () => void;
}

/** What a write is, and a last look before it is sent: false, and it is not. */
export interface WriteOptions extends WriteKind {
  readonly what: string;
  readonly confirm?: () => Promise<boolean>;
}

/** The right to write was lost before the call was sent; nothing was written. */
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

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.octokit = createOctokit(parts.apiUrl, parts.fetch, parts.authorization);
  }

  async read<T>(what: string, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    const blocked = this.#parts.limiter.blockedFor();
    if (blocked > 0) throw new HostError('rate-limit', `${what}: GitHub asked for a pause`, { retryAfterMs: blocked });
    for (let turn = 0; ; turn += 1) {
      try {
        return await call(this.octokit);
      } catch (error) {
        const failure = this.#failure(error, what);
        const wait = readRetriesMs[turn];
        const isWorthIt = failure.failure === 'network' || failure.status === 401;
        if (!isWorthIt || wait === undefined) throw failure;
        await this.#parts.clock.sleep(wait);
      }
    }
  }

  async write<T>(options: WriteOptions, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    return this.#parts.limiter.write(options, async () => {
      await this.#confirmed(options);
      try {
        return await call(this.octokit);
      } catch (error) {
        throw this.#failure(error, options.what);
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

  #failure(error: unknown, what: string): HostError {
    const failure = hostErrorOf(error, what, this.#parts.clock.now());
    if (failure.status === 401) this.#parts.forget();
    if (failure.failure === 'rate-limit' && failure.retryAfterMs !== null) this.#parts.limiter.block(this.#parts.clock.now() + failure.retryAfterMs);
    return failure;
  }
}

const silent = (): void => undefined;

/** An Octokit without plugins that wait or repeat, with every address below `apiUrl`, and silent: its lines would name tokens' owners. */
export function createOctokit(apiUrl: string, fetch: typeof globalThis.fetch | undefined, authorization: Authorization): Octokit {
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'missiongate',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...(fetch === undefined ? {} : { request: { fetch } }),
  });
  octokit.hook.before('request', async (options) => {
    options.headers.authorization = await authorization();
    options.headers['x-github-api-version'] = '2022-11-28';
  });
  return octokit;
}
