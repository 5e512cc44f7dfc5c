import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const restarts = 20;

/** A deployment: every process in turn is asked to end, and replaced. Nobody should notice. */
export const rollingRestarts: Scenario = {
  name: 'rolling-restarts',
  breaks: 'SIGTERM for one process after the other, under load',
  async run(terms) {
    const world = await ChaosWorld.open(terms);
    try {
      await world.start(2);
      await world.openIssues(4, 4);
      await world.plant({ missions: 12, tasksEach: 500, parallel: 20 });
      let done = 0;
      for (; done < restarts; done += 1) await world.fleet.members[done % world.fleet.members.length]?.restart();
      await world.untilOver();
      const verdict = await world.verdict();
      // A process that is asked to end finishes what it began, or gives it back: no attempt may be lost by it.
      const lostAttempts = (await world.leases()).filter(({ status }) => status === 'lost').map(({ subject, attempt }) => `attempt ${attempt} of ${subject} was lost by a restart`);
      return { ...verdict, faults: [...verdict.faults, ...lostAttempts], injected: { 'SIGTERM restarts': done }, late: null };
    } finally {
      await world.close();
    }
  },
};
