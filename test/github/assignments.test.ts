import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { finish } from '../support/forge-world.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { gitHubWorld, MissionOnForge } from './support/github-world.ts';
import type { Cut, GitHubWorld } from './support/github-world.ts';

const small = definition([phase('build', [task('api')])]);

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
  for (const login of ['admin', 'visitor']) world.forge.createUser({ login });
  world.forge.createOrganization({ login: 'acme', members: {} });
  world.forge.setRole('author/project', 'admin', 'admin');
});
afterAll(() => finish(world));

const logins = (accounts: readonly { readonly login: string }[]) => accounts.map(({ login }) => login);
const assigned = (mission: MissionOnForge) => logins(world.repository.issue(mission.number).assignees);
const pullOf = (mission: MissionOnForge) => world.repository.pulls().find(({ pull }) => pull.headRef === `mission/${mission.number}/trunk`);
const requested = (mission: MissionOnForge) => logins(pullOf(mission)?.pull.requestedReviewers ?? []);
const sent = () => world.flaky.writes.filter((write) => /assignees|requested_reviewers/.test(write));

/** A mission whose gate waits, with everything shown. */
async function atGate(title: string): Promise<MissionOnForge> {
  const mission = await MissionOnForge.open(world, small, { title });
  await mission.request();
  await mission.queue();
  await mission.work();
  await mission.syncAll();
  world.flaky.writes = [];
  return mission;
}

describe('who is assigned', () => {
  it('is looked up: GitHub drops those it does not assign without a word', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Look' });
    await world.octokit('installation').rest.issues.addAssignees({ owner: 'author', repo: 'project', issue_number: mission.number, assignees: ['admin'] });
    expect(await world.host.assignmentOf(mission.source, ['Admin', 'reviewer', 'stranger', 'nobody-at-all', 'acme', 'robot[bot]'])).toEqual({
      present: ['admin'],
      people: [
        { login: 'reviewer', assignable: 'yes' },
        { login: 'stranger', assignable: 'no-access' },
        { login: 'nobody-at-all', assignable: 'nobody' },
        { login: 'acme', assignable: 'no-person' },
        { login: 'robot[bot]', assignable: 'no-person' },
      ],
    });
  });

  it('is not known as long as GitHub fails', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Fails' });
    world.forge.addFault({ match: { method: 'GET', path: '/assignees/' }, times: 5, effect: { status: 500 } });
    await expect(world.host.assignmentOf(mission.source, ['reviewer'])).rejects.toMatchObject({ failure: 'network' });
    world.forge.clearFaults();
  });
});

describe('people whom a mission asks', () => {
  it('are assignees of the issue and reviewers of the pull request; two writes for each wish, and none more', async () => {
    const mission = await atGate('Asked');
    await mission.comment('author', 'assign', 'reviewer', 'admin');
    await mission.syncAll();
    expect([assigned(mission), requested(mission)]).toEqual([['reviewer', 'admin'], ['reviewer', 'admin']]);
    expect(sent()).toHaveLength(2);
    await mission.comment('author', 'assign', 'reviewer');
    await mission.syncAll();
    expect(sent()).toHaveLength(2);
    await mission.comment('admin', 'unassign', 'reviewer');
    await mission.syncAll();
    expect([assigned(mission), requested(mission)]).toEqual([['admin'], ['admin']]);
    expect((await mission.sync()).writes).toBe(0);
  });

  it('stay as people change them on GitHub afterwards', async () => {
    const mission = await atGate('Changed');
    await mission.comment('author', 'assign', 'reviewer');
    await mission.syncAll();
    await world.octokit('author').rest.issues.removeAssignees({ owner: 'author', repo: 'project', issue_number: mission.number, assignees: ['reviewer'] });
    await mission.comment('author', 'status');
    await mission.syncAll();
    expect(assigned(mission)).toEqual([]);
  });

  it('are asked although one of them has lost access meanwhile', async () => {
    world.forge.setRole('author/project', 'visitor', 'write');
    const mission = await atGate('Lost');
    await mission.comment('author', 'assign', 'visitor', 'reviewer');
    world.forge.setRole('author/project', 'visitor', 'none');
    await mission.syncAll();
    expect(requested(mission)).toEqual(['reviewer']);
    expect((await mission.sync()).writes).toBe(0);
  });

  it('are not asked for a review of a pull request that was closed', async () => {
    const mission = await atGate('Closed');
    await mission.comment('author', 'assign', 'reviewer');
    const number = pullOf(mission)?.issue.number ?? 0;
    await world.octokit('author').rest.pulls.update({ owner: 'author', repo: 'project', pull_number: number, state: 'closed' });
    await mission.send({ kind: 'pull.closed', source: mission.source, pull: number, merged: false, commit: null, actor: { kind: 'person', login: 'author' } });
    await mission.syncAll();
    expect([assigned(mission), requested(mission)]).toEqual([['reviewer'], []]);
  });

  it.each(['before', 'after', 'answer-502'] as const)('are told of once, whichever write is cut off (%s)', async (moment: Cut['moment']) => {
    const mission = await atGate(`Cut ${moment}`);
    await mission.comment('author', 'assign', 'reviewer');
    await mission.comment('author', 'assign', 'admin');
    await mission.comment('author', 'unassign', 'reviewer');
    const { notices } = mission;
    for (let at = 1; at <= 20; at += 1) {
      world.flaky.writes = [];
      world.flaky.cut = { at, moment };
      await mission.sync().catch(() => undefined);
      world.flaky.cut = null;
      if (world.flaky.writes.length < at) break;
      // A sync that failed is told of the same again.
      mission.notices = notices;
    }
    await mission.syncAll();
    expect([assigned(mission), requested(mission)]).toEqual([['admin'], ['admin']]);
    const events = world.repository.issue(mission.number).events.map(({ event }) => event);
    expect(events.filter((event) => event === 'assigned')).toHaveLength(2);
    expect(events.filter((event) => event === 'unassigned')).toHaveLength(1);
    expect((await mission.sync()).writes).toBe(0);
  });
});
