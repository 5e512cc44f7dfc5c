import { crashPostgres, killRedis, runPostgres, runRedis } from '../../../scripts/test-servers.mjs';
import { monkey, pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const sizes = {
  short: { load: { missions: 3, tasksEach: 100, parallel: 20 }, issues: 1, tasksPerIssue: 3, workers: 2, pace: 0.4 },
  long: { load: { missions: 20, tasksEach: 250, parallel: 25 }, issues: 4, tasksPerIssue: 5, workers: 3, pace: 1 },
} as const;

/** Everything at once, and nobody waits until one has recovered from the other. */
export const storm: Scenario = {
  name: 'storm',
  breaks: 'PostgreSQL (`-m immediate`) and Redis (`kill -9`) every 5–10 s, a process of the product (`kill -9`) every 3 s',
  async run({ size, random, ...terms }) {
    const { load, issues, tasksPerIssue, workers, pace } = sizes[size];
    const world = await ChaosWorld.open(terms);
    try {
      const { folder } = world.servers;
      await world.start(workers);
      await world.openIssues(issues, tasksPerIssue);
      await world.plant(load);
      const database = monkey(5_000 * pace, 10_000 * pace, random, async () => {
        await crashPostgres(folder);
        await pause(2_000 * random() * pace);
        await runPostgres(folder);
      });
      const redis = monkey(5_000 * pace, 10_000 * pace, random, async () => {
        await killRedis(folder);
        await pause(2_000 * random() * pace);
        await runRedis(folder);
      });
      const processes = monkey(3_000 * pace, 3_000 * pace, random, () => {
        // The app now and then as well: it decides, merges and writes to GitHub.
        const all = [...world.fleet.workers, ...world.fleet.workers, ...world.fleet.members];
        all[Math.floor(random() * all.length)]?.kill();
      });
      await world.untilOver();
      await Promise.all([database.stop(), redis.stop(), processes.stop()]);
      const verdict = await world.verdict();
      return { ...verdict, injected: { 'PostgreSQL crashes': database.times, 'Redis kills': redis.times, 'process kills': processes.times }, late: null };
    } finally {
      await world.close();
    }
  },
};
