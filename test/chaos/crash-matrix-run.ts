import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FaultPlace } from '../../src/engine/fault-point.ts';
import { describeKey } from '../../src/kit/ed25519.ts';
import type { PublicKey } from '../../src/kit/ed25519.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import type { Database } from '../../src/store/database.ts';
import { createStore } from '../../src/store/store.ts';
import { ProductWorld, until } from '../support/product-world.ts';
import type { ProductProcess } from '../support/product-world.ts';
import { createTestDatabase, requireServers, testPrefix } from '../support/servers.ts';
import { judge } from './crash-matrix-judge.ts';
import { playMissions, repositoryFiles } from './crash-matrix-missions.ts';
import { snapshotOf, visibleLines } from './crash-matrix-snapshot.ts';

export const backends = ['embedded', 'servers'] as const;
export type Backend = (typeof backends)[number];

/** Processes of the product: one on the embedded default, two on servers. */
export type Role = 'app' | 'worker';
export const rolesOf = (backend: Backend): readonly Role[] => (backend === 'embedded' ? ['app'] : ['app', 'worker']);

/** One death: this process, at the n-th visit of a place since its start. */
export interface Kill {
  readonly role: Role;
  readonly place: FaultPlace;
  readonly visit: number;
  /** The process stays dead until this kill has happened; by default it is started again at once. */
  readonly deadUntil?: Kill;
}

export interface Run {
  /** Kills that happened, in their order. */
  readonly kills: readonly Kill[];
  readonly snapshot: readonly string[];
  readonly visible: readonly string[];
  /** For each role the visits in their order; all its lives one after the other. */
  readonly visits: ReadonlyMap<Role, readonly FaultPlace[]>;
  /** For each role the number of visits when each step was seen by people. */
  readonly steps: ReadonlyMap<Role, readonly number[]>;
  /** Writes that GitHub saw the product make through its API. */
  readonly writes: number;
}

export interface RunOptions {
  readonly backend: Backend;
  /** The kill that the next life of a process is to meet; asked at every start, with the steps that people have seen. */
  readonly next: (role: Role, stepsSeen: number) => Kill | null;
  /** What the calm run left; null for the calm run itself. */
  readonly calm: Pick<Run, 'visible'> | null;
  /** What people do; all missions when absent. */
  readonly missions?: (world: ProductWorld, onStep: () => void) => Promise<readonly number[]>;
  /** Self-tests of the harness: a fault planted in the database between two lives. */
  readonly betweenLives?: (database: Database) => Promise<unknown>;
  /** Self-tests of the harness: sees what was left, and may change it and look at it again. */
  readonly afterwards?: (left: Leftovers) => Promise<void>;
}

export interface Leftovers {
  readonly world: ProductWorld;
  readonly database: Database;
  readonly snapshot: () => Promise<readonly string[]>;
}

/** Nothing was written to GitHub for this long: longer than a lock of a dead process holds its job, plus a round of supervision. */
const quietMs = 3_000;
/** A person who looks at the log of deliveries comes this much later than the product itself. */
const operatorMs = 5_000;
/** How long people may wait at the end until GitHub looks as it does after a calm run; after that it is judged as it is. */
const lastPatienceMs = 45_000;

/** Processes that share a database sign with one key; embedded, the product makes its own. */
function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key that this run's ledgers must verify with. */
function keyOf(world: ProductWorld, env: Readonly<Record<string, string>>): PublicKey {
  return describeKey(createPublicKey(env.MISSIONGATE_SIGNING_KEY ?? readFileSync(join(world.folder, 'data', 'signing-key.pem'), 'utf8')));
}

