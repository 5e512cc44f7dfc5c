import type { KeyObject } from 'node:crypto';

import type { Octokit } from '@octokit/rest';

import { noFault } from '../engine/fault-point.ts';
import type { FaultPoint } from '../engine/fault-point.ts';
import type { GitCredentials } from '../engine/ports/workspaces.ts';
import type { CircuitChange } from '../kit/circuit-breaker.ts';
import type { Clock } from '../kit/time.ts';
import { createJwtSigner } from './app-jwt.ts';
import { createOctokit, InstallationClient } from './client.ts';
import { githubBreaker } from './github-breaker.ts';
import { hostErrorOf } from './host-errors.ts';
import { defaultLimiterSettings, WriteLimiter } from './limiter.ts';
import type { LimiterSettings } from './limiter.ts';

export interface AppCredentialsOptions {
  readonly appId: number;
  /** PEM, or a key that was read already. */
  readonly privateKey: string | KeyObject;
  /** Base of the REST API, GitHub Enterprise Server included: `https://api.github.com`. */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly limits?: Partial<LimiterSettings>;
  /** Told when GitHub counts as away, and when it is back. */
  readonly onCircuitChange?: (change: CircuitChange) => void;
  readonly faultPoint?: FaultPoint;
}

export interface AppIdentity {
  readonly appId: number;
  readonly slug: string;
  readonly botLogin: string;
}

/** The App on GitHub. Tokens live in memory only, and never leave through a log or an error. */
export interface AppCredentials {
  readonly appId: number;
  readonly apiUrl: string;
  /** Acts as the App itself (JSON web token). */
  readonly app: Octokit;
  /** Who we are on GitHub; looked up once. */
  identity(): Promise<AppIdentity>;
  /** The installation's client; one for each installation, with its limiter. */
  installation(installationId: number): InstallationClient;
  /** A token for one repository that can read and write contents and nothing else. */
  contentsOf(installationId: number, repositoryId: number): GitCredentials;
}

/** A token is renewed this long before it ends, so that none ends on the way. */
const renewBeforeMs = 5 * 60_000;

interface CachedToken {
  readonly token: string;
  readonly until: number;
}

/**
 * The App's credentials. Installation tokens are made by the REST call, with the App's own base URL, and never by the
 * client library's `auth({ type: 'installation' })`, which asks api.github.com whatever the base URL says.
 */
export function createAppCredentials(options: AppCredentialsOptions): AppCredentials {
  const { clock, fetch } = options;
  const apiUrl = options.apiUrl.replace(/\/+$/, '');
  const sign = createJwtSigner(options.appId, options.privateKey, clock);
  const breaker = githubBreaker({ apiUrl, clock, onChange: options.onCircuitChange });
  const app = createOctokit({ apiUrl, fetch, breaker, authorization: () => Promise.resolve(`bearer ${sign()}`) });
  const tokens = new Map<string, CachedToken>();
  const underway = new Map<string, Promise<string>>();
  const clients = new Map<number, InstallationClient>();
  let known: Promise<AppIdentity> | null = null;

  /** One request for equal tokens that are wanted at the same time. */
  function token(key: string, make: () => Promise<CachedToken>): Promise<string> {
    const cached = tokens.get(key);
    if (cached && cached.until > clock.now()) return Promise.resolve(cached.token);
    const running = underway.get(key);
    if (running) return running;
    const made = make()
      .then((fresh) => {
        tokens.set(key, fresh);
        return fresh.token;
      })
      .finally(() => underway.delete(key));
    underway.set(key, made);
    return made;
  }

  async function mint(installationId: number, repositoryId: number | null): Promise<CachedToken> {
    const what = `making a token for installation ${installationId}`;
    try {
      const { data } = await app.rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        ...(repositoryId === null ? {} : { repository_ids: [repositoryId], permissions: { contents: 'write' as const } }),
      });
      return { token: data.token, until: Date.parse(data.expires_at) - renewBeforeMs };
    } catch (error) {
      throw hostErrorOf(error, what, clock.now());
    }
  }

  async function lookUpIdentity(): Promise<AppIdentity> {
    try {
      const { data } = await app.rest.apps.getAuthenticated();
      const slug = data?.slug ?? '';
      return { appId: options.appId, slug, botLogin: `${slug}[bot]` };
    } catch (error) {
      throw hostErrorOf(error, 'asking GitHub who the App is', clock.now());
    }
  }

  return {
    appId: options.appId,
    apiUrl,
    app,
    identity() {
      known ??= lookUpIdentity().catch((error: unknown) => {
        known = null;
        throw error;
      });
      return known;
    },
    installation(installationId) {
      const existing = clients.get(installationId);
      if (existing) return existing;
      const key = String(installationId);
      const client = new InstallationClient({
        apiUrl,
        fetch,
        clock,
        breaker,
        limiter: new WriteLimiter(clock, { ...defaultLimiterSettings, ...options.limits }),
        authorization: async () => `token ${await token(key, () => mint(installationId, null))}`,
        forget: () => tokens.delete(key),
        faultPoint: options.faultPoint ?? noFault,
      });
      clients.set(installationId, client);
      return client;
    },
    contentsOf: (installationId, repositoryId) => async () => ({
      username: 'x-access-token',
      password: await token(`${installationId}:${repositoryId}`, () => mint(installationId, repositoryId)),
    }),
  };
}
