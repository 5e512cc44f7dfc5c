import { describe, expect, it } from 'vitest';

import type { ChecklistIntent } from '../../../src/core/mission/request.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { PureWorld, commitId, diligent, person, source } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

const failing =
  (...subjects: readonly string[]): Worker =>
  (subject, attempt, mission) =>
    subjects.includes(subject) ? { outcome: 'failed', failure: 'work', reason: 'exit code 1', evidence: null } : diligent(subject, attempt, mission);

const status = (world: PureWorld, id: string) => world.mission.tasks.get(id)?.status;
const gate = (world: PureWorld, id = 'build') => world.mission.phases.get(id)?.gate;
let edits = 0;

function edit(world: PureWorld, ...intents: readonly ChecklistIntent[]): void {
  edits += 1;
  world.deliver(`edit:${edits}`, { kind: 'issue.edited', source, title: 't', body: '', actor: person('author') }, { intents });
}

function pushed(world: PureWorld, login: string, ...authors: string[]): void {
  world.trunk = { head: commitId(world.trunk.head, login), authors };
  world.deliver(`push:${world.trunk.head}`, { kind: 'trunk.pushed', source, head: world.trunk.head, actor: person(login) });
}

describe('a checklist that people edit after a failure', () => {
  const chain = definition([phase('build', [task('a'), task('b', { needs: ['a'] }), task('c', { needs: ['b'] })])]);

  it.each(['ticked', 'removed'] as const)('lets the mission go on when the failed task is %s by hand', (kind) => {
    const world = new PureWorld(chain, failing('a')).start();
    world.settle();
    expect(world.mission.status).toBe('failed');
    edit(world, { kind, task: 'a' });
    world.settle();
    expect([status(world, 'b'), status(world, 'c')]).toEqual(['done', 'done']);
    expect(gate(world)?.status).toBe('awaiting');
  });

  it('releases blocked tasks of a mission that went on without them', () => {
    const world = new PureWorld({ ...chain, settings: { ...chain.settings, failFast: false } }, failing('a')).start();
    world.work();
    world.settle();
    edit(world, { kind: 'ticked', task: 'a' });
    world.settle();
    expect(world.mission.phases.get('build')?.status).toBe('gate');
  });

  it('keeps a task blocked while another of its needs has failed', () => {
    const both = definition([phase('build', [task('a'), task('b'), task('c', { needs: ['a', 'b'] })])], { failFast: false });
    const world = new PureWorld(both, failing('a', 'b')).start();
    world.settle();
    edit(world, { kind: 'ticked', task: 'a' });
    world.settle();
    expect(status(world, 'c')).toBe('blocked');
    edit(world, { kind: 'removed', task: 'b' });
    world.settle();
    expect(status(world, 'c')).toBe('done');
  });

  it('changes nothing in a cancelled mission, and says so', () => {
    const world = new PureWorld(chain).start();
    world.say('author', 'cancel');
    edit(world, { kind: 'ticked', task: 'b' }, { kind: 'added', title: 'More', phaseTitle: 'build', checked: false });
    expect(status(world, 'b')).toBe('pending');
    expect(world.mission.tasks.size).toBe(3);
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'mission-over' });
  });
});

describe('a checklist that people edit', () => {
  const world = () => new PureWorld(definition([phase('build', [task('a'), task('b'), task('c', { needs: ['b'] })]), phase('ship', [task('d')], { needs: ['build'] })], { maxParallel: 1 })).start();
  const refusals = (made: PureWorld) => {
    const last = made.events.findLast((event) => event.body.type === 'answer.given');
    return last?.body.type === 'answer.given' ? last.body.answer.facts.reasons : null;
  };

  it('says why a task that is being worked on is neither ticked nor removed', () => {
    const made = world();
    edit(made, { kind: 'ticked', task: 'a' }, { kind: 'removed', task: 'a' });
    expect(refusals(made)).toEqual([expect.stringContaining('is being worked on'), expect.stringContaining('stays in the list')]);
    expect(status(made, 'a')).toBe('queued');
  });

  it('takes ticks, removals and new names of tasks that wait, and says how a finished one is done again', () => {
    const made = world();
    made.work();
    made.work();
    edit(made, { kind: 'ticked', task: 'c' }, { kind: 'removed', task: 'd' }, { kind: 'renamed', task: 'b', title: 'Better' }, { kind: 'unticked', task: 'a' }, { kind: 'ticked', task: 'a' }, { kind: 'removed', task: 'a' }, { kind: 'ticked', task: 'nobody' });
    expect([status(made, 'c'), status(made, 'd'), made.mission.index.tasks.get('b')?.title]).toEqual(['done', 'skipped', 'Better']);
    expect(refusals(made)).toEqual([expect.stringContaining('new name'), expect.stringContaining('/retry a')]);
  });

  it('gives new tasks ids of their own, and adds none to a phase whose tasks are over', () => {
    const made = world();
    const added = (title: string, phaseTitle = 'build', checked = false) => ({ kind: 'added', title, phaseTitle, checked }) as const;
    edit(made, added('A'), added('Trunk'), added('!!!'), added('done already', 'ship', true), added('lost', 'no such phase'));
    expect(['a-2', 'task', 'task-2', 'done-already', 'lost'].map((id) => made.mission.index.tasks.get(id)?.phase)).toEqual(['build', 'build', 'build', 'ship', 'ship']);
    expect(status(made, 'done-already')).toBe('done');
    made.settle();
    edit(made, added('too late'));
    expect(refusals(made)).toEqual([expect.stringContaining('was not added')]);
  });
});

