import { WaitingPlace, waitingFiles } from '../chaos-load.ts';
import { pause } from '../chaos-scenario.ts';
import type { Outcome, Terms } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const zombies = 20;
const restarts = 3;

/** The short form of `npm run chaos`, for every `npm test`: a little of everything in one world, within half a minute. */
export async function runBrief(terms: Terms): Promise<Outcome> {
  const world = await ChaosWorld.open({ ...terms, files: waitingFiles, env: { MISSIONGATE_WORKER_CONCURRENCY: String(zombies) } });
  const place = new WaitingPlace(world.product.folder);
  try {
    await world.start(2);
    await world.openIssues(1, 2);
    await world.plant({ missions: 2, tasksEach: 100, parallel: 20 });
    await briefStorm(world);
    await world.plant({ missions: 1, tasksEach: 150, parallel: 100 });
    await world.flushRedis();
    for (let done = 0; done < restarts; done += 1) await world.fleet.members[done]?.restart();
    await world.untilOver();
    const late = await lateResults(world, place);
    const verdict = await world.verdict();
    return { ...verdict, late, injected: { 'PostgreSQL crashes': 2, 'Redis kills': 2, 'process kills': 3, FLUSHALL: 1, 'SIGTERM restarts': restarts, 'workers frozen': 2 } };
  } finally {
    place.release();
    await world.close();
  }
}

async function briefStorm(world: ChaosWorld): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    world.fleet.workers[round]?.kill();
    await Promise.all([world.crashDatabase(300), world.killRedis(200)]);
    await pause(500);
  }
  world.fleet.members[0]?.kill();
  await Promise.all(world.fleet.members.map((member) => member.ready()));
}

/** Every worker freezes with attempts in hand; another does the work; then they thaw, their programs done meanwhile. */
async function lateResults(world: ChaosWorld, place: WaitingPlace): Promise<Outcome['late']> {
  const before = world.fleet.refused;
  await world.openIssue(place.issue(zombies), zombies);
  await world.until('all attempts are held', async () => (await world.held()) === zombies);
  const frozen = [...world.fleet.workers];
  for (const worker of frozen) worker.freeze();
  await world.fleet.add('worker-3', ['worker']);
  await world.until('all attempts were taken over', async () => (await world.held(2)) === zombies);
  place.release();
  await world.untilOver();
  for (const worker of frozen) worker.thaw();
  await world.until('the late results were refused', () => world.fleet.refused - before >= zombies, 10_000).catch(() => undefined);
  return { sent: zombies, refused: world.fleet.refused - before };
}
