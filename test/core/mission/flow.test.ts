import { describe, expect, it } from 'vitest';

import type { Signal } from '../../../src/core/mission/signal.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { commitId, diligent, evidence, person, PureWorld, source } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

const twoPhases = definition([phase('build', [task('a'), task('b', { needs: ['a'] })]), phase('ship', [task('c')], { needs: ['build'] })]);

/** Fails the named attempts (`task:attempt`), is diligent otherwise. */
function failing(attempts: readonly string[], failure: 'work' | 'input' = 'work'): Worker {
  return (subject, attempt, mission) =>
    attempts.includes(`${subject}:${attempt}`) ? { outcome: 'failed', failure, reason: 'it broke', evidence } : diligent(subject, attempt, mission);
}

describe('a mission', () => {
  it('goes from the label through its gates to completion, in order', () => {
    const world = new PureWorld(twoPhases).start();
    world.settle();
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
    world.say('reviewer', 'approve-gate', 'build');
    world.settle();
    world.say('reviewer', 'approve-gate', 'ship');
    world.settle();
    expect(world.mission.status).toBe('completed');
    expect(world.types().filter((type) => type.startsWith('phase.') || type.startsWith('gate.opened') || type.startsWith('mission.'))).toEqual([
      'mission.planned', 'mission.queued', 'phase.started', 'gate.opened', 'phase.completed', 'phase.started', 'gate.opened', 'phase.completed', 'mission.completed',
    ]);
  });

  it('does nothing before it is queued', () => {
    const world = new PureWorld(twoPhases);
    world.label('mission');
    expect(world.types()).toEqual(['mission.planned']);
    expect(world.todo).toEqual([]);
  });

  it('is refused to people without write access, in words, and runs nothing', () => {
    const world = new PureWorld(twoPhases);
    world.label('mission', 'stranger');
    expect(world.state?.status).toBe('refused');
    world.label('mission:queue', 'author');
    expect(world.lastAnswer()).toBeNull();
    world.now += 60_000;
    world.label('mission:queue', 'author');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'no-plan' });
    expect(world.todo).toEqual([]);
  });

  it('pauses, with a word, when its label is taken off, and goes on when it is put on again', () => {
    const world = new PureWorld(twoPhases).start();
    world.labels.delete('mission');
    const off: Signal = { kind: 'mission.pause-requested', why: 'unlabelled', source, actor: person('author') };
    world.deliver('off', off);
    expect(world.mission.status).toBe('paused');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'paused-unlabelled' });
    world.labels.add('mission');
    const on: Signal = { kind: 'mission.requested', source, title: 'Add slugs', body: '', actor: person('author') };
    world.force('stranger on', { ...on, actor: person('stranger') });
    expect(world.mission.status).toBe('paused');
    world.force('on', on);
    expect(world.mission.status).toBe('running');
    // Told late, when the label is back already, it means nothing any more.
    world.force('late', off);
    expect(world.mission.status).toBe('running');
  });

  it('stays paused by its pause label when only the other label comes back', () => {
    const world = new PureWorld(twoPhases).start();
    world.label('mission:pause');
    world.labels.delete('mission');
    world.deliver('off', { kind: 'mission.pause-requested', why: 'unlabelled', source, actor: person('author') });
    world.labels.add('mission');
    world.force('on', { kind: 'mission.requested', source, title: '', body: '', actor: person('author') });
    expect(world.mission.status).toBe('paused');
  });

  it.each([
    { told: 'three hours later, written an hour before the examination', written: -3_600_000, received: 3 * 3_600_000, gate: 'awaiting' },
    { told: 'three hours later, written in the second of the examination', written: -999, received: 3 * 3_600_000, gate: 'open' },
    { told: 'within seconds, whatever the clock of GitHub says', written: -3_000, received: 2_000, gate: 'open' },
  ])('takes an approval for what stood there when it was written: told $told it leaves the gate $gate', ({ written, received, gate }) => {
    const world = new PureWorld(definition([phase('build', [task('a')])]));
    world.now = 36_000_999;
    world.start().settle();
    const evaluated = world.mission.phases.get('build')?.gate.evaluatedAt ?? 0;
    expect(evaluated).toBe(world.now);
    const approval: Signal = { kind: 'command.given', source, conversation: 7, commentId: 1, writtenAt: evaluated + written, actor: person('reviewer'), command: { name: 'approve-gate', arguments: ['build'], text: '', problem: null } };
    world.now += received;
    world.force('approval', approval);
    expect(world.mission.phases.get('build')?.gate.status).toBe(gate);
    if (gate === 'awaiting') expect(world.lastAnswer()).toEqual({ accepted: false, code: 'gate-not-waiting' });
  });

  it('never starts a task before its needs are done', () => {
    const world = new PureWorld(twoPhases).start();
    expect(world.todo.map((job) => job.subject)).toEqual(['a']);
    world.work();
    expect(world.todo).toEqual([{ kind: 'integrate', subject: 'a', attempt: 1 }]);
    world.work();
    expect(world.todo.map((job) => job.subject)).toEqual(['b']);
  });

  it('keeps to its limit of parallel attempts', () => {
    const world = new PureWorld(definition([phase('wide', Array.from({ length: 10 }, (_, index) => task(`t${index}`)))], { maxParallel: 3 })).start();
    expect(world.todo).toHaveLength(3);
    world.work();
    expect(world.todo).toHaveLength(3);
  });

  it('refuses a result of an attempt that is no longer expected', () => {
    const world = new PureWorld(definition([phase('p', [task('a')])])).start();
    world.force('lost', { kind: 'attempt.lost', subject: 'a', attempt: 1, reason: 'silent' });
    world.settle();
    const late = world.force('late', { kind: 'attempt.finished', subject: 'a', attempt: 1, result: diligent('a', 1, world.mission) });
    expect(late).toEqual([]);
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'done', attempt: 2 });
  });

  it('retries a failed task as often as it may, later each time, then fails and blocks what needs it', () => {
    const world = new PureWorld(definition([phase('p', [task('a', { maxAttempts: 3 }), task('b', { needs: ['a'] }), task('c', { needs: ['b'] })])]), failing(['a:1', 'a:2', 'a:3'])).start();
    world.settle();
    const retries = world.events.flatMap(({ at, body }) => (body.type === 'task.failed' ? [body.retryAt === null ? null : body.retryAt - at] : []));
    expect(retries).toHaveLength(3);
    expect(retries[1]).toBeGreaterThan(retries[0] ?? Infinity);
    expect(retries[2]).toBeNull();
    expect(world.mission.status).toBe('failed');
    expect(['b', 'c'].map((id) => world.mission.tasks.get(id)?.status)).toEqual(['blocked', 'blocked']);
  });

  it('goes on after /retry of the failed task, and so do the tasks it blocked', () => {
    const world = new PureWorld(definition([phase('p', [task('a'), task('b', { needs: ['a'] })])]), failing(['a:1'])).start();
    world.settle();
    expect(world.mission.status).toBe('failed');
    world.say('author', 'retry', 'a');
    world.settle();
    expect(world.mission.phases.get('p')?.gate.status).toBe('awaiting');
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'done', attempt: 2 });
  });

  it('lets independent tasks go on when it is not fail-fast, and fails in the end', () => {
    const world = new PureWorld(definition([phase('p', [task('a'), task('b'), task('c', { needs: ['b'] })])], { failFast: false, maxParallel: 1 }), failing(['a:1'])).start();
    world.settle();
    expect(world.mission.tasks.get('c')?.status).toBe('done');
    expect(world.mission.status).toBe('partially-failed');
  });

  it('starts nothing new after a failure when it is fail-fast', () => {
    const world = new PureWorld(definition([phase('p', [task('a'), task('b')])], { maxParallel: 1 }), failing(['a:1'])).start();
    world.settle();
    expect(world.mission.tasks.get('b')).toMatchObject({ status: 'ready', attempt: 0 });
    expect(world.mission.status).toBe('failed');
  });

  it('counts a failure with continue-on-error as done', () => {
    const world = new PureWorld(definition([phase('p', [task('a', { continueOnError: true }), task('b', { needs: ['a'] })])]), failing(['a:1'])).start();
    world.settle();
    expect(world.mission.tasks.get('b')?.status).toBe('done');
    expect(world.mission.phases.get('p')?.gate.status).toBe('awaiting');
  });

  it('queues nothing while paused and goes on when resumed', () => {
    const world = new PureWorld(twoPhases).start();
    world.say('author', 'pause');
    world.settle();
    expect(world.mission.tasks.get('b')).toMatchObject({ status: 'ready', attempt: 0 });
    world.say('author', 'resume');
    world.settle();
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
  });

  it('tells people who label it again after its end that it is over', () => {
    const world = new PureWorld(twoPhases).start();
    world.say('author', 'cancel');
    world.force('again', { kind: 'mission.requested', source, title: '', body: '', actor: person('author') });
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'mission-over' });
  });

  it('leaves commands on ordinary issues to other bots, but for those that are ours alone', () => {
    const world = new PureWorld(twoPhases);
    expect(world.say('author', 'retry')).toEqual([]);
    world.say('author', 'approve-gate');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'no-mission' });
  });

  it('ends for good when cancelled: late results change nothing', () => {
    const world = new PureWorld(twoPhases).start();
    world.say('author', 'cancel');
    const before = world.events.length;
    world.settle();
    expect(world.mission.status).toBe('cancelled');
    expect(world.events).toHaveLength(before);
    expect(viewMission(world.mission).issue).toEqual({ state: 'closed', reason: 'not_planned' });
  });

  it('gives up on a task whose workers die again and again', () => {
    const world = new PureWorld(definition([phase('p', [task('a')])])).start();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      world.force(`lost ${attempt}`, { kind: 'attempt.lost', subject: 'a', attempt, reason: 'silent' });
      while (world.timers.length > 0) world.fireNextTimer();
    }
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'failed', failure: 'lost', attempt: 5 });
  });

  it('does a task again on the new trunk when its merge conflicts', () => {
    const world = new PureWorld(definition([phase('p', [task('a')])])).start();
    world.work();
    world.todo.length = 0;
    world.force('conflict', { kind: 'integration.finished', task: 'a', attempt: 1, result: { outcome: 'conflict', reason: 'merge conflict in src/slug.js' } });
    world.settle();
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'done', attempt: 2 });
  });
});

