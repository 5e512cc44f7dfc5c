import { afterEach, describe, expect, it } from 'vitest';

import { sharedContract } from '../../support/openapi/forge-contract.ts';
import { Play, scripts } from './play.ts';
import type { Script } from './play.ts';
import { forgeStage, simulatedStage } from './stage.ts';
import type { SimulatedStage, Stage } from './stage.ts';

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

/** Holds every call, answer and webhook of a simulated GitHub to the real one's description. */
function observe(stage: SimulatedStage): { readonly problems: () => readonly string[]; readonly routes: Set<string> } {
  const contract = sharedContract();
  const found = new Set<string>();
  const routes = new Set<string>();
  stage.gitHub.observe = ({ method, path, query, body, route, answer }) => {
    routes.add(`${method} ${route}`);
    const { status } = answer;
    for (const problem of contract.request({ method, route, path, query, body, byApp: true })) found.add(`request ${problem}`);
    const written: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
    expect(written).toEqual(answer.body);
    for (const problem of contract.answer({ method, route, path, status, body: written, contentType: 'application/json' })) found.add(`answer ${problem}`);
  };
  return {
    routes,
    problems() {
      for (const { name, action, payload } of stage.gitHub.deliveries) for (const problem of contract.webhook(name, action, JSON.parse(JSON.stringify(payload)))) found.add(problem);
      return [...found];
    },
  };
}

describe('the simulated GitHub', () => {
  it.each(scripts)('shows, tells and answers what the forge does: $name', async (script) => {
    const simulated = simulatedStage();
    const contract = observe(simulated);
    const there = await perform(await forgeStage(), script);
    const here = await perform(simulated, script);
    expect(here.mission.visible()).toEqual(there.mission.visible());
    expect(here.story).toEqual(there.story);
    expect(here.mission.writes).toBe(there.mission.writes);
    expect(simulated.gitHub.doubles()).toEqual([]);
    expect(contract.problems()).toEqual([]);
  });
});
