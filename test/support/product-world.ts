import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { CheckRun } from '../../src/forge/model/records.ts';
import type { CreatedApp, Forge, RepositoryInspection } from '../../src/forge/forge.ts';
import { startForge } from '../../src/forge/start-forge.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { appEvents, appPermissions } from '../../src/github/app-manifest.ts';
import { observeContract } from './openapi/forge-contract.ts';
import type { ContractObserver } from './openapi/forge-contract.ts';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');
const webhookSecret = 'a-secret-of-this-test-run-0123456789';
/** Far above what anything here takes; a wait that ends by it has failed. */
const usualPatienceMs = 45_000;

export interface ProductProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface ProductWorldOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Environment of every process: database, queue, fault. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The real product in processes of its own, against a forge in this one, every request and answer held to GitHub's description. */
export class ProductWorld {
  readonly forge: Forge;
  readonly contract: ContractObserver;
  readonly repository: RepositoryInspection;
  readonly app: CreatedApp;
  readonly folder: string;
  readonly port: number;
  readonly webhookSecret = webhookSecret;
  readonly processes: ProductProcess[] = [];
  readonly #env: Readonly<Record<string, string>>;

  private constructor(parts: { forge: Forge; contract: ContractObserver; repository: RepositoryInspection; app: CreatedApp; folder: string; port: number; env: Readonly<Record<string, string>> }) {
    this.forge = parts.forge;
    this.contract = parts.contract;
    this.repository = parts.repository;
    this.app = parts.app;
    this.folder = parts.folder;
    this.port = parts.port;
    this.#env = parts.env;
  }

  static async open(options: ProductWorldOptions = {}): Promise<ProductWorld> {
    if (!existsSync(cli)) throw new Error('dist/ is missing: run the tests by `npm test`, which builds first');
    const folder = await mkdtemp(join(tmpdir(), 'missiongate-world-'));
    const forge = await startForge({ dataDir: join(folder, 'forge'), clock: systemClock });
    const contract = observeContract(forge);
    for (const login of ['author', 'reviewer', 'stranger']) forge.createUser({ login });
    const repository = await forge.createRepository({ owner: 'author', name: 'project', files: { 'README.md': '# project\n', ...options.files } });
    forge.setRole(repository.fullName, 'reviewer', 'write');
    forge.setRole(repository.fullName, 'stranger', 'read');
    const app = await forge.createApp({ slug: 'missiongate', name: 'Missiongate', owner: 'author', webhookSecret, events: [...appEvents], permissions: appPermissions });
    const port = await freePort();
    forge.setWebhook(app.appId, { url: `http://127.0.0.1:${port}/api/github/webhooks`, secret: webhookSecret });
    forge.install(app.appId, 'author', [repository.fullName]);
    return new ProductWorld({ forge, contract, repository, app, folder, port, env: options.env ?? {} });
  }

