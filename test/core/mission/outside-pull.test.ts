import { describe, expect, it } from 'vitest';

import { policyDigest } from '../../../src/core/evidence/pack.ts';
import type { PolicyLook } from '../../../src/core/gate/policy.ts';
import { decide } from '../../../src/core/mission/decide/decide.ts';
import { judgeMergeGroup } from '../../../src/core/mission/merge-group.ts';
import { judgeOutside } from '../../../src/core/mission/outside-pull.ts';
import type { MissionOfCommit, OutsideLook } from '../../../src/core/mission/outside-pull.ts';
import type { Signal, SignalFacts } from '../../../src/core/mission/signal.ts';
import type { MissionState } from '../../../src/core/mission/state.ts';
import { commitId, source } from '../../support/pure-world.ts';

const silent: PolicyLook = { known: true, policy: { approvals: null, waivers: null } };
const saying = (outsideMissions: 'succeed' | 'ignore' | 'refuse'): PolicyLook => ({ known: true, policy: { approvals: null, waivers: null, outsideMissions } });
const unreadable: PolicyLook = { known: false, reason: 'line 3 is broken', problems: [] };
const look = (policy: PolicyLook, ...missions: readonly MissionOfCommit[]): OutsideLook => ({ known: true, policy, missions });
const trunk: MissionOfCommit = { issue: 7, isKnown: true, isTrunk: true, isOver: false };
const past: MissionOfCommit = { ...trunk, isTrunk: false };

describe('a commit that pull requests of no mission offer', () => {
  it.each([
    ['by the policy', look(silent), { say: 'success' }],
    ['by the policy', look(saying('succeed')), { say: 'success' }],
    ['by the policy', look(saying('ignore')), { say: 'nothing', because: 'ignored' }],
    ['by the policy', look(saying('refuse')), { say: 'failure', because: 'refused' }],
    ['with no where the policy cannot be read', look(unreadable), { say: 'failure', because: 'unknown' }],
    ['with no where nobody can tell what stands there', { known: false, reason: 'GitHub gave no usable answer' }, { say: 'failure', because: 'unknown' }],
    ['with nothing where a trunk stands, whatever else is known of it', look(unreadable, past, trunk), { say: 'nothing', because: 'trunk', issue: 7 }],
    ['with no where a trunk stood', look(silent, past), { say: 'failure', because: 'mission-work', issue: 7 }],
    ['with no where a mission is over', look(silent, { ...past, isOver: true }), { say: 'failure', because: 'mission-over', issue: 7 }],
    ['with no where a branch is named after no mission', look(silent, { ...past, isKnown: false }), { say: 'failure', because: 'no-such-mission', issue: 7 }],
  ] as const)('is answered %s (%#)', (_how, looked, answer) => {
    expect(judgeOutside(looked)).toMatchObject(answer);
  });

  const commit = commitId('offered');
  const id = `r1-c${commit}`;
  const offered = (number: number, branch = 'ordinary'): Signal => ({ kind: 'outside-pull.offered', source, commit, pull: { number, branch, isOurs: true } });
  /** The types of the events of each signal, and the state at the end. */
  function told(...steps: readonly (readonly [Signal, SignalFacts])[]) {
    let state: MissionState | null = null;
    const types = steps.map(([signal, facts], index) => {
      const decision = decide(state, id, { signal, facts, key: String(index) }, index);
      ({ state } = decision);
      return decision.events.map(({ body }) => body.type);
    });
    return { types, state };
  }

  it('is recorded once for each pull request on it, and judged again by every policy', () => {
    const actor = { kind: 'person', login: 'author' } as const;
    const { types, state } = told(
      [offered(3), { outside: look(silent) }],
      [offered(3), { outside: look(silent) }],
      [offered(4), { outside: look(silent) }],
      [{ kind: 'policy.changed', source, actor }, { outside: look(saying('refuse')) }],
      [{ kind: 'recheck.requested', source, phase: null, actor }, { outside: look(saying('refuse')) }],
      [{ kind: 'outside-pull.left', source, pull: 3 }, {}],
      [{ kind: 'outside-pull.left', source, pull: 3 }, {}],
      [{ kind: 'outside-pull.left', source, pull: 4 }, {}],
      [{ kind: 'policy.changed', source, actor }, { outside: look(silent) }],
      [offered(4), { outside: look(silent) }],
    );
    const judged = ['outside-pull.judged'];
    expect(types).toEqual([['conversation.opened', ...judged], [], judged, judged, [], ['outside-pull.left'], [], ['outside-pull.left'], [], judged]);
    expect(state).toMatchObject({ status: 'none', outside: { commit, pulls: [{ number: 4 }], answer: { say: 'success' } } });
  });

  it('leaves no record when it is a mission\'s own pull request', () => {
    expect(told([offered(3, 'mission/7/trunk'), { outside: look(silent, trunk) }])).toEqual({ types: [[]], state: null });
  });

  it('opens nothing when nobody looked', () => {
    expect(told([offered(3), {}]).state).toMatchObject({ outside: { answer: { say: 'failure', because: 'unknown' } } });
  });
});

describe('a merge group with a pull request of no mission', () => {
  const group = { head: commitId('group'), ref: 'refs/heads/gh-readonly-queue/main/pr-3-x', base: commitId('base'), baseBranch: 'main' };
  const judge = (policy: PolicyLook, workOf: readonly MissionOfCommit[] = []) => judgeMergeGroup({ known: true, policy, pulls: [{ number: 3, head: commitId('x'), mission: null, workOf }] }, group, 0);

  it('agrees with what is said on pull requests', () => {
    expect(judge(saying('succeed')).state).toBe('passed');
    expect(judge(saying('ignore')).state).toBe('passed');
    expect(judge(saying('refuse'))).toMatchObject({ state: 'failed', reason: expect.stringContaining('#3: it belongs to no mission') as string });
    expect(judge(unreadable)).toMatchObject({ state: 'failed', reason: expect.stringContaining('line 3 is broken') as string });
    expect(judge(silent, [past])).toMatchObject({ state: 'failed', reason: expect.stringContaining('work of the mission of issue #7') as string });
  });
});

describe('what a repository says about pull requests without a mission', () => {
  it('is no matter of a gate: approvals stand', () => {
    const gate = { rubric: {}, approvals: { count: 1, minimumRole: 'write', allowRequester: true } } as const;
    const floor = { approvals: { minimum: 1, from: ['role:write' as const], exclude: [] }, waivers: null };
    expect(policyDigest(gate, { ...floor, outsideMissions: 'refuse' })).toBe(policyDigest(gate, floor));
    expect(policyDigest(gate, { approvals: null, waivers: null, outsideMissions: 'refuse' })).toBe(policyDigest(gate));
  });
});