describe('/retry', () => {
  it('makes ready dependents of a finished task wait for it again', () => {
    const world = new PureWorld(definition([phase('build', [task('a'), task('b', { needs: ['a'] }), task('slow')])], { maxParallel: 2 })).start();
    world.say('author', 'pause');
    while (world.todo.some((job) => job.subject === 'a')) world.work(world.todo.findIndex((job) => job.subject === 'a'));
    expect([status(world, 'a'), status(world, 'b')]).toEqual(['done', 'ready']);
    world.say('author', 'retry', 'a');
    world.say('author', 'resume');
    expect([status(world, 'a'), status(world, 'b')]).toEqual(['queued', 'pending']);
    world.settle();
    expect(status(world, 'b')).toBe('done');
  });

  it('runs the task although another one has failed too and the mission is fail-fast', () => {
    const world = new PureWorld(definition([phase('build', [task('a'), task('b'), task('c')])], { maxParallel: 2 }), failing('a', 'b')).start();
    world.settle();
    expect(world.mission.status).toBe('failed');
    world.worker = diligent;
    world.say('author', 'retry', 'a');
    expect(status(world, 'a')).toBe('queued');
    world.settle();
    expect([status(world, 'a'), status(world, 'c'), world.mission.status]).toEqual(['done', 'ready', 'failed']);
    world.say('author', 'retry', 'b');
    world.settle();
    expect([status(world, 'b'), status(world, 'c')]).toEqual(['done', 'done']);
  });

  it('during a guard run takes no notice of that run’s result', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    while (!world.todo.some((job) => job.subject === 'gate/build')) world.work();
    const [guards] = world.todo.splice(0, 1);
    world.say('author', 'retry', 'a');
    world.todo.push(guards!);
    world.work(world.todo.length - 1);
    expect(gate(world)?.status).toBe('closed');
    world.settle();
    expect(gate(world)).toMatchObject({ status: 'awaiting', round: 2 });
  });

  it.each([
    [[], 'retry-what'],
    [['nothing'], 'unknown-task'],
    [['b'], 'retry-underway'],
    [['c'], 'retry-blocked'],
    [['later'], 'gate-not-waiting'],
  ])('of %j says why not', (words, code) => {
    const world = new PureWorld(
      definition([phase('build', [task('a'), task('b'), task('c', { needs: ['a'] })]), phase('later', [task('d')], { needs: ['build'] })], { failFast: false }),
      failing('a'),
    ).start();
    world.work(0);
    world.say('author', 'retry', ...words);
    expect(world.lastAnswer()).toEqual({ accepted: false, code });
  });
});