  /** Starts `missiongate start` and waits until it is ready (or has died of a planted fault). */
  async startApp(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Promise<ProductProcess> {
    const process = this.spawn(['start', ...args], env);
    await this.#ready(process);
    return process;
  }

  /** Starts `missiongate worker` and waits until it takes work. */
  async startWorker(env: Readonly<Record<string, string>> = {}): Promise<ProductProcess> {
    const process = this.spawn(['worker'], env);
    await until('the worker is ready', () => process.output().includes('"msg":"ready"') || process.child.exitCode !== null || process.child.signalCode !== null);
    return process;
  }

  /** Starts a command with no settings but the given ones, in a folder of its own. */
  spawnBare(args: readonly string[], env: Readonly<Record<string, string>>): ProductProcess {
    return this.#run(args, env);
  }

  /** Starts a command with this world's settings and waits for nothing. */
  spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}): ProductProcess {
    return this.#run(args, {
      APP_ID: String(this.app.appId),
      PRIVATE_KEY: this.app.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GITHUB_API_URL: this.forge.apiUrl,
      GITHUB_URL: this.forge.url,
      MISSIONGATE_DATA_DIR: join(this.folder, 'data'),
      MISSIONGATE_GITHUB_WRITE_SPACING_MS: '0',
      MISSIONGATE_LEASE_SECONDS: '3',
      MISSIONGATE_QUEUE_LOCK_SECONDS: '2',
      PORT: String(this.port),
      LOG_FORMAT: 'json',
      ...this.#env,
      ...env,
    });
  }

  #run(args: readonly string[], env: Readonly<Record<string, string>>): ProductProcess {
    const child = spawn(globalThis.process.execPath, [cli, ...args], {
      cwd: this.folder,
      env: { PATH: globalThis.process.env.PATH, HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const exited = once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
    const process = { child, output: () => output, exited };
    this.processes.push(process);
    return process;
  }

  async #ready(process: ProductProcess): Promise<void> {
    await until('the app is ready', async () => {
      if (process.child.exitCode !== null || process.child.signalCode !== null) return true;
      try {
        return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).status === 200;
      } catch {
        return false;
      }
    }, () => process.output());
  }

  /** Opens an issue as its author and makes it a mission. */
  async mission(title: string, body: string, options: { readonly queue?: boolean } = {}): Promise<number> {
    const author = this.forge.as('author');
    const issue = await author.openIssue(this.repository.fullName, { title, body });
    await author.addLabel(this.repository.fullName, issue.number, 'mission');
    if (options.queue !== false) await author.addLabel(this.repository.fullName, issue.number, 'mission:queue');
    return issue.number;
  }

  comments(issue: number): readonly string[] {
    return this.repository.comments(issue).map((comment) => comment.body);
  }

  /** The newest check run of a name. */
  check(name: string): CheckRun | undefined {
    return this.repository.checkRuns().findLast((run) => run.name === name);
  }

  /** Waits until the newest check of a name has this conclusion. */
  async untilCheck(name: string, conclusion: string): Promise<CheckRun> {
    await until(`check ${name} is ${conclusion}`, () => this.check(name)?.conclusion === conclusion, () => this.lastWords());
    const run = this.check(name);
    if (!run) throw new Error(`check ${name} vanished`);
    return run;
  }

  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    await until(what, condition, () => this.lastWords());
  }

  pull(): RepositoryInspection['pulls'] extends () => readonly (infer P)[] ? P | undefined : never {
    return this.repository.pulls()[0];
  }

  /** The end of what the processes logged and of what was said, for a wait that was in vain. */
  lastWords(): string {
    const comments = this.repository.comments().slice(-5).map((comment) => `${comment.user.login}: ${comment.body.slice(0, 600)}`);
    return [...this.processes.map((process) => process.output().split('\n').slice(-20).join('\n')), ...comments].join('\n---\n');
  }

  /** Everything visible on GitHub, twice made or not, in a form that does not depend on ids, times and commits. */
  visible(issue: number): unknown {
    const marker = /<!-- mg:o [^>]*-->/g;
    const checks = this.repository.checkRuns().map((run) => `${run.name}@${this.#place(run.headSha)} ${run.status} ${run.conclusion ?? ''}`);
    return {
      issue: { state: this.repository.issue(issue).state, labels: this.repository.issue(issue).labels.map((label) => label.name).sort() },
      comments: this.repository.comments(issue).map((comment) => comment.body.match(marker)?.length ?? 0),
      checks: [...new Set(checks)].sort(),
      pulls: this.repository.pulls().map(({ pull, issue: its }) => ({ state: its.state, merged: pull.mergedAt !== null, draft: pull.draft })),
    };
  }

  #place(sha: string): string {
    return sha.length === 40 ? 'commit' : sha;
  }

  /** Objects that exist twice although they must not: comments and issues with one marker, checks with one external id, pull requests of one branch. */
  doubles(): readonly string[] {
    const seen = new Map<string, number>();
    const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
    for (const comment of this.repository.comments()) for (const [marker] of comment.body.matchAll(/<!-- mg:o [^>]*-->/g)) count(`comment ${marker}`);
    for (const run of this.repository.checkRuns()) count(`check ${run.name} ${run.headSha} ${run.externalId ?? ''}`);
    for (const issue of this.repository.issues()) for (const [marker] of (issue.body ?? '').matchAll(/<!-- mg:o [^>]*-->/g)) count(`issue ${marker}`);
    for (const { pull } of this.repository.pulls()) count(`pull ${pull.headRef}`);
    return [...seen].flatMap(([key, times]) => (times > 1 ? [`${key} ×${times}`] : []));
  }

  /** Ends every process, holds everything that was said to GitHub's description, and removes what is left. */
  async close(): Promise<void> {
    for (const { child } of this.processes) if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await Promise.all(this.processes.map((process) => process.exited));
    await this.forge.idle();
    const problems = await this.repository.fsck();
    await this.forge.stop();
    await rm(this.folder, { recursive: true, force: true });
    if (problems.length > 0) throw new Error(`git fsck: ${problems.join('; ')}`);
  }
}

/** Polls a condition until it holds; the deadline is only there to fail. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, lastWords: () => string = () => '', patienceMs = usualPatienceMs): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}\n${lastWords()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
