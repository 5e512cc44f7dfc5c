import { crashPostgres, runPostgres } from '../../../scripts/test-servers.mjs';
import { pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

/** The database is gone for as long as a failover or an upgrade takes, with thousands of jobs in the queue. */
export const databaseDown: Scenario = {
  name: 'database-down',
  breaks: 'PostgreSQL is away for a minute (`-m immediate`) in the middle of the work',
  async run({ seconds, ...terms }) {
    const world = await ChaosWorld.open(terms);
    try {
      await world.start(2);
      await world.openIssues(1, 4);
      await world.plant({ missions: 4, tasksEach: 250, parallel: 50 });
      await world.untilShare(0.3);
      await crashPostgres(world.servers.folder);
      terms.report('the database is down');
      await pause((seconds ?? 60) * 1000);
      await runPostgres(world.servers.folder);
      const back = Date.now();
      terms.report('the database is back');
      await world.untilOver();
      terms.report(`everything was finished ${Math.round((Date.now() - back) / 1000)} s later`);
      return { ...(await world.verdict()), injected: { 'PostgreSQL crash': 1 }, late: null };
    } finally {
      await world.close();
    }
  },
};