describe('a mission that is over', () => {
  const waiting = () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    return world;
  };

  it.each(['approve-gate', 'reject-gate'])('takes no /%s', (command) => {
    const world = waiting();
    world.say('author', 'cancel');
    world.say('reviewer', command, 'build', 'because');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'mission-over' });
    expect(gate(world)?.approvals).toEqual([]);
    expect(gate(world)?.status).toBe('awaiting');
  });

  it('examines no gate of a cancelled mission again', () => {
    const world = waiting();
    world.say('author', 'cancel');
    world.deliver('recheck', { kind: 'recheck.requested', source, phase: null, actor: person('author') });
    world.deliver('button', { kind: 'button.pressed', source, phase: 'build', round: 1, action: 'examine', pull: null, actor: person('author') });
    expect(gate(world)?.status).toBe('awaiting');
    expect(world.todo).toEqual([]);
  });

  it('ends complete when people merge it while it is paused', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])], { merge: 'squash' })).start();
    world.settle();
    world.deliver('pull', { kind: 'pull.opened', pull: 9 });
    world.say('reviewer', 'approve-gate');
    world.say('author', 'pause');
    expect(viewMission(world.mission).pull).toEqual({ draft: false, merge: null });
    world.deliver('merged', { kind: 'pull.closed', source, pull: 9, merged: true, commit: 'c', actor: person('admin') });
    expect(world.mission.status).toBe('completed');
    expect(viewMission(world.mission).issue.state).toBe('closed');
  });

  it('is cancelled when people merge it before its last gate, or close it', () => {
    for (const merged of [true, false]) {
      const world = waiting();
      world.deliver('pull', { kind: 'pull.opened', pull: 9 });
      world.deliver('closed', { kind: 'pull.closed', source, pull: 9, merged, commit: null, actor: person('admin') });
      expect(world.mission).toMatchObject({ status: 'cancelled', pull: { state: merged ? 'merged' : 'closed' } });
    }
  });

  it('is cancelled by closing the issue, and ignores that afterwards', () => {
    const world = waiting();
    for (const key of ['1', '2']) world.deliver(key, { kind: 'issue.closed', source, actor: person('author') });
    expect(world.types().filter((type) => type === 'mission.cancelled')).toHaveLength(1);
  });
});

describe('people who must not count', () => {
  const two = { ...oneApproval, approvals: { ...oneApproval.approvals, count: 2 } };

  it('include who pushed to the trunk, whatever name the commits carry', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    pushed(world, 'reviewer', 'somebody-else');
    world.settle();
    world.say('reviewer', 'approve-gate');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'own-work' });
    world.say('admin', 'approve-gate');
    expect(gate(world)?.status).toBe('open');
  });

  it('include who pushed a commit that was seen before the push was announced', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    world.trunk = { head: commitId('unseen'), authors: ['somebody-else'] };
    world.say('admin', 'approve-gate');
    world.settle();
    world.deliver('late', { kind: 'trunk.pushed', source, head: world.trunk.head, actor: person('reviewer') });
    world.say('reviewer', 'approve-gate');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'own-work' });
  });

  it('include authors that only the look-up at the approval knows', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    world.trunk = { ...world.trunk, authors: ['Reviewer'] };
    world.say('reviewer', 'approve-gate');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'own-work' });
  });

  it('are the same person however their name is written', () => {
    const world = new PureWorld(definition([phase('build', [task('a')], { gate: two })])).start();
    world.settle();
    world.roles.set('Reviewer', 'write');
    world.say('reviewer', 'approve-gate');
    world.say('Reviewer', 'approve-gate');
    expect(gate(world)?.approvals).toHaveLength(1);
    const own = new PureWorld(definition([phase('build', [task('a')], { gate: { ...oneApproval, approvals: { ...oneApproval.approvals, allowRequester: false } } })])).start();
    own.settle();
    own.roles.set('Author', 'write');
    own.say('Author', 'approve-gate');
    expect(own.lastAnswer()).toEqual({ accepted: false, code: 'own-mission' });
  });

  it('include everybody who spoke before the evidence was there', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    const comment = { kind: 'command.given', source, conversation: 7, commentId: 1, actor: person('reviewer'), command: { name: 'approve-gate', arguments: [], text: '', problem: null } } as const;
    const evaluatedAt = gate(world)?.evaluatedAt ?? 0;
    world.force('early', comment, {}, evaluatedAt - 1);
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'gate-not-waiting' });
    world.force('in time', comment, {}, evaluatedAt);
    expect(gate(world)?.status).toBe('open');
  });
});

describe('the last gate', () => {
  it('is examined again after a push although an ungated phase follows it', () => {
    const world = new PureWorld(definition([phase('build', [task('a')]), phase('notes', [task('b')], { needs: ['build'], gate: null })], { merge: 'squash' })).start();
    world.settle();
    world.say('reviewer', 'approve-gate');
    pushed(world, 'stranger', 'stranger');
    expect(gate(world)?.status).toBe('evaluating');
    world.settle();
    expect(viewMission(world.mission).pull).toMatchObject({ draft: true, merge: null });
    world.say('reviewer', 'approve-gate');
    world.settle();
    expect(viewMission(world.mission).pull).toMatchObject({ merge: 'squash' });
    pushed(world, 'stranger', 'stranger');
    expect(gate(world)?.status).toBe('evaluating');
  });

  it('stays open while the mission itself merges the work of an ungated phase', () => {
    const world = new PureWorld(definition([phase('build', [task('a')]), phase('notes', [task('b')], { needs: ['build'], gate: null })])).start();
    world.settle();
    world.say('reviewer', 'approve-gate');
    world.settle();
    expect(world.mission.status).toBe('completed');
  });
});
