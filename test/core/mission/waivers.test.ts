import { describe, expect, it } from 'vitest';

import { longestWaiverDays } from '../../../src/core/gate/waivers.ts';
import type { PolicyLook, RepositoryPolicy } from '../../../src/core/gate/policy.ts';
import type { GateDefinition } from '../../../src/core/mission/definition.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { diligent, person, PureWorld, source } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

const dayMs = 86_400_000;
const rubric = { tests_failed_max: 0, coverage_min: 0.8 };

interface Metrics {
  tests_failed: number;
  coverage: number;
}

/** A mission whose gate measures what the test says, at its gate. */
function world(metrics: Metrics, gate: Partial<GateDefinition> = {}, settings: Parameters<typeof definition>[1] = {}): PureWorld {
  const worker: Worker = (subject, attempt, mission) => {
    const result = diligent(subject, attempt, mission);
    return result.outcome === 'examined' ? { ...result, metrics: { ...metrics } } : result;
  };
  const made = new PureWorld(definition([phase('build', [task('a')], { gate: { ...oneApproval, rubric, ...gate } })], settings), worker).start();
  made.roles.set('maintainer', 'maintain');
  made.roles.set('second', 'maintain');
  while (made.todo.length > 0) made.work();
  return made;
}

function gateOf(made: PureWorld) {
  const found = made.mission.phases.get('build');
  if (!found) throw new Error('there is no such phase');
  return found.gate;
}

const asks = ['build', 'tests_failed_max', '7d', 'the test is wrong', 'checked by hand'] as const;

function waived(made: PureWorld): PureWorld {
  made.say('author', 'waive', ...asks);
  made.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
  return made;
}

describe('/waive', () => {
  it('counts when a second person has confirmed it: the gate waits for approval without another examination, and says waived, not passed', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    made.say('author', 'waive', ...asks);
    expect(gateOf(made).status).toBe('failed');
    made.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: true, code: 'waiver-approved' });
    expect(gateOf(made)).toMatchObject({ status: 'awaiting', round: 1 });
    expect(gateOf(made).lines.find(({ rule }) => rule === 'tests_failed_max')).toMatchObject({ passed: false, waived: { waiver: 1, until: made.now + 7 * dayMs } });
    made.say('reviewer', 'approve-gate', 'build');
    expect(made.mission.status).toBe('completed');
  });

  it('leaves the gate shut while another rule still fails', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.5 }));
    expect(gateOf(made)).toMatchObject({ status: 'failed', reason: 'coverage_min not reached: 0.5 < 0.8' });
    made.say('author', 'waive', 'build', 'coverage_min', '7d', 'r', 'c');
    made.say('maintainer', 'approve-waiver', 'build', 'coverage_min');
    expect(gateOf(made).status).toBe('awaiting');
  });

  it('opens a gate that asks for no approval', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }, { approvals: { ...oneApproval.approvals, count: 0 } }));
    expect(gateOf(made).status).toBe('open');
  });

  it.each([
    ['by who asked', 'maintainer', 'maintainer', 'waiver-own'],
    ['by somebody without the role', 'author', 'reviewer', 'permission-denied'],
    ['by a stranger', 'author', 'stranger', 'permission-denied'],
  ])('is not confirmed %s', (_, asking, confirming, code) => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    made.say(asking, 'waive', ...asks);
    made.say(confirming, 'approve-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: false, code });
    expect(gateOf(made).status).toBe('failed');
  });

  it('is not confirmed by an author of the change, however much they may', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    made.trunk = { ...made.trunk, authors: ['maintainer'] };
    made.say('author', 'waive', ...asks);
    made.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'waiver-own-work' });
    made.say('second', 'approve-waiver', 'build', 'tests_failed_max');
    expect(gateOf(made).status).toBe('awaiting');
  });

  it.each([
    ['what passes', ['build', 'coverage_min', '7d', 'r', 'c'], 'waiver-not-needed'],
    ['the evidence', ['build', 'evidence', '7d', 'r', 'c'], 'waiver-not-needed'],
    ['an unknown rule', ['build', 'tests_faild_max', '7d', 'r', 'c'], 'waiver-unknown-rule'],
    ['no rule', ['build'], 'waiver-unknown-rule'],
    ['an unknown gate', ['bild', 'tests_failed_max', '7d', 'r', 'c'], 'unknown-gate'],
    ['without a reason', ['build', 'tests_failed_max', '7d', '', 'c'], 'waiver-incomplete'],
    ['without a control', ['build', 'tests_failed_max', '7d', 'r'], 'waiver-incomplete'],
    ['without an end', ['build', 'tests_failed_max', '', 'r', 'c'], 'waiver-incomplete'],
    ['to a day that does not exist', ['build', 'tests_failed_max', '2026-02-30', 'r', 'c'], 'waiver-bad-time'],
    ['to a day that is over', ['build', 'tests_failed_max', '1969-12-30', 'r', 'c'], 'waiver-past'],
    ['for too long', ['build', 'tests_failed_max', `${longestWaiverDays + 1}d`, 'r', 'c'], 'waiver-too-long'],
  ])('refuses %s', (_, words, code) => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    made.say('author', 'waive', ...words);
    expect(made.lastAnswer()).toEqual({ accepted: false, code });
    expect(made.types()).not.toContain('waiver.requested');
  });

  it('is asked for by people who may write, and by nobody else', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    made.say('stranger', 'waive', ...asks);
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'permission-denied' });
  });
});

