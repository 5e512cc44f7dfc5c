import { WaitingPlace, waitingFiles } from '../chaos-load.ts';
import { pause } from '../chaos-scenario.ts';
import type { Outcome, Scenario, Terms } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const leaseSeconds = 4;

/** Workers stand still past their leases while they hold attempts, are replaced, and come back with results. */
export const zombies: Scenario = {
  name: 'zombies',
  breaks: 'workers are frozen (SIGSTOP) past their leases, replaced, and thawed: their results come too late',
  run: (terms) => runZombies(terms, { tasks: 50, rounds: 4 }),
};

interface ZombieTerms {
  /** Attempts that each frozen worker holds. */
  readonly tasks: number;
  /** How often they change hands: at most four times, the fifth loss of an attempt is final. */
  readonly rounds: number;
  /** Breaks the fence first: for the test that shows that this scenario would notice. */
  readonly sabotage?: (databaseUrl: string) => Promise<void>;
}

export async function runZombies(terms: Terms, { tasks, rounds, sabotage }: ZombieTerms): Promise<Outcome> {
  const env = { MISSIONGATE_WORKER_CONCURRENCY: String(tasks), MISSIONGATE_LEASE_SECONDS: String(leaseSeconds) };
  const world = await ChaosWorld.open({ ...terms, files: waitingFiles, env });
  const place = new WaitingPlace(world.product.folder);
  try {
    await world.start(1);
    await sabotage?.(world.servers.databaseUrl);
    await world.openIssue(place.issue(tasks), tasks);
    let [frozen] = world.fleet.workers;
    let sent = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await world.until(`all attempts ${round} are held`, async () => (await world.held()) === tasks);
      await pause(300);
      frozen?.freeze();
      sent += tasks;
      const next = round === 1 ? await world.fleet.add('worker-2', ['worker']) : world.fleet.workers.find((worker) => worker !== frozen);
      await world.until(`${tasks} attempts were taken over`, async () => (await world.held(round + 1)) === tasks);
      if (round === rounds) {
        // The last zombies come back when everything is done: their programs have succeeded meanwhile, as have the others'.
        place.release();
        await world.untilOver();
      }
      frozen?.thaw();
      await world.until(`${sent} late results were refused`, () => world.fleet.refused >= sent, 20_000).catch(() => undefined);
      terms.report(`round ${round}: ${world.fleet.refused} of ${sent} late results refused`);
      frozen = next;
    }
    await world.untilOver();
    const verdict = await world.verdict();
    return { ...verdict, injected: { 'workers frozen': rounds }, late: { sent, refused: Math.min(sent, world.fleet.refused) } };
  } finally {
    place.release();
    await world.close();
  }
}
