import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import { createTestDatabase, requireServers, serversAvailable, testPrefix } from '../support/servers.ts';
import { slugFiles } from './conversation.ts';

describe('a worker that is killed', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it.runIf(serversAvailable())('while the task’s program runs is replaced by another worker', async () => {
    const database = await createTestDatabase();
    closing.push(() => database.drop());
    const world = await ProductWorld.open({
      files: { ...slugFiles, 'scripts/slow-once.js': slowOnce },
      env: { DATABASE_URL: database.url, MISSIONGATE_REDIS_URL: requireServers().redisUrl, MISSIONGATE_QUEUE_PREFIX: testPrefix() },
    });
    closing.push(() => world.close());
    const marker = `${world.folder}/first-attempt`;
    const [, worker] = await Promise.all([world.startApp({}, ['--no-worker']), world.startWorker()]);
    const issue = await world.mission('Slow', `## Build\n- gate: none\n\n- [ ] Wait\n  - id: wait\n  - run: node scripts/slow-once.js ${marker}\n`);
    await world.until('the first attempt runs', () => existsSync(marker));
    worker.child.kill('SIGKILL');
    await world.startWorker();
    await world.until('the issue is closed', () => world.repository.issue(issue).state === 'closed');
    expect(world.repository.issue(issue).body).toContain('- [x] Wait');
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