/** Plays the missions once, on a new forge and database, with the processes dying as planned, and says what was left. */
export async function runOnce(options: RunOptions): Promise<Run> {
  const database = options.backend === 'servers' ? await createTestDatabase() : null;
  try {
    const env: Readonly<Record<string, string>> = database === null ? {} : { DATABASE_URL: database.url, MISSIONGATE_REDIS_URL: requireServers().redisUrl, MISSIONGATE_QUEUE_PREFIX: testPrefix(), MISSIONGATE_SIGNING_KEY: newSigningKey() };
    const world = await ProductWorld.open({ files: repositoryFiles, env });
    try {
      const open = () => (database === null ? openEmbeddedDatabase({ dataDir: join(world.folder, 'data', 'database') }) : Promise.resolve(openPostgresDatabase({ url: database.url, applicationName: 'crash matrix' })));
      return await play(world, options, open, () => keyOf(world, env));
    } finally {
      await world.close();
    }
  } finally {
    await database?.drop();
  }
}

async function play(world: ProductWorld, options: RunOptions, open: () => Promise<Database>, key: () => PublicKey): Promise<Run> {
  const roles = rolesOf(options.backend);
  const crew = new Crew(world, options, open);
  const steps = new Map<Role, number[]>(roles.map((role) => [role, []]));
  const onStep = () => {
    crew.stepsSeen += 1;
    for (const role of roles) steps.get(role)?.push(traceOf(world, role).length);
  };
  await crew.start(roles);
  const issues = await Promise.race([(options.missions ?? playMissions)(world, onStep), crew.failed]);
  const visible = () => visibleLines(world, issues);
  await Promise.race([settle(world, options.calm, visible, crew), crew.failed]);
  await crew.stop();
  world.contract.assertKept();
  const database = await open();
  try {
    const snapshot = () => snapshotOf(world, createStore(database, systemClock), key(), issues);
    const left = await snapshot();
    await options.afterwards?.({ world, database, snapshot });
    return { kills: crew.kills, snapshot: left, visible: visible(), visits: new Map(roles.map((role) => [role, traceOf(world, role)])), steps, writes: writesTo(world) };
  } finally {
    await database.close();
  }
}

/** Waits until GitHub looks as after a calm run (or patience ends), and then until nobody writes any more. */
async function settle(world: ProductWorld, calm: Pick<Run, 'visible'> | null, visible: () => readonly string[], crew: Crew): Promise<void> {
  if (calm !== null) {
    const isAsCalm = () => judge(calm.visible, visible()).lost.length === 0;
    await until('GitHub looks as after a calm run', isAsCalm, undefined, lastPatienceMs).catch(() => undefined);
  }
  const writes = () => `${crew.lives} ${writesTo(world)}`;
  for (let before = '', since = Date.now(); Date.now() - since < quietMs; ) {
    const now = writes();
    if (now !== before) since = Date.now();
    before = now;
    await systemClock.sleep(100);
  }
}

function writesTo(world: ProductWorld): number {
  const isQuestion = (body: unknown) => typeof body === 'object' && body !== null && 'query' in body && /^\s*query\b/.test(String(body.query));
  return world.forge.requests().filter(({ kind, method, actor, body }) => kind === 'rest' && method !== 'GET' && actor.kind === 'installation' && !isQuestion(body)).length;
}

function traceFile(world: ProductWorld, role: Role): string {
  return join(world.folder, `visits-${role}`);
}

function traceOf(world: ProductWorld, role: Role): readonly FaultPlace[] {
  try {
    return readFileSync(traceFile(world, role), 'utf8').split('\n').slice(0, -1) as FaultPlace[];
  } catch {
    return [];
  }
}

/** The text of a pull request changes only with a new version of the product: pretends that an older one wrote what stands there. */
const oldPulls = `UPDATE github_objects SET rendered = 'as an older version wrote it' WHERE key = 'pull' AND state = 'present'`;
/** An issue is taken off the agenda when its label was gone before anybody looked. */
const strayWatch = `INSERT INTO watches (subject, memory, look_at) VALUES ('mission:r1-i999', 'null', now()) ON CONFLICT DO NOTHING`;
/** What must be found in the database by the life that is to die there, and what no person of the missions can bring about. */
const preparations: { readonly [place in FaultPlace]?: string } = {
  'before github.pull-edit': oldPulls,
  'during github.pull-edit': oldPulls,
  'after github.pull-edit': oldPulls,
  'before watches.remove': strayWatch,
  'after watches.remove': strayWatch,
};

