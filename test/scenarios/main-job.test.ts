import { afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import { createTestDatabase, requireServers, serversAvailable, testPrefix } from '../support/servers.ts';
import { carryThrough, expectCarriedThrough, slugFiles } from './conversation.ts';

describe('the main job', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('goes from a labelled issue to a merged pull request on the embedded database', async () => {
    const world = await ProductWorld.open({ files: slugFiles });
    closing.push(() => world.close());
    const app = await world.startApp({ MISSIONGATE_PUBLIC_URL: `http://127.0.0.1:${world.port}` });
    const issue = await carryThrough(world);
    await expectCarriedThrough(world, issue);
    const gates = world.repository.checkRuns().filter(({ name }) => name.startsWith('gate/'));
    expect(gates.length).toBeGreaterThan(0);
    for (const { detailsUrl, summary } of gates) {
      expect(summary).toContain(`[evidence page](${detailsUrl})`);
      const page = await fetch(detailsUrl ?? '');
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('✓ the pack as it is kept has this digest')]);
      expect((await fetch((detailsUrl ?? '').replace(/key=.*/, ''))).status).toBe(404);
    }
    expect(app.output()).not.toContain('key=');
    expect(world.comments(issue)[0]).toContain('```mermaid');
    world.contract.assertKept();
    // The repository has no policy file: that it is looked for is answered with 404 only.
    expect(world.contract.uncovered(world.app.appId)).toEqual(['GET /repos/{owner}/{repo}/contents/{path}']);
  });

  it.runIf(serversAvailable())('goes the same way on Redis and PostgreSQL with two worker processes', async () => {
    const { redisUrl } = requireServers();
    const database = await createTestDatabase();
    closing.push(() => database.drop());
    const world = await ProductWorld.open({ files: slugFiles, env: { DATABASE_URL: database.url, MISSIONGATE_REDIS_URL: redisUrl, MISSIONGATE_QUEUE_PREFIX: testPrefix() } });
    closing.push(() => world.close());
    await Promise.all([world.startApp({}, ['--no-worker']), world.startWorker(), world.startWorker()]);
    const issue = await carryThrough(world);
    await expectCarriedThrough(world, issue);
    world.contract.assertKept();
  });

  it.runIf(serversAvailable())('goes the same way on PostgreSQL alone, with a worker of its own', async () => {
    const database = await createTestDatabase();
    closing.push(() => database.drop());
    const world = await ProductWorld.open({ files: slugFiles, env: { DATABASE_URL: database.url } });
    closing.push(() => world.close());
    await Promise.all([world.startApp({}, ['--no-worker']), world.startWorker()]);
    const issue = await carryThrough(world);
    await expectCarriedThrough(world, issue);
    world.contract.assertKept();
  });
});
