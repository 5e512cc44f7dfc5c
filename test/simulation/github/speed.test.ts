import { expect, it } from 'vitest';

import { Play, scripts } from './play.ts';
import { SimulatedGitHub } from './simulated-github.ts';
import { simulatedStage } from './stage.ts';

type Step = (gitHub: SimulatedGitHub) => unknown;

/** Processor time, not the clock's: whoever else is at work on this machine does not count. */
function microsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

it('tells how fast it is', async () => {
  const [script] = scripts;
  if (script === undefined) throw new Error('there is no script');
  // What one mission asks, to be asked again and again.
  const stage = simulatedStage();
  const steps: Step[] = [];
  let requests = 0;
  let now = 0;
  for (const name of ['handle', 'commit', 'push', 'asPerson'] as const) {
    const real = stage.gitHub[name].bind(stage.gitHub) as (...given: readonly unknown[]) => unknown;
    const record = (...given: readonly unknown[]): unknown => {
      const at = stage.world.clock.now();
      if (name === 'handle') requests += 1;
      const step = (of: string, args: readonly unknown[]): void => {
        steps.push((gitHub) => {
          now = at;
          const target = of === name ? gitHub : gitHub.asPerson(String(given[0]));
          return (target as unknown as Record<string, (...all: readonly unknown[]) => unknown>)[of]?.(...args);
        });
      };
      const answer = real(...given);
      if (name !== 'asPerson') {
        step(name, given);
        return answer;
      }
      return new Proxy(answer as object, {
        get: (person, action) => (...args: readonly unknown[]) => {
          step(String(action), args);
          return (Reflect.get(person, action) as (...all: readonly unknown[]) => unknown).apply(person, [...args]);
        },
      });
    };
    Object.assign(stage.gitHub, { [name]: record });
  }
  now = stage.world.clock.now();
  const begun = now;
  await script.play(await Play.open(stage, script.definition));
  const replay = (): SimulatedGitHub => {
    now = begun;
    const gitHub = new SimulatedGitHub({ now: () => now, files: { 'README.md': '# Project\n', 'docs/plan.md': 'plan\n' }, slug: 'gatekeeper' });
    for (const step of steps) step(gitHub);
    return gitHub;
  };
  expect(replay().snapshot()).toEqual(stage.gitHub.snapshot());
  const rounds = 100;
  for (let round = 0; round < rounds; round += 1) replay();
  const micros = microsOf(() => {
    for (let round = 0; round < rounds; round += 1) replay();
  });
  process.stdout.write(`simulated GitHub: ${requests} requests in a mission, ${(micros / rounds / requests).toFixed(1)} µs for each with all that belongs to it\n`);
  expect(requests).toBeGreaterThan(50);
});
