import { WaitingPlace, waitingFiles } from '../chaos-load.ts';
import { pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

/** Tasks that began before and go on while the database is away. */
const longTasks = 8;
/** They end some seconds after it is back: by then a lease that was taken for lost would have been. */
const graceMs = 6_000;

/** The database is gone for as long as a failover or an upgrade takes, with thousands of jobs in the queue. */
export const databaseDown: Scenario = {
  name: 'database-down',
  breaks: 'PostgreSQL is away for a minute (`-m immediate`) in the middle of the work',
  async run({ seconds, ...terms }) {
    const world = await ChaosWorld.open({ ...terms, files: waitingFiles, env: { MISSIONGATE_WORKER_CONCURRENCY: '20' } });
    const place = new WaitingPlace(world.product.folder);
    try {
      await world.start(2);
      await world.openIssues(1, 4);
      await world.openIssue(place.issue(longTasks), longTasks);
      await world.until('the long tasks run', async () => (await world.leases()).filter(({ subject, status }) => subject.startsWith('wait-') && status === 'held').length === longTasks);
      await world.plant({ missions: 4, tasksEach: 250, parallel: 50 });
      await world.untilShare(0.3);
      terms.report('the database goes');
      await world.crashDatabase((seconds ?? 60) * 1000);
      const back = Date.now();
      terms.report('the database is back');
      await pause(graceMs);
      place.release();
      await world.untilOver();
      terms.report(`everything was finished ${Math.round((Date.now() - back) / 1000)} s later`);
      const verdict = await world.verdict();
      // What agents worked on for hours is not thrown away because nobody could be asked for a minute.
      const again = (await world.leases()).filter(({ subject, attempt }) => subject.startsWith('wait-') && attempt > 1).map(({ subject }) => `the work on ${subject} was begun again`);
      return { ...verdict, faults: [...verdict.faults, ...again], injected: { 'PostgreSQL crash': 1 }, late: null };
    } finally {
      place.release();
      await world.close();
    }
  },
};