describe('a gate', () => {
  function waiting(world = new PureWorld(definition([phase('build', [task('a')])]))): PureWorld {
    world.start().settle();
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
    return world;
  }

  it('is approved by comment, review or button, which are one decision', () => {
    for (const via of ['comment', 'review', 'button'] as const) {
      const world = waiting();
      const { gate } = world.mission.phases.get('build') ?? {};
      if (via === 'comment') world.say('reviewer', 'approve-gate');
      if (via === 'review') world.force('r', { kind: 'review.submitted', source, pull: 8, reviewId: 1, verdict: 'approved', commit: gate?.head ?? '', text: '', actor: person('reviewer') });
      if (via === 'button') world.force('b', { kind: 'button.pressed', source, phase: 'build', round: gate?.round ?? 0, action: 'approve', pull: 8, actor: person('reviewer') });
      const approved = world.events.find((event) => event.body.type === 'gate.approved');
      expect(approved?.body).toMatchObject({ via, by: { login: 'reviewer' }, head: gate?.head, evidenceDigest: gate?.evidenceDigest, policyDigest: gate?.policyDigest });
      expect(world.mission.phases.get('build')?.gate.status).toBe('open');
    }
  });

  it.each([
    ['/approve-gate <sha>', (sha: string) => [sha]],
    ['/approve-gate sha=<sha>', (sha: string) => ['', sha]],
    ['/approve-gate build <sha>', (sha: string) => ['build', sha]],
  ])('opens for the commit that was seen: %s', (_form, words) => {
    const world = waiting();
    world.say('reviewer', 'approve-gate', ...words((world.mission.phases.get('build')?.gate.head ?? '').slice(0, 12)));
    expect(world.mission.phases.get('build')?.gate.status).toBe('open');
    const other = waiting();
    other.say('reviewer', 'approve-gate', ...words('abcdef123456'));
    expect(other.lastAnswer()).toEqual({ accepted: false, code: 'other-commit' });
  });

  it('needs as many different people as its rule says', () => {
    const world = waiting(new PureWorld(definition([phase('build', [task('a')], { gate: { rubric: {}, approvals: { ...oneApproval.approvals, count: 2 } } })])));
    world.say('reviewer', 'approve-gate');
    world.say('reviewer', 'approve-gate');
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
    expect(world.lastAnswer()).toEqual({ accepted: true, code: 'already-approved' });
    world.say('admin', 'approve-gate');
    expect(world.mission.phases.get('build')?.gate.status).toBe('open');
  });

  it.each([
    ['a stranger', (world: PureWorld) => world.say('stranger', 'approve-gate'), 'permission-denied'],
    ['an author of the change', (world: PureWorld) => { world.trunk.authors = ['Reviewer']; world.state = { ...world.mission, trunk: { ...world.mission.trunk, authors: ['Reviewer'] } }; world.say('reviewer', 'approve-gate'); }, 'own-work'],
    ['somebody who saw another commit', (world: PureWorld) => world.say('reviewer', 'approve-gate', 'build', 'abcdef1'), 'other-commit'],
    ['somebody who means another gate', (world: PureWorld) => world.say('reviewer', 'approve-gate', 'buidl'), 'unknown-gate'],
  ])('is not opened by %s', (_who, attempt, code) => {
    const world = waiting();
    attempt(world);
    expect(world.lastAnswer()).toEqual({ accepted: false, code });
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
  });

  it('is not opened when the permission could not be looked up', () => {
    const world = waiting();
    world.force('x', { kind: 'command.given', source, conversation: 7, commentId: 1, actor: person('reviewer'), command: { name: 'approve-gate', arguments: [], text: '', problem: null } }, { authority: { known: false, reason: 'GitHub answered 502' } });
    expect(world.lastAnswer()?.code).toBe('permission-unknown');
    expect(world.mission.phases.get('build')?.gate.status).toBe('awaiting');
  });

  it('ignores bots without a word', () => {
    const world = waiting();
    const events = world.force('x', { kind: 'command.given', source, conversation: 7, commentId: 1, actor: { kind: 'bot', login: 'helper[bot]' }, command: { name: 'approve-gate', arguments: [], text: '', problem: null } });
    expect(events).toEqual([]);
  });

  it('loses its approvals, in words, when somebody pushes to the trunk', () => {
    const world = waiting(new PureWorld(definition([phase('build', [task('a')], { gate: { rubric: {}, approvals: { ...oneApproval.approvals, count: 2 } } })])));
    world.say('reviewer', 'approve-gate');
    world.trunk = { head: commitId('pushed'), authors: ['author'] };
    world.force('push', { kind: 'trunk.pushed', source, head: world.trunk.head, actor: person('author') });
    const { gate } = world.mission.phases.get('build') ?? {};
    expect(gate).toMatchObject({ status: 'evaluating', round: 2, approvals: [], head: world.trunk.head });
    expect(gate?.held).toMatchObject({ reason: '@author pushed to the trunk', approvals: [{ by: person('reviewer') }] });
    world.settle();
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'awaiting', approvals: [], voided: '@author pushed to the trunk: it could not be told whether the patch is the same' });
    expect(world.mission.phases.get('build')?.gate.held).toBeUndefined();
    world.say('author', 'approve-gate');
    expect(world.lastAnswer()?.code).toBe('own-work');
  });

  it('re-opens after the last approval when the trunk moves before the merge', () => {
    const world = waiting();
    world.say('reviewer', 'approve-gate');
    expect(world.mission.status).toBe('completed');
    world.trunk = { head: commitId('sneaked in'), authors: ['author'] };
    world.force('push', { kind: 'trunk.pushed', source, head: world.trunk.head, actor: person('author') });
    expect(world.mission.status).toBe('running');
    expect(viewMission(world.mission).checks.find((check) => check.name === 'missiongate')?.conclusion).not.toBe('success');
    world.settle();
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'awaiting', head: world.trunk.head });
  });

  it('notices at approval that the trunk moved without a webhook, and does not open', () => {
    const world = waiting();
    world.trunk = { head: commitId('unseen'), authors: ['author'] };
    world.say('reviewer', 'approve-gate');
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'evaluating', round: 2 });
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'gate-not-waiting' });
  });

  it('stays shut when its rubric is not met, with every reason', () => {
    const rubric = { tests_failed_max: 0, coverage_min: 0.8 };
    const examined: Worker = (subject, attempt, mission) => (subject.startsWith('gate/') ? { outcome: 'examined', head: mission.trunk.head, reports: [], metrics: { tests_failed: 2 }, durationMs: 1 } : diligent(subject, attempt, mission));
    const world = new PureWorld(definition([phase('build', [task('a')], { gate: { rubric, approvals: oneApproval.approvals } })]), examined).start();
    world.settle();
    const gate = world.mission.phases.get('build')?.gate;
    expect(gate?.status).toBe('failed');
    expect(gate?.reason).toContain('tests_failed_max exceeded: 2 > 0');
    expect(gate?.reason).toContain('coverage_min: no guard measured "coverage"');
    world.say('reviewer', 'approve-gate');
    expect(world.lastAnswer()?.code).toBe('gate-not-waiting');
  });

  it('opens by its rubric alone when no approval is asked for', () => {
    const world = new PureWorld(definition([phase('build', [task('a')], { gate: { rubric: {}, approvals: { ...oneApproval.approvals, count: 0 } } })])).start();
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('does not open while a guard failed', () => {
    const report = { guard: 'tests', uses: 'command', passed: false, summary: 'exit 1', metrics: { tests_failed: 1 }, artifacts: [] };
    const world = new PureWorld(definition([phase('build', [task('a')])]), (subject, attempt, mission) => (subject.startsWith('gate/') ? { outcome: 'examined', head: mission.trunk.head, reports: [report], metrics: {}, durationMs: 1 } : diligent(subject, attempt, mission))).start();
    world.settle();
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'failed', reason: 'tests: exit 1' });
  });

  it('can be rejected with a reason, and examined again', () => {
    const world = waiting();
    world.say('reviewer', 'reject-gate', 'build');
    expect(world.lastAnswer()?.code).toBe('reason-missing');
    world.say('reviewer', 'reject-gate', 'build', 'no tests for empty titles');
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'rejected', reason: 'no tests for empty titles' });
    world.say('author', 'retry', 'build');
    world.settle();
    expect(world.mission.phases.get('build')?.gate).toMatchObject({ status: 'awaiting', round: 2 });
  });
});