describe('the policy of the repository', () => {
  const policy = (waivers: RepositoryPolicy['waivers']): PolicyLook => ({ known: true, policy: { approvals: null, waivers } });
  /** Says something while the policy is this. */
  function say(made: PureWorld, look: PolicyLook, login: string, name: string, ...words: readonly string[]): void {
    made.force(`policy:${made.events.length}`, { kind: 'command.given', source, conversation: 7, commentId: 1, actor: person(login), command: { name, arguments: words, text: '', problem: null } }, { policy: look });
  }

  it('makes waivers shorter, or allows none', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    say(made, policy({ maxDays: 6, from: null }), 'author', 'waive', ...asks);
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'waiver-too-long' });
    say(made, policy({ maxDays: 0, from: null }), 'author', 'waive', ...asks);
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'waiver-none-here' });
  });

  it('says who confirms them', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    const onlyReviewer = policy({ maxDays: null, from: ['user:reviewer', 'team:security'] });
    say(made, onlyReviewer, 'author', 'waive', ...asks);
    say(made, onlyReviewer, 'maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'waiver-not-yours' });
    say(made, onlyReviewer, 'reviewer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(gateOf(made).status).toBe('awaiting');
  });

  it('that cannot be read allows none', () => {
    const made = world({ tests_failed: 2, coverage: 0.9 });
    say(made, { known: false, reason: 'line 1', problems: [] }, 'author', 'waive', ...asks);
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'policy-unknown' });
  });
});

describe('a confirmed waiver', () => {
  it('covers later rounds as long as nothing gets worse', () => {
    const metrics = { tests_failed: 2, coverage: 0.9 };
    const made = waived(world(metrics));
    metrics.tests_failed = 1;
    made.say('author', 'retry', 'build');
    while (made.todo.length > 0) made.work();
    expect(gateOf(made)).toMatchObject({ status: 'awaiting', round: 2 });
    metrics.tests_failed = 3;
    made.say('author', 'retry', 'build');
    while (made.todo.length > 0) made.work();
    expect(gateOf(made)).toMatchObject({ status: 'failed', reason: 'tests_failed_max exceeded: 3 > 0' });
  });

  it('is not confirmed for something worse than was seen', () => {
    const metrics = { tests_failed: 2, coverage: 0.9 };
    const made = world(metrics);
    made.say('author', 'waive', ...asks);
    metrics.tests_failed = 3;
    made.say('author', 'retry', 'build');
    while (made.todo.length > 0) made.work();
    made.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'waiver-outgrown' });
  });

  it('shuts the waiting gate again when it expires, and approvals are void in words', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }, { approvals: { ...oneApproval.approvals, count: 2 } }));
    made.say('reviewer', 'approve-gate', 'build');
    expect(gateOf(made).approvals).toHaveLength(1);
    made.settle();
    expect(gateOf(made)).toMatchObject({ status: 'failed', approvals: [], voided: 'the waiver of tests_failed_max has expired', reason: 'the waiver of tests_failed_max has expired: tests_failed_max exceeded: 2 > 0' });
    expect(gateOf(made).lines.some((line) => line.waived)).toBe(false);
  });

  it('shuts an open gate again when it expires before the merge, and takes the merge back', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }, {}, { merge: 'squash' }));
    made.say('reviewer', 'approve-gate', 'build');
    expect(viewMission(made.mission).pull).toEqual({ draft: false, merge: 'squash' });
    made.settle();
    expect(gateOf(made).status).toBe('failed');
    expect(viewMission(made.mission).pull).toEqual({ draft: true, merge: null });
    expect(viewMission(made.mission).checks.find(({ name }) => name === 'missiongate')?.conclusion).toBe('failure');
  });

  it('brings a mission back that was complete but not merged, and a new waiver opens it again', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.say('reviewer', 'approve-gate', 'build');
    expect(made.mission.status).toBe('completed');
    made.settle();
    expect(made.mission.status).toBe('running');
    waived(made);
    expect(gateOf(made)).toMatchObject({ status: 'awaiting', round: 1 });
    made.say('reviewer', 'approve-gate', 'build');
    expect(made.mission.status).toBe('completed');
  });

  it('is only recorded as expired when the change was merged before', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }, {}, { merge: 'squash' }));
    made.say('reviewer', 'approve-gate', 'build');
    made.deliver('opened', { kind: 'pull.opened', pull: 3 });
    made.deliver('merged', { kind: 'pull.closed', source, pull: 3, merged: true, commit: null, actor: person('admin') });
    made.settle();
    expect(made.types()).toContain('waiver.expired');
    expect(made.types()).not.toContain('gate.shut');
    expect(made.mission.status).toBe('completed');
  });

  it('has expired when its time is over, even while its timer is late', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.now += 7 * dayMs;
    made.say('reviewer', 'approve-gate', 'build');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'gate-not-waiting' });
  });

  it('counts down once a day', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.settle();
    expect(made.events.flatMap(({ body }) => (body.type === 'waiver.counted-down' ? [body.daysLeft] : []))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it.each(['author', 'second'])('is withdrawn by %s, and the gate is shut again', (login) => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.say(login, 'withdraw-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: true, code: 'waiver-withdrawn' });
    expect(gateOf(made).status).toBe('failed');
  });

  it('is not withdrawn by anybody else', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.say('reviewer', 'withdraw-waiver', 'build', 'tests_failed_max');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'permission-denied' });
    expect(gateOf(made).status).toBe('awaiting');
  });

  it('is prolonged by another one before it ends', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    made.now += 6 * dayMs;
    waived(made);
    made.now += 2 * dayMs;
    made.say('reviewer', 'approve-gate', 'build');
    expect(gateOf(made).status).toBe('open');
    expect(made.mission.phases.get('build')?.waivers?.map(({ status }) => status)).toEqual(['replaced', 'approved']);
  });

  it('is as it was after a round trip through JSON', () => {
    const made = waived(world({ tests_failed: 2, coverage: 0.9 }));
    const found = made.mission.phases.get('build');
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });
});
