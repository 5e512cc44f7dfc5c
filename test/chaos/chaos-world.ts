import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { crashPostgres, ensureServers, killRedis, runPostgres, runRedis, startServers, stopServers } from '../../scripts/test-servers.mjs';
import type { TestServers } from '../../scripts/test-servers.mjs';
import { ProductWorld } from '../support/product-world.ts';
import { Fleet } from './chaos-fleet.ts';
import { judge } from './chaos-judge.ts';
import type { Verdict } from './chaos-judge.ts';
import { issueText, plantMissions } from './chaos-load.ts';
import type { Load } from './chaos-load.ts';
import { progressOf, readLeases, readRecord } from './chaos-record.ts';
import type { ChaosRecord } from './chaos-record.ts';
import { pause } from './chaos-scenario.ts';

/** A run without any progress for this long has lost something; milliseconds. Every way of recovery is shorter. */
const patienceMs = 120_000;
const prefix = 'chaos';

export interface ChaosWorldOptions {
  /** Environment of every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** An empty folder for the database's data. */
  readonly postgresData?: string;
  /** Addresses under which the product reaches its servers, where these are not their own (a proxy). */
  readonly through?: (servers: TestServers) => Promise<{ readonly databaseUrl: string; readonly redisUrl: string }>;
  readonly files?: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  /** Where the processes' output is left; null for nowhere. */
  readonly logs: string | null;
}

/** The product as in production: its processes, a database and a Redis of their own, and the forge, all of it to be broken. */
export class ChaosWorld {
  readonly servers: TestServers;
  readonly product: ProductWorld;
  readonly fleet: Fleet;
  readonly #options: ChaosWorldOptions;
  #planted = 0;
  #closed = false;

  private constructor(servers: TestServers, product: ProductWorld, options: ChaosWorldOptions) {
    this.servers = servers;
    this.product = product;
    this.fleet = new Fleet(product);
    this.#options = options;
  }

  static async open(options: ChaosWorldOptions): Promise<ChaosWorld> {
    await ensureServers();
    const servers = await startServers(options.postgresData === undefined ? {} : { postgresData: options.postgresData });
    try {
      const { databaseUrl, redisUrl } = (await options.through?.(servers)) ?? servers;
      const product = await ProductWorld.open({
        ...(options.files ? { files: options.files } : {}),
        env: { DATABASE_URL: databaseUrl, MISSIONGATE_REDIS_URL: redisUrl, MISSIONGATE_QUEUE_PREFIX: prefix, MISSIONGATE_WORKER_CONCURRENCY: '10', ...options.env },
      });
      return new ChaosWorld(servers, product, options);
    } catch (error) {
      await stopServers(servers);
      throw error;
    }
  }

  /** PostgreSQL crashes, stays away, and recovers. */
  async crashDatabase(awayMs: number): Promise<void> {
    await crashPostgres(this.servers.folder);
    await pause(awayMs);
    await runPostgres(this.servers.folder);
  }

  /** `kill -9` for Redis, which comes back with what it had written, or with nothing. */
  async killRedis(awayMs: number, remembers = true): Promise<void> {
    await killRedis(this.servers.folder);
    await pause(awayMs);
    await runRedis(this.servers.folder, { appendOnly: remembers });
  }

  /** Redis forgets everything; resolves with the number of keys it had. */
  async flushRedis(): Promise<number> {
    const redis = new Redis(this.servers.redisUrl);
    try {
      const keys = await redis.dbsize();
      await redis.flushall();
      return keys;
    } finally {
      redis.disconnect();
    }
  }

  /** Starts the app (which runs no attempts) and workers; resolves when all are ready. */
  async start(workers: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.fleet.add('app', ['start', '--no-worker'], env);
    await Promise.all(Array.from({ length: workers }, (_, index) => this.fleet.add(`worker-${index + 1}`, ['worker'], env)));
  }

  /** Plans and starts missions that need no GitHub. */
  async plant(load: Load): Promise<void> {
    await plantMissions({ ...this.servers, prefix }, load);
    this.#planted += load.missions * load.tasksEach;
  }

  /** Opens issues whose tasks change files, and waits until their missions have begun. */
  async openIssues(count: number, tasksEach: number): Promise<readonly number[]> {
    const issues: number[] = [];
    for (let index = 0; index < count; index += 1) issues.push(await this.openIssue(issueText(tasksEach), tasksEach));
    return issues;
  }

  /** Opens one issue, and waits until its mission is planned. */
  async openIssue(body: string, tasks: number): Promise<number> {
    const issue = await this.product.mission(`Files`, body);
    this.#planted += tasks;
    await this.until('the issue is a mission', async () => ((await progressOf(this.servers.databaseUrl))?.tasks ?? 0) >= this.#planted);
    return issue;
  }

  get planted(): number {
    return this.#planted;
  }

  /** Waits until this share of the tasks is done. */
  async untilShare(share: number): Promise<void> {
    await this.until(`${share * 100} % of the tasks are done`, async () => ((await progressOf(this.servers.databaseUrl))?.done ?? 0) >= share * this.#planted, patienceMs);
  }

  async until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
      await pause(50);
    }
  }

  /** Leases in hand; those of an attempt only, where one is named. */
  async held(attempt?: number): Promise<number> {
    return (await this.leases()).filter((lease) => lease.status === 'held' && (attempt === undefined || lease.attempt === attempt)).length;
  }

  async leases(): Promise<ChaosRecord['leases']> {
    return readLeases(this.servers.databaseUrl);
  }

  /** Waits until every mission has ended, however long it takes as long as something happens. */
  async untilOver(): Promise<void> {
    let best = -1;
    let lastChange = Date.now();
    let told = 0;
    for (;;) {
      const now = await progressOf(this.servers.databaseUrl);
      if (now && now.tasks >= this.#planted && now.finishedMissions === now.missions) return;
      const score = now === null ? best : now.done + now.finishedMissions;
      if (score > best) {
        best = score;
        lastChange = Date.now();
      }
      if (now && Date.now() - told > 5_000) {
        told = Date.now();
        this.#options.report(`${now.done} of ${this.#planted} tasks done, ${now.finishedMissions} of ${now.missions} missions over`);
      }
      if (Date.now() - lastChange > patienceMs) {
        this.#options.report(`nothing has happened for ${patienceMs / 1000} s: ${JSON.stringify(now)}`);
        return;
      }
      await pause(250);
    }
  }

  /** Lets everything come to rest, ends the processes, and judges what is left. */
  async verdict(): Promise<Verdict> {
    await this.#untilQuiet();
    await this.fleet.close();
    const verdict = judge(await readRecord(this.servers.databaseUrl), this.#planted);
    return { ...verdict, doubled: [...verdict.doubled, ...this.product.doubles()], faults: [...verdict.faults, ...this.fleet.problems] };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const member of this.fleet.members) member.retire();
    try {
      await this.product.close();
    } finally {
      await stopServers(this.servers);
      if (this.#options.logs !== null) await this.#keepLogs(this.#options.logs);
    }
  }

  async #keepLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const { name, output } of this.fleet.members) await writeFile(join(folder, `${name}.log`), output);
  }

  /** The last signals and syncs: seconds after the last mission. */
  async #untilQuiet(): Promise<void> {
    const deadline = Date.now() + patienceMs / 4;
    for (;;) {
      const record = await readRecord(this.servers.databaseUrl).catch(() => null);
      if (record && record.undecided === 0 && record.unsent === 0 && record.leases.every(({ status }) => status !== 'held')) return;
      if (Date.now() > deadline) return;
      await pause(500);
    }
  }
}
