// `npm run bench`: what the README says about speed, measured in one run; comparisons are ratios within that run.
import { Queue, Worker, createPostgresBackend } from 'bullmq';
import { createHmac, randomUUID } from 'node:crypto';
import { cpus } from 'node:os';

import { makePlan } from '../../src/core/mission/plan.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import type { QueueBackend } from '../../src/queue/backend.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import type { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { ensureServers, startServers, stopServers } from '../../scripts/test-servers.mjs';
import { definition, phase, task } from '../support/definitions.ts';
import { engineWorld } from '../support/engine-world.ts';
import { ProductWorld } from '../support/product-world.ts';
import { person, source } from '../support/pure-world.ts';

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean | null;
}

const rows: Row[] = [];
function report(what: string, measured: string, goal = '', met: boolean | null = null): void {
  rows.push({ what, measured, goal, met });
  console.log(`${met === null ? ' ' : met ? '✔' : '✖'} ${what}: ${measured}${goal === '' ? '' : ` (goal ${goal})`}`);
}

const round = (value: number, digits = 0) => value.toFixed(digits);
const noGate = { gate: null };

function planning(): void {
  for (const size of [10_000, 100_000]) {
    const written = definition([phase('p', Array.from({ length: size }, (_, index) => task(`t${index}`, { needs: index === 0 ? [] : [`t${Math.floor(index / 2)}`] })), noGate)]);
    makePlan(written);
    const from = performance.now();
    makePlan(written);
    const ms = performance.now() - from;
    report(`plan of ${size} tasks`, `${round(ms)} ms`, size === 10_000 ? '< 100 ms' : '< 1 s', ms < (size === 10_000 ? 100 : 1000));
  }
}

/** No-op tasks per second through engine, queue and store; a mission of `count` independent tasks. */
async function engineRate(database: Database, backend: QueueBackend, count: number): Promise<number> {
  const queue = await createBullQueue({ backend, prefix: `bench-${randomUUID().slice(0, 8)}` });
  const world = engineWorld({ store: createStore(database, systemClock), queue, definition: definition([phase('p', Array.from({ length: count }, (_, index) => task(`t${index}`)), noGate)], { maxParallel: 50 }), concurrency: 50 });
  const id = `r1-i${randomUUID().slice(0, 8)}`;
  const from = { ...source, installationId: 0 };
  const running = [world.engine.startApp(), world.engine.startWorker(world.worker), world.engine.startSupervision()];
  await world.send(id, 'request', { kind: 'mission.requested', source: from, title: '', body: '', actor: person('author') });
  await world.until(id, (state) => state.status === 'planned');
  const started = performance.now();
  await world.send(id, 'queue', { kind: 'mission.queue-requested', source: from, actor: person('author') });
  await world.until(id, (state) => state.status === 'completed');
  const rate = count / ((performance.now() - started) / 1000);
  await Promise.all(running.map((one) => one.close(5_000)));
  await queue.close();
  return rate;
}

/** Bare BullMQ no-op jobs per second, kept 50 in flight, as the engine keeps them. */
async function bareRate(backend: QueueBackend, count: number): Promise<number> {
  const name = `bare-${randomUUID().slice(0, 8)}`;
  const queue = backend.kind === 'redis' ? new Queue(name, { connection: redisConnection(backend.url) }) : new Queue(name, { connection: poolOf(backend) }, createPostgresBackend);
  let done = 0;
  let added = 0;
  const finished = deferred();
  const add = async () => {
    if (added >= count) return;
    added += 1;
    await queue.add('noop', {});
  };
  const work = async () => undefined;
  const worker =
    backend.kind === 'redis' ? new Worker(name, work, { connection: redisConnection(backend.url), concurrency: 50 }) : new Worker(name, work, { connection: poolOf(backend), concurrency: 50 }, createPostgresBackend);
  worker.on('completed', () => {
    done += 1;
    if (done === count) finished.resolve();
    else void add();
  });
  await worker.waitUntilReady();
  const started = performance.now();
  await Promise.all(Array.from({ length: 50 }, add));
  await finished.promise;
  const rate = count / ((performance.now() - started) / 1000);
  await worker.close();
  await queue.close();
  return rate;
}

function redisConnection(url: string) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}

