import { monkey, pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const load = { missions: 20, tasksEach: 250, parallel: 25 };
/** A wave of load more where the storm is to last longer. */
const wave = { missions: 4, tasksEach: 250, parallel: 25 };

/** Everything at once, and nobody waits until one has recovered from the other. */
export const storm: Scenario = {
  name: 'storm',
  breaks: 'PostgreSQL (`-m immediate`) and Redis (`kill -9`) every 5–10 s, a process of the product (`kill -9`) every 3 s',
  async run({ random, seconds, ...terms }) {
    const world = await ChaosWorld.open(terms);
    try {
      await world.start(3);
      await world.openIssues(4, 5);
      const until = Date.now() + (seconds ?? 0) * 1000;
      const injected = { 'PostgreSQL crashes': 0, 'Redis kills': 0, 'process kills': 0 };
      for (let more = load; ; more = wave) {
        await world.plant(more);
        const database = monkey(5_000, 10_000, random, () => world.crashDatabase(2_000 * random()));
        const redis = monkey(5_000, 10_000, random, () => world.killRedis(2_000 * random()));
        const processes = monkey(3_000, 3_000, random, () => {
          // The app now and then as well: it decides, merges and writes to GitHub.
          const all = [...world.fleet.workers, ...world.fleet.workers, ...world.fleet.members];
          all[Math.floor(random() * all.length)]?.kill();
        });
        await world.untilOver();
        await Promise.all([database.stop(), redis.stop(), processes.stop()]);
        injected['PostgreSQL crashes'] += database.times;
        injected['Redis kills'] += redis.times;
        injected['process kills'] += processes.times;
        if (Date.now() >= until) break;
        await pause(1_000);
      }
      return { ...(await world.verdict()), injected, late: null };
    } finally {
      await world.close();
    }
  },
};
