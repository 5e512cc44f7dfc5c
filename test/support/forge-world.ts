import { createSign } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Octokit } from '@octokit/rest';

import type { CreatedApp, Forge, NewForgeApp, RepositoryInspection } from '../../src/forge/forge.ts';
import { startForge } from '../../src/forge/start-forge.ts';
import type { Clock, Millis } from '../../src/kit/time.ts';
import { listening } from './listening.ts';
import { observeContract } from './openapi/forge-contract.ts';
import type { ContractObserver } from './openapi/forge-contract.ts';

const execute = promisify(execFile);

/** A clock that stands still until it is advanced. */
export class StillClock implements Clock {
  #now: Millis;
  #sleepers: { at: Millis; wake: () => void }[] = [];

  constructor(now: Millis = Date.UTC(2026, 0, 15, 9, 0, 0)) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  /** How many wait for time to pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter((one) => one.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((one) => one.at > this.#now);
    for (const one of due) one.wake();
  }
}

export interface ReceivedHook {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: Buffer;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Everything the App of these tests may do and hears. */
export const APP: Pick<NewForgeApp, 'events' | 'permissions'> = {
  events: ['check_run', 'check_suite', 'create', 'delete', 'issue_comment', 'issues', 'label', 'pull_request', 'pull_request_review', 'merge_group', 'push', 'repository_dispatch', 'status', 'workflow_dispatch'],
  permissions: { actions: 'write', administration: 'write', checks: 'write', contents: 'write', issues: 'write', members: 'read', merge_queues: 'read', pull_requests: 'write', statuses: 'write' },
};

/** A forge with a cast: `author` owns the repository `author/project`, `reviewer` may write, `stranger` may not. */
export interface ForgeWorld {
  readonly forge: Forge;
  readonly clock: StillClock;
  readonly contract: ContractObserver;
  readonly repository: RepositoryInspection;
  readonly app: CreatedApp;
  readonly installationId: number;
  readonly tokens: Readonly<Record<'author' | 'reviewer' | 'stranger', string>>;
  readonly hooks: readonly ReceivedHook[];
  /** What the webhook receiver answers. */
  hookStatus: number;
  /** Real Octokit as a person, as the App itself, as its installation, or with any token. */
  octokit(who: 'author' | 'reviewer' | 'stranger' | 'app' | 'installation' | 'nobody' | { token: string }): Octokit;
  installationToken(narrowing?: { permissions?: Record<string, string>; repositories?: string[] }): Promise<string>;
  appJwt(claims?: { iat?: number; exp?: number; iss?: number | string; key?: string }): string;
  /** A clone through HTTP in a folder of its own. */
  clone(token: string | null, repository?: string): Promise<Checkout>;
  stop(): Promise<void>;
}

/** A working copy whose commands run real git against the forge. */
export interface Checkout {
  readonly folder: string;
  git(...args: string[]): Promise<string>;
  /** Writes files and commits them. Returns the commit id. The author, as git writes one, is the person of the checkout when absent. */
  commit(message: string, files: Readonly<Record<string, string>>, author?: string): Promise<string>;
}

/** Signs an App's JSON Web Token. */
export function signAppJwt(privateKey: string, claims: Readonly<Record<string, unknown>>): string {
  const unsigned = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey).toString('base64url')}`;
}

export async function gitRun(args: readonly string[], folder: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Author',
    GIT_AUTHOR_EMAIL: 'author@example.com',
    GIT_COMMITTER_NAME: 'Author',
    GIT_COMMITTER_EMAIL: 'author@example.com',
  };
  const { stdout } = await execute('git', [...args], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export async function forgeWorld(options: { private?: boolean; files?: Readonly<Record<string, string>>; app?: Partial<Pick<NewForgeApp, 'events' | 'permissions'>>; invalidRequests?: 'forbidden' | 'refused' } = {}): Promise<ForgeWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'forge-'));
  const clock = new StillClock();
  const forge = await startForge({ dataDir: join(dataDir, 'forge'), clock });
  const contract = observeContract(forge, { invalidRequests: options.invalidRequests ?? 'refused' });
  const people = { author: forge.createUser({ login: 'author', name: 'Ada Author' }), reviewer: forge.createUser({ login: 'reviewer' }), stranger: forge.createUser({ login: 'stranger' }) };
  const repository = await forge.createRepository({ owner: 'author', name: 'project', private: options.private ?? false, files: options.files ?? { 'README.md': '# Project\n', 'src/index.js': 'export const one = 1;\n' } });
  forge.setRole('author/project', 'reviewer', 'write');

  const hooks: ReceivedHook[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      hooks.push({ headers: request.headers as Record<string, string>, raw, payload: JSON.parse(raw.toString('utf8')) as Record<string, unknown> });
      response.writeHead(world.hookStatus, { 'content-type': 'text/plain' }).end('heard');
    });
  });
  const webhookUrl = `${await listening(receiver)}/hooks`;
  const app = await forge.createApp({ slug: 'gatekeeper', name: 'Gatekeeper', owner: 'author', webhookUrl, webhookSecret: 'very secret', ...APP, ...options.app });
  const installationId = forge.install(app.appId, 'author', 'all');

  const tokens = { author: people.author.token, reviewer: people.reviewer.token, stranger: people.stranger.token };
  let installationToken: string | null = null;

  const world: ForgeWorld = {
    forge,
    clock,
    contract,
    repository,
    app,
    installationId,
    tokens,
    hooks,
    hookStatus: 200,
    octokit(who) {
      const auth = typeof who === 'object' ? who.token : who === 'app' ? world.appJwt() : who === 'installation' ? (installationToken ?? '') : who === 'nobody' ? undefined : tokens[who];
      const silent = { debug() {}, info() {}, warn() {}, error() {} };
      return new Octokit({ baseUrl: forge.apiUrl, log: silent, ...(auth === undefined ? {} : { auth }) });
    },
    async installationToken(narrowing = {}) {
      const { data } = await world.octokit('app').rest.apps.createInstallationAccessToken({ installation_id: installationId, ...narrowing });
      return data.token;
    },
    appJwt(claims = {}) {
      const now = Math.floor(clock.now() / 1000);
      return signAppJwt(claims.key ?? app.privateKey, { iat: claims.iat ?? now - 30, exp: claims.exp ?? now + 300, iss: claims.iss ?? app.appId });
    },
    async clone(token, name = 'author/project') {
      const folder = await mkdtemp(join(dataDir, 'clone-'));
      const address = `${forge.url}/${name}.git`.replace('http://', token === null ? 'http://' : `http://x-access-token:${token}@`);
      await gitRun(['clone', '--quiet', address, '.'], folder);
      return {
        folder,
        git: (...args) => gitRun(args, folder),
        async commit(message, files, author) {
          for (const [path, content] of Object.entries(files)) {
            await mkdir(dirname(join(folder, path)), { recursive: true });
            await writeFile(join(folder, path), content);
          }
          await gitRun(['add', '--all'], folder);
          await gitRun(['commit', '--quiet', '--message', message, ...(author === undefined ? [] : [`--author=${author}`])], folder);
          return gitRun(['rev-parse', 'HEAD'], folder);
        },
      };
    },
    async stop() {
      contract.stop();
      await forge.stop();
      receiver.closeAllConnections();
      receiver.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  installationToken = await world.installationToken();
  return world;
}

/** Ends a test: everything delivered, nothing violated, every repository sound. */
export async function finish(world: ForgeWorld): Promise<void> {
  try {
    await world.forge.idle();
    world.contract.assertKept();
    for (const repository of world.forge.repositories()) {
      const problems = await repository.fsck();
      if (problems.length > 0) throw new Error(`git fsck of ${repository.fullName}: ${problems.join('; ')}`);
    }
  } finally {
    await world.stop();
  }
}

/** The status of a refusal, for `expect(await statusOf(…)).toBe(422)`; 0 when nothing was refused. */
export async function statusOf(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return 0;
  } catch (error) {
    return (error as { status?: number }).status ?? -1;
  }
}
