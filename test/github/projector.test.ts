import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { HostError } from '../../src/engine/ports/repository-host.ts';
import { finish } from '../support/forge-world.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { gitHubWorld, MissionOnForge } from './support/github-world.ts';
import type { Cut, GitHubWorld } from './support/github-world.ts';

const twoPhases = definition([phase('build', [task('api'), task('page', { needs: ['api'] })]), phase('ship', [task('notes')], { needs: ['build'] })], { merge: 'merge' });
const small = definition([phase('build', [task('api')])], { merge: 'squash' });

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
});
afterAll(() => finish(world));

/** Runs a whole mission; whatever a sync or a merge dies of, it is done again, as the queue would. */
async function wholeMission(mission: MissionOnForge): Promise<number> {
  let failures = 0;
  const again = async (work: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        failures += 1;
        if (failures > 20) throw error;
        const isExpected = (error instanceof HostError && error.failure === 'network') || (error instanceof Error && error.message === 'killed');
        if (!isExpected) throw error;
      }
    }
  };
  await mission.request();
  await again(() => mission.syncAll());
  await mission.queue();
  await again(() => mission.work());
  await again(() => mission.syncAll());
  await mission.comment('stranger', 'approve-gate', 'build');
  await again(() => mission.syncAll());
  await mission.comment('reviewer', 'approve-gate', 'build');
  await again(() => mission.syncAll());
  return failures;
}

describe('the projector over HTTP', () => {
  it('carries a mission from plan to merge with few writes, and writes nothing when nothing changed', async () => {
    const mission = await MissionOnForge.open(world, twoPhases, { title: 'Two phases', body: 'Please.' });
    await mission.request();
    await mission.syncAll();
    expect((await mission.sync()).writes).toBe(0);
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    expect((await mission.sync()).writes).toBe(0);
    await mission.comment('reviewer', 'approve-gate', 'build');
    await mission.work();
    await mission.syncAll();
    await mission.comment('reviewer', 'approve-gate');
    await mission.syncAll();
    expect((await mission.sync()).writes).toBe(0);
    expect(mission.mission.status).toBe('completed');
    const [pull] = world.repository.pulls().filter(({ pull: { headRef } }) => headRef === `mission/${mission.number}/trunk`);
    expect(pull?.pull.mergedAt).not.toBeNull();
    expect(world.repository.issue(mission.number).state).toBe('closed');
    expect(world.repository.issue(mission.number).labels.map((label) => label.name)).toEqual(['mission']);
    expect(world.repository.issue(mission.number).body).toMatch(/^Please\.\n/);
    // branch, plan, 3 task checks, 2 × (create, update) gate and composite checks per head, pull request, ready, merge, 6 × body, label, 2 reactions, summary
    expect(mission.writes).toBe(24);
  });
});

describe('a projector that is cut off at a write', () => {
  let reference: unknown;
  let writes = 0;
  beforeAll(async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Small' });
    world.flaky.writes = [];
    await wholeMission(mission);
    reference = mission.visible();
    writes = world.flaky.writes.length;
  });

  const moments: readonly Cut['moment'][] = ['before', 'after'];
  it.each(moments)('leaves the same objects, none twice, when each write in turn is cut off (%s)', async (moment) => {
    for (let at = 1; at <= writes; at += 1) {
      const mission = await MissionOnForge.open(world, small, { title: 'Small' });
      world.flaky.writes = [];
      // Every third answer is lost in another way: GitHub says that something went wrong although it was done.
      world.flaky.cut = { at, moment: moment === 'after' && at % 3 === 0 ? 'answer-502' : moment };
      const failures = await wholeMission(mission);
      world.flaky.cut = null;
      expect(mission.visible(), `write ${at}: ${world.flaky.writes[at - 1] ?? ''}`).toEqual(reference);
      expect(failures + (mission.state?.status === 'completed' ? 0 : 100)).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    ['after the intent', 'after', 'intended'],
    ['after the call', 'before', 'present'],
  ] as const)('and when its process dies %s', async (death, moment, state) => {
    for (let at = 1; ; at += 1) {
      const mission = await MissionOnForge.open(world, small, { title: 'Small' });
      let passed = 0;
      mission.onRecord = (here, record) => {
        if (here !== moment || record.state !== state || mission.records.get(record.key)?.state === 'present') return;
        if (record.remoteId === null && state === 'present') return;
        passed += 1;
        if (passed === at) throw new Error('killed');
      };
      const failures = await wholeMission(mission);
      expect(mission.visible(), `${death}, time ${at}`).toEqual(reference);
      if (failures === 0) break;
    }
  });
});
