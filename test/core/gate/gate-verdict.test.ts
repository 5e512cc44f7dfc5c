import { describe, expect, it } from 'vitest';

import { gateVerdict } from '../../../src/core/gate/gate-verdict.ts';
import { DecisionRecords } from '../../../src/core/ledger/decision-record.ts';
import type { Verdict } from '../../../src/core/gate/verdict.ts';
import type { GateDefinition } from '../../../src/core/mission/definition.ts';
import type { GuardReport } from '../../../src/core/mission/event.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { diligent, PureWorld } from '../../support/pure-world.ts';

const rule: GateDefinition = { rubric: { coverage_min: 0.8, tests_failed_max: 0 }, approvals: { count: 2, minimumRole: 'write', allowRequester: true } };
const tests: GuardReport = { guard: 'tests', uses: 'command', passed: true, summary: '12 tests passed', metrics: {}, artifacts: [] };

function judged(metrics: Readonly<Record<string, number>>, reports: readonly GuardReport[] = [tests]): PureWorld {
  const guards = [{ id: 'tests', uses: 'command', with: {} }];
  const world = new PureWorld(definition([phase('build', [task('api')], { guards, gate: rule })]), (subject, attempt, mission) =>
    subject.startsWith('gate/') ? { outcome: 'examined', head: mission.trunk.head, reports, metrics, durationMs: 1 } : diligent(subject, attempt, mission),
  );
  world.start().settle();
  return world;
}

/** `state name` of the gate and of its parts. */
function outline(verdict: Verdict | null): readonly string[] {
  return verdict === null ? [] : [`${verdict.state} ${verdict.name}`, ...verdict.children.map(({ state, name, measured }) => `${state} ${name} ${measured ?? ''}`.trim())];
}

const part = (world: PureWorld, name: string) => gateVerdict(world.mission, 'build')?.children.find((child) => child.name === name);

