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

describe('a projector that is cut off at a write', { timeout: 300_000 }, () => {
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

describe('a trunk that comes to a commit of which the same check was said for others', () => {
  /** A mission at its gate, and a check in favour of its commit that an earlier pull request of no mission has there. */
  async function contested() {
    const mission = await MissionOnForge.open(world, small);
    await mission.request();
    await mission.queue();
    await mission.work();
    const { head } = mission.mission.trunk;
    const octokit = world.octokit({ token: await world.installationToken() });
    const post = async () => (await octokit.rest.checks.create({ owner: 'author', repo: 'project', name: 'missiongate', head_sha: head, external_id: `mg:pull:${head}`, status: 'completed', conclusion: 'success', output: { title: 'Belongs to no mission', summary: 's' } })).data.id;
    const record = { key: `check:missiongate@${head}`, rendered: 'x', memory: null, intendedAt: world.clock.now() };
    const runs = () => world.repository.checkRuns(head).filter(({ name }) => name === 'missiongate').map(({ id, conclusion, externalId }) => ({ id, conclusion, externalId }));
    return { mission, post, record, runs, marker: `mg:${mission.missionId}:missiongate` };
  }

  it('takes that check run over, and keeps it', async () => {
    const { mission, post, record, runs, marker } = await contested();
    const id = await post();
    mission.outside = [{ ...record, state: 'present', remoteId: id }];
    await mission.syncAll();
    expect(runs()).toEqual([{ id, conclusion: 'action_required', externalId: marker }]);
    expect((await mission.sync()).writes).toBe(0);
  });

  it('speaks, looks again while the other is being written, and wins also when that comes later', async () => {
    const { mission, post, record, runs, marker } = await contested();
    mission.outside = [{ ...record, rendered: null, state: 'intended', remoteId: null }];
    expect(await mission.sync()).toMatchObject({ againInMs: 2000 });
    expect(runs()).toMatchObject([{ conclusion: 'action_required', externalId: marker }]);
    const late = await post();
    mission.outside = [{ ...record, state: 'present', remoteId: late }];
    await mission.syncAll();
    expect(runs().at(-1)).toEqual({ id: late, conclusion: 'action_required', externalId: marker });
    expect((await mission.sync()).writes).toBe(0);
  });

  it('speaks at once also between its gates', async () => {
    const { mission, post, record, runs, marker } = await contested();
    const id = await post();
    mission.outside = [{ ...record, state: 'present', remoteId: id }];
    const build = mission.mission.phases.get('build');
    if (build === undefined) throw new Error('there is no phase');
    mission.state = { ...mission.mission, phases: mission.mission.phases.set('build', { ...build, status: 'running', gate: { ...build.gate, status: 'closed', head: null } }) };
    await mission.sync();
    expect(runs()).toEqual([{ id, conclusion: null, externalId: marker }]);
  });
});