/** Keeps the processes of the product alive: whoever dies as planned is started again, with the next death before it. */
class Crew {
  readonly kills: Kill[] = [];
  readonly failed: Promise<never>;
  stepsSeen = 0;
  lives = 0;
  readonly #world: ProductWorld;
  readonly #options: RunOptions;
  readonly #open: () => Promise<Database>;
  readonly #alive = new Map<Role, ProductProcess>();
  readonly #guards: Promise<void>[] = [];
  #stopping = false;
  #fail: (error: unknown) => void = () => undefined;

  constructor(world: ProductWorld, options: RunOptions, open: () => Promise<Database>) {
    this.#world = world;
    this.#options = options;
    this.#open = open;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  async start(roles: readonly Role[]): Promise<void> {
    await Promise.all(
      roles.map(async (role) => {
        const first = await this.#life(role);
        this.#guards.push(this.#guard(role, first).catch(this.#fail));
      }),
    );
  }

  /** Ends every process in good order; whoever dies as planned even then gets one more life to clear up in. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { child } of this.#alive.values()) child.kill('SIGTERM');
    await Promise.all(this.#guards);
  }

  async #life(role: Role): Promise<{ readonly kill: Kill | null; readonly process: ProductProcess }> {
    const kill = this.#stopping ? null : this.#options.next(role, this.stepsSeen);
    const preparation = kill === null ? undefined : preparations[kill.place];
    if (preparation !== undefined) await this.#change((database) => database.query(preparation, []));
    if (this.kills.length > 0 && this.#options.betweenLives) await this.#change(this.#options.betweenLives);
    const env = { MISSIONGATE_RECONCILE_SECONDS: '1', MISSIONGATE_FAULT_TRACE: traceFile(this.#world, role), ...(kill === null ? {} : { MISSIONGATE_FAULT: `${kill.place}#${kill.visit}` }) };
    this.lives += 1;
    const process = role === 'worker' ? await this.#world.startWorker(env) : await this.#world.startApp(env, this.#options.backend === 'servers' ? ['--no-worker'] : []);
    this.#alive.set(role, process);
    if (role === 'app' && this.lives > 1) void this.#deliverAgain();
    return { kill, process };
  }

  async #guard(role: Role, first: { readonly kill: Kill | null; readonly process: ProductProcess }): Promise<void> {
    for (let { kill, process } = first; ; { kill, process } = await this.#nextLife(role, kill)) {
      // Asked to stop between two lives.
      if (this.#stopping && process.child.exitCode === null) void systemClock.sleep(quietMs).then(() => process.child.kill('SIGTERM'));
      const { code, signal } = await process.exited;
      if (signal === 'SIGKILL' && kill !== null) this.kills.push(kill);
      else if (this.#stopping) return;
      else throw new Error(`the ${role} ended by itself (code ${code ?? '–'}, signal ${signal ?? '–'}):\n${process.output().slice(-3000)}`);
    }
  }

  async #nextLife(role: Role, last: Kill | null): Promise<{ readonly kill: Kill | null; readonly process: ProductProcess }> {
    const isAwaited = () => last?.deadUntil !== undefined && !this.kills.includes(last.deadUntil);
    while (isAwaited() && !this.#stopping) await systemClock.sleep(50);
    return this.#life(role);
  }

  /** What the product itself has not asked for by now is delivered again: it waits ten minutes before it asks a second time. */
  async #deliverAgain(): Promise<void> {
    const { forge } = this.#world;
    await systemClock.sleep(operatorMs);
    await forge.idle();
    for (const delivery of forge.deliveries()) {
      if (!delivery.attempts.some((attempt) => attempt.statusCode >= 200 && attempt.statusCode < 300)) forge.redeliver(delivery.guid);
    }
  }

  async #change(change: (database: Database) => Promise<unknown>): Promise<void> {
    const database = await this.#open();
    try {
      await change(database);
    } finally {
      await database.close();
    }
  }
}
