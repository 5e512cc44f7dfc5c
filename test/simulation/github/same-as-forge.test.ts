import { afterEach, describe, expect, it } from 'vitest';

import { observe } from './observe.ts';
import { Play, scripts } from './play.ts';
import type { Script } from './play.ts';
import { forgeStage, simulatedStage } from './stage.ts';
import type { Stage } from './stage.ts';

const open: Stage[] = [];
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.finish();
});

async function perform(stage: Stage, script: Script): Promise<Play> {
  open.push(stage);
  const play = await Play.open(stage, script.definition);
  await script.play(play);
  return play;
}

describe('the simulated GitHub', () => {
  it.each(scripts)('shows, tells and answers what the forge does: $name', async (script) => {
    const simulated = simulatedStage();
    const contract = observe(simulated.gitHub);
    const there = await perform(await forgeStage(), script);
    const here = await perform(simulated, script);
    expect(here.mission.visible()).toEqual(there.mission.visible());
    expect(here.story).toEqual(there.story);
    expect(here.mission.writes).toBe(there.mission.writes);
    expect(simulated.gitHub.doubles()).toEqual([]);
    expect(contract.problems()).toEqual([]);
  });
});
