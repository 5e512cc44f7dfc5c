import { randomUUID } from 'node:crypto';

import { systemClock } from '../../src/kit/system-clock.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { engineWorld } from '../support/engine-world.ts';
import { person, source } from '../support/pure-world.ts';
import { startChild } from './child.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { number } from './results.ts';
import type { Results } from './results.ts';

const stepMs = 100;
/** Attempts at a time in one worker process. */
const concurrency = 4;
const counts = [1, 2, 4, 8] as const;

/** One mission of independent tasks on 1, 2, 4 and 8 worker processes: tasks of 100 ms, where adding processes must help, and no-op tasks, where it must not hurt. */
export async function workers(servers: Servers, options: { readonly scale: number }, results: Results): Promise<void> {
  const rates = new Map<number, number>();
  for (const count of counts) {
    const tasks = Math.round(count * concurrency * 40 * options.scale);
    const waiting = await rate(servers, { count, stepMs, tasks });
    const noop = await rate(servers, { count, stepMs: 0, tasks: Math.round(1000 * options.scale) });
    rates.set(count, waiting);
    results.rows.push({ measure: 'Worker processes, one mission, Redis + PostgreSQL', what: `${count} × ${concurrency} at a time`, measured: `tasks of ${stepMs} ms: ${number(waiting)}/s of ${(count * concurrency * 1000) / stepMs} possible; no-op tasks: ${number(noop)}/s` });
    console.log(`  ${count} worker(s): ${number(waiting)}/s, no-op ${number(noop)}/s`);
  }
  const most = counts.at(-1) ?? 1;
  results.bars.push({ name: `${most} worker processes: share of what their number allows`, value: (rates.get(most) ?? Number.NaN) / ((most * concurrency * 1000) / stepMs), limit: 0.7, kind: 'at least' });
  results.details.workers = Object.fromEntries(rates);
}

async function rate(servers: Servers, { count, stepMs: ms, tasks }: { readonly count: number; readonly stepMs: number; readonly tasks: number }): Promise<number> {
  return onFreshServers(servers, async (fresh) => {
    const prefix = `bench-${randomUUID().slice(0, 8)}`;
    const database = openPostgresDatabase({ url: fresh.databaseUrl, applicationName: 'bench-app' });
    await migrate(database, migrations);
    const queue = await createBullQueue({ backend: { kind: 'redis', url: fresh.redisUrl }, prefix });
    const store = createStore(database, systemClock);
    const written = definition([phase('p', Array.from({ length: tasks }, (_, index) => task(`t${index}`)), { gate: null })], { maxParallel: 100 });
    const world = engineWorld({ store, queue, definition: written });
    const app = world.engine.startApp();
    const children = Array.from({ length: count }, () => startChild('worker.ts', { ...fresh, prefix, concurrency, stepMs: ms }));
    await Promise.all(children.map((child) => child.lines()[Symbol.asyncIterator]().next()));
    const from = { ...source, installationId: 0 };
    const id = 'r1-i1';
    await world.send(id, 'request', { kind: 'mission.requested', source: from, title: '', body: '', actor: person('author') });
    await world.until(id, (state) => state.status === 'planned');
    const started = performance.now();
    await world.send(id, 'queue', { kind: 'mission.queue-requested', source: from, actor: person('author') });
    await world.until(id, (state) => state.status === 'completed');
    const perSecond = tasks / ((performance.now() - started) / 1000);
    for (const { child } of children) child.stdin?.end();
    await Promise.all([app.close(2_000), ...children.map(({ finished }) => finished)]);
    await queue.close();
    await store.close();
    return perSecond;
  });
}
