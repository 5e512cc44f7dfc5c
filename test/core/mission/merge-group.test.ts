import { describe, expect, it } from 'vitest';

import { judgeMergeGroup } from '../../../src/core/mission/merge-group.ts';
import type { GroupLook, GroupPull } from '../../../src/core/mission/merge-group.ts';
import type { PolicyLook } from '../../../src/core/gate/policy.ts';
import type { Mission } from '../../../src/core/mission/state.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { commitId, person, PureWorld, source } from '../../support/pure-world.ts';

const none: PolicyLook = { known: true, policy: { approvals: null, waivers: null } };
const group = { head: commitId('group'), ref: 'refs/heads/gh-readonly-queue/main/pr-3-x', base: commitId('base'), baseBranch: 'main' };
const gate = { rubric: {}, approvals: { count: 1, minimumRole: 'write' as const, allowRequester: true } };

function approved(): PureWorld {
  const world = new PureWorld(definition([phase('build', [task('a')], { gate }), phase('ship', [task('b')], { gate, needs: ['build'] })]));
  world.start().settle();
  for (const id of ['build', 'ship']) {
    world.say('reviewer', 'approve-gate', id);
    world.settle();
  }
  return world;
}

const judge = (mission: Mission | null, change: Partial<GroupPull> = {}, policy: PolicyLook = none) => judgeMergeGroup({ known: true, policy, pulls: [{ number: 3, head: mission?.trunk.head ?? commitId('other'), mission, ...change }] }, group, 2_000_000);

describe('a group of the merge queue', () => {
  it('passes when every decision still stands, and lists which are used again', () => {
    const { mission } = approved();
    const verdict = judge(mission);
    expect(verdict).toMatchObject({ state: 'passed', measured: '1 of 1' });
    expect(verdict.children[0]?.children).toMatchObject([{ name: 'gate/build' }, { name: 'gate/ship', children: [{ name: 'reviewer', measured: `by comment for ${mission.trunk.head.slice(0, 12)}` }] }]);
  });

  it('passes for pull requests of no mission, also beside one of a mission', () => {
    const { mission } = approved();
    const pulls = [{ number: 2, head: commitId('x'), mission: null }, { number: 3, head: mission.trunk.head, mission }];
    expect(judge(null)).toMatchObject({ state: 'passed', children: [{ measured: 'not a mission' }] });
    expect(judgeMergeGroup({ known: true, policy: none, pulls }, group, 2_000_000)).toMatchObject({ state: 'passed', measured: '2 of 2' });
  });

  it.each([
    ['a commit that the gates were not decided for', (mission: Mission) => judge(mission, { head: commitId('sneaked') }), /stands on .* but its gates were decided for/],
    ['another base branch', (mission: Mission) => judgeMergeGroup({ known: true, policy: none, pulls: [{ number: 3, head: mission.trunk.head, mission }] }, { ...group, baseBranch: 'release' }, 0), /decided for main/],
    ['another policy', (mission: Mission) => judge(mission, {}, { known: true, policy: { approvals: { minimum: 1, from: ['role:write'], exclude: [] }, waivers: null } }), /gate\/ship was decided by another policy/],
    ['a policy nobody can read', (mission: Mission) => judge(mission, {}, { known: false, reason: 'broken', problems: [] }), /policy cannot be used: broken/],
    ['an approver who turns out to be an author', (mission: Mission) => judge(mission, { people: { authors: ['reviewer'] } }), /lacks approvals/],
    ['a mission that is paused', (mission: Mission) => judge({ ...mission, status: 'paused' }), /paused/],
    ['a mission that was cancelled', (mission: Mission) => judge({ ...mission, status: 'cancelled' }), /cancelled/],
  ] as const)('fails with %s', (_what, made, reason) => {
    const verdict = made(approved().mission);
    expect(verdict.state).toBe('failed');
    expect(verdict.reason).toMatch(reason);
  });

  it('fails while a gate is not open, and while it is examined again', () => {
    const world = approved();
    world.trunk = { head: commitId('pushed'), authors: ['author'] };
    world.force('push', { kind: 'trunk.pushed', source, head: world.trunk.head, actor: person('author') });
    expect(judge(world.mission).reason).toContain('its mission is not through: ship is still open');
  });

  it('fails when nobody can say what it is made of', () => {
    const unknown: GroupLook = { known: false, reason: '3 commits of the group belong to no pull request that GitHub names' };
    expect(judgeMergeGroup(unknown, group, 0)).toMatchObject({ state: 'failed', reason: unknown.reason });
    expect(judgeMergeGroup({ known: true, policy: none, pulls: [] }, group, 0).state).toBe('failed');
  });

  it('is judged once, and given up without a word when GitHub gives it up', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])]));
    world.force('group', { kind: 'merge-group.requested', source, group }, { group: { known: true, policy: none, pulls: [{ number: 3, head: commitId('x'), mission: null }] } });
    expect(world.state).toMatchObject({ status: 'none', merge: { ended: false, verdict: { state: 'passed' } } });
    const before = world.events.length;
    world.force('group again', { kind: 'merge-group.requested', source, group });
    expect(world.events.length).toBe(before);
    world.force('ended', { kind: 'merge-group.ended', source, reason: 'dequeued' });
    expect(world.state).toMatchObject({ merge: { ended: true } });
  });
});
