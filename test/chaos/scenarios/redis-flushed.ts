import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

/** Shares of the work after which Redis forgets everything. */
const flushes = [0.1, 0.3, 0.5];
/** Shares of the work after which it is killed and starts from nothing. */
const losses = [0.7, 0.9];

/** The queue forgets everything: what must be done is known to the store, and comes back from there. */
export const redisFlushed: Scenario = {
  name: 'redis-flushed',
  breaks: 'Redis forgets every job: FLUSHALL, and `kill -9` with a restart from nothing',
  async run(terms) {
    const world = await ChaosWorld.open(terms);
    try {
      await world.start(2);
      await world.openIssues(1, 5);
      await world.plant({ missions: 4, tasksEach: 500, parallel: 100 });
      for (const share of flushes) {
        await world.untilShare(share);
        terms.report(`flushed ${await world.flushRedis()} keys`);
      }
      for (const share of losses) {
        await world.untilShare(share);
        await world.killRedis(0, false);
      }
      await world.untilOver();
      return { ...(await world.verdict()), injected: { FLUSHALL: flushes.length, 'restarts from nothing': losses.length }, late: null };
    } finally {
      await world.close();
    }
  },
};
