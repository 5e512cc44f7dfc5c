import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { GuardReport } from '../../src/core/mission/event.ts';
import { finish } from '../support/forge-world.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { gitHubWorld, MissionOnForge } from './support/github-world.ts';
import type { Cut, GitHubWorld } from './support/github-world.ts';

const small = definition([phase('build', [task('api')])]);
const broken: GuardReport = { guard: 'lint', uses: 'command', passed: false, summary: 'exit 1', metrics: { lint_failed: 1 }, artifacts: [] };
const words = ['build', 'guard/lint', '7d', 'the rule is wrong @reviewer', 'checked by hand'];

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
  world.forge.setRole('author/project', 'reviewer', 'maintain');
});
afterAll(() => finish(world));

const followUpsOf = (mission: MissionOnForge) => world.repository.issues().filter(({ user, title }) => user.login === world.app.botLogin && title.endsWith(`of #${mission.number}`));

/** A mission whose gate is shut for a guard, and whose maintainer has confirmed a waiver. */
async function waived(title: string): Promise<MissionOnForge> {
  const mission = await MissionOnForge.open(world, small, { title });
  mission.reports = [broken];
  await mission.request();
  await mission.queue();
  await mission.work();
  await mission.comment('author', 'waive', ...words);
  await mission.comment('reviewer', 'approve-waiver', 'build', 'guard/lint');
  return mission;
}

describe('the follow-up issue of a waiver', () => {
  it('is opened once when the waiver is confirmed, and says what was waived, by whom, until when and what is done instead', async () => {
    const mission = await waived('Followed');
    await mission.syncAll();
    const [issue, ...more] = followUpsOf(mission);
    expect(more).toEqual([]);
    expect(issue).toMatchObject({ state: 'open', title: `Waived until 2026-01-22: guard lint at gate build of #${mission.number}` });
    expect(issue?.labels.map(({ name }) => name)).toEqual(['waiver']);
    for (const part of ['`guard lint`: failed, expected passed', 'checked by hand', '`reviewer`', '`author`', `mission #${mission.number}`, '`/withdraw-waiver build guard/lint`', '2026-01-22 09:00 UTC']) expect(issue?.body).toContain(part);
    // Words of people mention nobody.
    expect(issue?.body).not.toContain('@reviewer');
    expect((await mission.sync()).writes).toBe(0);
  });

  it('is not opened for a waiver that nobody confirmed', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Unconfirmed' });
    mission.reports = [broken];
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.comment('reviewer', 'waive', ...words);
    await mission.comment('reviewer', 'withdraw-waiver', 'build', 'guard/lint');
    await mission.syncAll();
    expect(followUpsOf(mission)).toEqual([]);
  });

  it('is closed when the waiver is withdrawn', async () => {
    const mission = await waived('Withdrawn');
    await mission.syncAll();
    await mission.comment('reviewer', 'withdraw-waiver', 'build', 'guard/lint');
    await mission.syncAll();
    expect(followUpsOf(mission)).toMatchObject([{ state: 'closed', stateReason: 'not_planned', body: expect.stringContaining('The waiver was withdrawn') as string }]);
  });

  it('is closed when the rule passes, and opened again when it does not any more; while it is examined nothing changes', async () => {
    const mission = await waived('Passes');
    await mission.syncAll();
    for (const [reports, state] of [[[], 'closed'], [[broken], 'open']] as const) {
      mission.reports = reports;
      const before = followUpsOf(mission)[0]?.state;
      await mission.comment('author', 'retry', 'build');
      await mission.syncAll();
      expect(followUpsOf(mission).map((issue) => issue.state)).toEqual([before]);
      await mission.work();
      await mission.syncAll();
      expect(followUpsOf(mission).map((issue) => issue.state)).toEqual([state]);
    }
  });

  it('stays as a person left it', async () => {
    const mission = await waived('Closed by hand');
    await mission.syncAll();
    const number = followUpsOf(mission)[0]?.number ?? 0;
    await world.forge.as('author').editIssue('author/project', number, { state: 'closed' });
    await mission.syncAll();
    expect(followUpsOf(mission)).toMatchObject([{ state: 'closed' }]);
  });

  it.each(['before', 'after', 'answer-502'] as const)('is there once, whichever write of the sync is cut off (%s)', async (moment: Cut['moment']) => {
    const mission = await waived(`Cut ${moment}`);
    for (let at = 1; at <= 30; at += 1) {
      world.flaky.writes = [];
      world.flaky.cut = { at, moment };
      await mission.sync().catch(() => undefined);
      world.flaky.cut = null;
      if (world.flaky.writes.length < at) break;
    }
    await mission.syncAll();
    expect(followUpsOf(mission)).toHaveLength(1);
    expect((await mission.sync()).writes).toBe(0);
  });
});