function poolOf(backend: QueueBackend) {
  if (backend.kind !== 'embedded') throw new Error('bare runs on Redis and on the embedded database');
  return backend.pool;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function throughput(): Promise<void> {
  const embedded = await openEmbeddedDatabase({ dataDir: 'memory' });
  await migrate(embedded, migrations);
  const backend = { kind: 'embedded', pool: embedded.pool } as const;
  await engineRate(embedded, backend, 100);
  const bare = await bareRate(backend, 1000);
  const ours = await engineRate(embedded, backend, 1000);
  report('no-op tasks/s, embedded, ledger on', `${round(ours)}/s; bare BullMQ jobs there ${round(bare)}/s, ratio ${round(ours / bare, 2)}`, '≥ 100/s', ours >= 100);
  await embedded.close();
  await ensureServers();
  const servers = await startServers();
  try {
    const database = openPostgresDatabase({ url: servers.databaseUrl, applicationName: 'bench' });
    await migrate(database, migrations);
    const redis = { kind: 'redis', url: servers.redisUrl } as const;
    await engineRate(database, redis, 200);
    const bareRedis = await bareRate(redis, 5000);
    const small = await engineRate(database, redis, 1000);
    report('no-op tasks/s, Redis + PostgreSQL, ledger on', `${round(small)}/s; bare BullMQ jobs there ${round(bareRedis)}/s, ratio ${round(small / bareRedis, 2)}`, '≥ 300/s', small >= 300);
    const large = await engineRate(database, redis, 10_000);
    report('the same in one mission of 10,000 tasks instead of 1,000', `${round(large)}/s, ratio ${round(large / small, 2)}`, '≥ 0.7', large / small >= 0.7);
    await database.close();
  } finally {
    await stopServers(servers);
  }
}

async function product(): Promise<void> {
  const world = await ProductWorld.open();
  try {
    const cold = performance.now();
    const app = await world.startApp({ LOG_LEVEL: 'error' });
    report('start to ready, embedded, empty data folder', `${round(performance.now() - cold)} ms`, '< 3 s', performance.now() - cold < 3000);
    app.child.kill('SIGTERM');
    await app.exited;
    const warm = performance.now();
    await world.startApp({ LOG_LEVEL: 'error' });
    report('start to ready, embedded, existing data folder', `${round(performance.now() - warm)} ms`, '< 3 s', performance.now() - warm < 3000);
    await ingress(world);
  } finally {
    await world.close();
  }
}

/** 200 signed deliveries a second for ten seconds, each stored; times from sending to the answer. */
async function ingress(world: ProductWorld): Promise<void> {
  const issue = await world.mission('bench', '## P\n- [ ] One\n  - uses: noop\n', { queue: false });
  await world.until('the plan stands there', () => world.comments(issue).length > 0);
  await world.forge.as('author').comment(world.repository.fullName, issue, 'hello');
  await world.forge.idle();
  const sample = world.forge.deliveries().findLast((delivery) => delivery.event === 'issue_comment');
  if (!sample) throw new Error('no delivery to copy');
  const times: number[] = [];
  const send = async (index: number) => {
    const payload = structuredClone(sample.payload) as { comment: { id: number; body: string } };
    payload.comment.id = 1_000_000 + index;
    payload.comment.body = '/status';
    const body = JSON.stringify(payload);
    const signature = `sha256=${createHmac('sha256', world.webhookSecret).update(body).digest('hex')}`;
    const from = performance.now();
    const response = await fetch(`http://127.0.0.1:${world.port}/api/github/webhooks`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-github-event': 'issue_comment', 'x-github-delivery': randomUUID(), 'x-hub-signature-256': signature } });
    const { stored } = (await response.json()) as { stored: number };
    if (response.status !== 202 || stored !== 1) throw new Error(`a delivery was answered ${response.status}`);
    times.push(performance.now() - from);
  };
  const started = performance.now();
  const sent: Promise<void>[] = [];
  for (let index = 0; index < 2000; index += 1) {
    const due = started + index * 5;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    sent.push(send(index));
  }
  await Promise.all(sent);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  report('webhook stored and answered at 200/s', `p50 ${round(at(0.5), 1)} ms, p99 ${round(at(0.99), 1)} ms`, 'p99 < 50 ms', at(0.99) < 50);
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}\n`);
planning();
await throughput();
await product();
console.log(`\n| what | measured | goal |\n| --- | --- | --- |\n${rows.map((row) => `| ${row.what} | ${row.measured} | ${row.goal} |`).join('\n')}`);
process.exit(rows.some((row) => row.met === false) ? 1 : 0);
