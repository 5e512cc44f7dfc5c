import { afterEach, describe, expect, it } from 'vitest';

import { faultPlaces } from '../../src/engine/fault-point.ts';
import { ProductWorld } from '../support/product-world.ts';
import type { ProductProcess } from '../support/product-world.ts';
import { createTestDatabase, requireServers, serversAvailable } from '../support/servers.ts';
import { carryThrough, expectCarriedThrough, slugFiles } from './conversation.ts';

/** Which visit of a place is deadly: the first is not always the most interesting one. */
const visits: { readonly [place: string]: number } = { 'before commit': 4, 'between commit and outbox': 2, 'after object create': 5, 'after object intent': 3, 'after sync write': 6, 'after inbox insert': 2, 'after finish': 2 };

/** Starts a process again, without the fault, as often as it dies; and delivers again what nobody took meanwhile. */
async function keepAlive(world: ProductWorld, process: ProductProcess, start: () => Promise<ProductProcess>, deaths: { count: number }): Promise<void> {
  const { signal } = await process.exited;
  if (signal !== 'SIGKILL') return;
  deaths.count += 1;
  const next = await start();
  await world.forge.idle();
  for (const delivery of world.forge.deliveries()) {
    if (!delivery.attempts.some((attempt) => attempt.statusCode >= 200 && attempt.statusCode < 300)) world.forge.redeliver(delivery.guid);
  }
  await keepAlive(world, next, start, deaths);
}

describe('a process that is killed', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it.each(faultPlaces)('%s leaves nothing lost and nothing double', async (place) => {
    const world = await ProductWorld.open({ files: slugFiles });
    closing.push(() => world.close());
    const deaths = { count: 0 };
    const app = await world.startApp({ MISSIONGATE_FAULT: `${place}#${visits[place] ?? 1}` });
    const guard = keepAlive(world, app, () => world.startApp(), deaths);
    guard.catch(() => undefined);
    const issue = await carryThrough(world);
    await expectCarriedThrough(world, issue);
    expect(deaths.count).toBe(1);
    expect(world.contract.violations()).toEqual([]);
  });

  it.runIf(serversAvailable())('in the middle of a task, as a worker, is replaced by another worker', async () => {
    const database = await createTestDatabase();
    closing.push(() => database.drop());
    const world = await ProductWorld.open({
      files: { ...slugFiles, 'scripts/slow-once.js': slowOnce },
      env: { DATABASE_URL: database.url, MISSIONGATE_REDIS_URL: requireServers().redisUrl },
    });
    closing.push(() => world.close());
    const marker = `${world.folder}/first-attempt`;
    const [, worker] = await Promise.all([world.startApp({}, ['--no-worker']), world.startWorker()]);
    const issue = await world.mission('Slow', `## Build\n- gate: none\n\n- [ ] Wait\n  - id: wait\n  - run: node scripts/slow-once.js ${marker}\n`);
    const { existsSync } = await import('node:fs');
    await world.until('the first attempt runs', () => existsSync(marker));
    worker.child.kill('SIGKILL');
    await world.startWorker();
    await world.until('the issue is closed', () => world.repository.issue(issue).state === 'closed');
    expect(world.check('task/wait')).toMatchObject({ conclusion: 'success' });
    expect(world.check('task/wait')?.summary).toContain('2');
    expect(world.doubles()).toEqual([]);
  });
});

/** Hangs the first time it runs, until it is killed; succeeds afterwards. */
const slowOnce = `
import { existsSync, writeFileSync } from 'node:fs';
const marker = process.argv[2];
if (existsSync(marker)) process.exit(0);
writeFileSync(marker, '');
setInterval(() => {}, 1000);
`;
