import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const sizes = { short: { restarts: 3, load: { missions: 1, tasksEach: 200, parallel: 10 }, issues: 1 }, long: { restarts: 20, load: { missions: 12, tasksEach: 500, parallel: 20 }, issues: 4 } } as const;

/** A deployment: every process in turn is asked to end, and replaced. Nobody should notice. */
export const rollingRestarts: Scenario = {
  name: 'rolling-restarts',
  breaks: 'SIGTERM for one process after the other, under load',
  async run({ size, ...terms }) {
    const { restarts, load, issues } = sizes[size];
    const world = await ChaosWorld.open(terms);
    try {
      await world.start(2);
      await world.openIssues(issues, 4);
      await world.plant(load);
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