describe('the verdict of a gate', () => {
  it('says what is complete and what is missing while it waits for people', () => {
    const world = judged({ coverage: 0.9, tests_failed: 0 });
    expect(outline(gateVerdict(world.mission, 'build'))).toEqual(['waiting gate/build', 'passed rubric 2 of 2', 'passed guards 1 of 1', 'passed evidence complete', 'waiting approvals 0 of 2']);
    world.say('reviewer', 'approve-gate', 'build');
    expect(part(world, 'approvals')).toMatchObject({ state: 'waiting', measured: '1 of 2', reason: '1 missing', children: [{ name: 'reviewer', state: 'passed', measured: 'write, by comment' }] });
    world.say('admin', 'approve-gate', 'build');
    expect(outline(gateVerdict(world.mission, 'build'))).toContain('passed approvals 2 of 2');
    expect(gateVerdict(world.mission, 'build')).toMatchObject({ state: 'passed', reason: null });
  });

  it('is told of the last approval without calling approvals missing', () => {
    const world = judged({ coverage: 0.9, tests_failed: 0 });
    world.say('reviewer', 'approve-gate', 'build');
    world.say('admin', 'approve-gate', 'build');
    let hash = 0;
    const records = new DecisionRecords();
    const told = world.events.flatMap((event) => records.see(event, String((hash += 1))) ?? []).filter(({ decision }) => decision === 'gate.approved');
    expect(told.map(({ verdict }) => verdict?.reason)).toEqual(['the rubric passed; approvals are missing', 'the rubric passed; nothing is missing any more']);
  });

  it('measures every line against its threshold, and keeps the reason of what failed', () => {
    const world = judged({ coverage: 0.9, tests_failed: 2 });
    expect(outline(gateVerdict(world.mission, 'build'))).toEqual(['failed gate/build', 'failed rubric 1 of 2', 'passed guards 1 of 1', 'passed evidence complete', 'pending approvals 0 of 2']);
    expect(part(world, 'rubric')?.children).toEqual([
      { name: 'coverage_min', state: 'passed', expected: '≥ 0.8', measured: '0.9', reason: null, children: [] },
      { name: 'tests_failed_max', state: 'failed', expected: '≤ 0', measured: '2', reason: 'tests_failed_max exceeded: 2 > 0', children: [] },
    ]);
  });

  it('counts what a guard found, and tells a failed guard once, as a guard', () => {
    const world = judged({ coverage: 0.9, tests_failed: 0 }, [{ ...tests, passed: false, summary: '2 of 12 failed', findings: { errors: 2, warnings: 1, notes: 0, digest: null } }]);
    expect(part(world, 'guards')).toMatchObject({ state: 'failed', measured: '0 of 1', children: [{ name: 'tests', state: 'failed', measured: '2 errors, 1 warning', reason: '2 of 12 failed' }] });
    expect(part(world, 'rubric')).toMatchObject({ state: 'passed', measured: '2 of 2' });
  });

  it('says what will be asked before anything was measured', () => {
    const world = judged({ coverage: 0.9, tests_failed: 0 });
    world.say('reviewer', 'retry', 'build');
    expect(outline(gateVerdict(world.mission, 'build'))).toEqual(['pending gate/build', 'pending rubric', 'pending guards', 'pending approvals 0 of 2']);
  });

  it('shows a waived rule as waived, never as passed, with who answers for it and until when', () => {
    const world = judged({ coverage: 0.9, tests_failed: 2 });
    world.roles.set('maintainer', 'maintain');
    world.say('author', 'waive', 'build', 'tests_failed_max', '7d', 'the tests are wrong', 'checked by hand');
    expect(part(world, 'waivers')).toMatchObject({ state: 'waiting', children: [{ name: 'tests_failed_max', state: 'waiting', reason: expect.stringContaining('author asks to waive it until') }] });
    expect(part(world, 'rubric')?.state).toBe('failed');
    world.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    expect(outline(gateVerdict(world.mission, 'build'))).toEqual(['waiting gate/build', 'waived rubric 1 of 2, 1 waived', 'passed guards 1 of 1', 'passed evidence complete', 'waived waivers', 'waiting approvals 0 of 2']);
    expect(part(world, 'rubric')?.children[1]).toMatchObject({ state: 'waived', reason: expect.stringMatching(/^tests_failed_max exceeded: 2 > 0; waived until \S+$/) });
    world.say('reviewer', 'approve-gate', 'build');
    world.say('admin', 'approve-gate', 'build');
    expect(gateVerdict(world.mission, 'build')).toMatchObject({ state: 'waived', reason: 'open, with rules that are waived' });
  });

  it('does not call a rule passed whose waiver does not cover what is measured now', () => {
    const metrics = { coverage: 0.9, tests_failed: 2 };
    const world = judged(metrics);
    world.roles.set('maintainer', 'maintain');
    world.say('author', 'waive', 'build', 'tests_failed_max', '7d', 'the tests are wrong', 'checked by hand');
    world.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    metrics.tests_failed = 3;
    world.say('reviewer', 'retry', 'build');
    world.work();
    expect(part(world, 'rubric')?.children[1]).toMatchObject({ state: 'failed', measured: '3' });
    expect(part(world, 'waivers')).toMatchObject({ state: 'failed', children: [{ name: 'tests_failed_max', state: 'failed', measured: '3', reason: expect.stringMatching(/^the waiver until \S+ is for 2, and does not cover/) }] });
    metrics.tests_failed = 0;
    world.say('reviewer', 'retry', 'build');
    world.work();
    expect(part(world, 'waivers')).toMatchObject({ state: 'passed' });
  });

  it('does not call a gate passed because people stopped the mission or said no', () => {
    const rejected = judged({ coverage: 0.9, tests_failed: 0 });
    rejected.say('reviewer', 'reject-gate', 'build', 'no docs');
    expect(gateVerdict(rejected.mission, 'build')).toMatchObject({ state: 'failed', reason: expect.stringContaining('rejected by reviewer') });
    const cancelled = judged({ coverage: 0.9, tests_failed: 0 });
    cancelled.say('author', 'cancel');
    expect(gateVerdict(cancelled.mission, 'build')).toMatchObject({ state: 'failed', reason: 'the mission was cancelled' });
  });

  it('is nothing for a phase without a gate', () => {
    const world = new PureWorld(definition([phase('build', [task('api')], { gate: null })]));
    world.start().settle();
    expect(gateVerdict(world.mission, 'build')).toBeNull();
  });
});
