import { expect, it } from 'vitest';

import { answered } from './fetch-for-octokit.ts';
import { Play, scripts } from './play.ts';
import { simulatedStage } from './stage.ts';

/** Long enough to be past the compiler's warming up, short enough for every day; the numbers are for reading, not for judging. */
const rounds = 40;

it('is told how fast it is', async () => {
  const [script] = scripts;
  if (script === undefined) throw new Error('there is no script');
  let inside = 0;
  let requests = 0;
  let started = 0;
  for (let round = -rounds; round < rounds; round += 1) {
    if (round === 0) [inside, requests, started] = [0, 0, performance.now()];
    const stage = simulatedStage(async () => {
      requests += 1;
      return answered;
    });
    const { gitHub } = stage;
    const handle = gitHub.handle.bind(gitHub);
    gitHub.handle = (...call) => {
      const from = performance.now();
      const answer = handle(...call);
      inside += performance.now() - from;
      return answer;
    };
    await script.play(await Play.open(stage, script.definition));
  }
  const micros = (ms: number, of: number): string => `${((ms * 1000) / of).toFixed(1)} µs`;
  const whole = performance.now() - started;
  process.stdout.write(`simulated GitHub: ${requests / rounds} requests for a mission; ${micros(inside, requests)} of its own for each; ${micros(whole, rounds)} for the whole mission with the product's GitHub side, deciding core included\n`);
  expect(requests).toBeGreaterThan(rounds);
});
