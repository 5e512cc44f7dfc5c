import { Redis } from 'ioredis';

import { killRedis, runRedis } from '../../../scripts/test-servers.mjs';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const sizes = {
  short: { load: { missions: 1, tasksEach: 300, parallel: 100 }, flushes: [0.2], losses: [] },
  long: { load: { missions: 4, tasksEach: 500, parallel: 100 }, flushes: [0.1, 0.3, 0.5], losses: [0.7, 0.9] },
} as const;

/** The queue forgets everything: what must be done is known to the store, and comes back from there. */
export const redisFlushed: Scenario = {
  name: 'redis-flushed',
  breaks: 'Redis forgets every job: FLUSHALL, and `kill -9` with a restart from nothing',
  async run({ size, ...terms }) {
    const { load, flushes, losses } = sizes[size];
    const world = await ChaosWorld.open(terms);
    try {
      const { folder, redisUrl } = world.servers;
      await world.start(2);
      await world.openIssues(1, size === 'short' ? 2 : 5);
      await world.plant(load);
      for (const share of flushes) {
        await world.untilShare(share);
        const redis = new Redis(redisUrl);
        terms.report(`flushing ${await redis.dbsize()} keys`);
        await redis.flushall();
        redis.disconnect();
      }
      for (const share of losses) {
        await world.untilShare(share);
        await killRedis(folder);
        await runRedis(folder, { appendOnly: false });
      }
      await world.untilOver();
      return { ...(await world.verdict()), injected: { FLUSHALL: flushes.length, 'restarts from nothing': losses.length }, late: null };
    } finally {
      await world.close();
    }
  },
};
