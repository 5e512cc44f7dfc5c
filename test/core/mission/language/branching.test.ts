import { describe, expect, it } from 'vitest';

import { definition, phase, task } from '../../../support/definitions.ts';
import { scriptedWorld, statuses } from '../../../support/scripted-world.ts';
import type { Play } from '../../../support/scripted-world.ts';

const oneGo = (tasks: Parameters<typeof phase>[1], settings = {}) => definition([phase('p', tasks, { gate: null })], settings);
const failing = (...ids: readonly string[]): Play => (subject) => (ids.includes(subject) ? { fails: 'input' } : undefined);

describe('a condition of a task', () => {
  it('reads what its needs gave, and lets it run or not', () => {
    const world = scriptedWorld(oneGo([task('probe'), task('one', { needs: ['probe'], if: 'tasks.probe.outputs.color == "red"' }), task('two', { needs: ['probe'], if: '${{ tasks.probe.outputs.color == "blue" }}' })]), (subject) => (subject === 'probe' ? { outputs: { color: 'red' } } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ probe: 'done', one: 'done', two: 'skipped' });
    expect(world.mission.tasks.get('two')?.reason).toContain('tasks.probe.outputs.color == "blue"');
    expect(world.mission.status).toBe('completed');
  });

  it('skips what needs a skipped task, through any number of steps, and says so', () => {
    const world = scriptedWorld(oneGo([task('a', { if: 'false' }), task('b', { needs: ['a'] }), task('c', { needs: ['b'] }), task('d', { needs: ['a'], if: 'always()' })])).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'skipped', b: 'skipped', c: 'skipped', d: 'done' });
    expect(world.mission.tasks.get('c')?.reason).toBe('needs b, which was skipped');
    expect(world.mission.status).toBe('completed');
  });

  it('takes a need that is written twice for one', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b'), task('c', { needs: ['a', 'a', 'b'] }), task('no', { if: 'false' }), task('d', { needs: ['no', 'no'] })])).start();
    world.work(world.todo.findIndex(({ subject }) => subject === 'a'));
    expect(world.mission.tasks.get('c')?.status).toBe('pending');
    world.settle();
    expect([statuses(world.mission), world.mission.status]).toEqual([{ a: 'done', b: 'done', c: 'done', no: 'skipped', d: 'skipped' }, 'completed']);
  });

  it('lets a task that a person took off the list count as done for what needs it', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b', { needs: ['a'] })]));
    world.label('mission');
    world.deliver('edit', { kind: 'issue.edited', source: world.mission.source, title: '', body: '', actor: { kind: 'person', login: 'author' } }, { intents: [{ kind: 'removed', task: 'a' }] });
    world.label('mission:queue');
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'skipped', b: 'done' });
  });

  it('runs clean-up behind a failure although the first failure stops everything else', () => {
    const world = scriptedWorld(oneGo([task('build'), task('test', { needs: ['build'] }), task('tidy', { needs: ['test'], if: 'always()' }), task('alarm', { needs: ['build'], if: 'failure()' }), task('cheer', { needs: ['build'], if: 'success()' })]), failing('build')).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ build: 'failed', test: 'blocked', tidy: 'done', alarm: 'done', cheer: 'blocked' });
    expect(world.mission.status).toBe('failed');
  });

  it('lets clean-up run that waits for something the failure kept from starting', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b'), task('tidy', { needs: ['a', 'b'], if: 'always()' })], { maxParallel: 1 }), failing('a')).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'blocked', tidy: 'done' });
    expect(world.mission.tasks.get('b')?.reason).toBe('not started, because a failed');
    world.worker = scriptedWorld(world.definition).worker;
    world.say('author', 'retry', 'a');
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'done', b: 'done', tidy: 'done' });
    expect(world.mission.status).toBe('completed');
  });

  it('waits for clean-up whose worker was lost, before the phase or the mission has failed', () => {
    for (const more of [[], [phase('sweep', [task('last')], { needs: ['p'], if: 'failure()', gate: null })]]) {
      const world = scriptedWorld(definition([phase('p', [task('a'), task('tidy', { needs: ['a'], if: 'always()' })], { gate: null }), ...more]), (subject, attempt) => (subject === 'a' ? { fails: 'input' } : subject === 'tidy' && attempt === 1 ? { fails: 'lost' } : undefined)).start();
      world.settle();
      expect(statuses(world.mission)).toEqual({ a: 'failed', tidy: 'done', ...(more.length === 0 ? {} : { last: 'done' }) });
      expect(world.mission.status).toBe('failed');
    }
  });

  it('keeps what a failure blocks until the failed task has been tried again', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b', { needs: ['a'], if: 'tasks.a.result == "success"' })]), (subject, attempt) => (subject === 'a' && attempt === 1 ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'blocked' });
    world.say('author', 'retry', 'a');
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'done', b: 'done' });
  });

  it('means the same in whatever order its needs end', () => {
    const tasks = [task('broken'), task('no', { if: 'false' }), task('both', { needs: ['broken', 'no'] }), task('alarm', { needs: ['both'], if: 'failure()' })];
    const ends = (last: string) => {
      const world = scriptedWorld(oneGo([...tasks, task('gap')], { failFast: false }), failing('broken')).start();
      while (world.todo.length > 0) world.work(Math.max(0, world.todo.findIndex(({ subject }) => subject !== last)));
      return statuses(world.mission);
    };
    expect(ends('gap')).toEqual(ends('broken'));
    expect(ends('broken')).toEqual({ broken: 'failed', no: 'skipped', both: 'skipped', alarm: 'done', gap: 'done' });
  });

  it('sees the failure that continue-on-error excuses', () => {
    const world = scriptedWorld(oneGo([task('a', { continueOnError: true }), task('b', { needs: ['a'] }), task('c', { needs: ['a'], if: 'tasks.a.result == "failure"' }), task('d', { needs: ['a'], if: 'failure()' })]), failing('a')).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'done', c: 'done', d: 'skipped' });
    expect(world.mission.status).toBe('completed');
  });

  it('that has no value fails its task, naming the expression and the way out', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b', { needs: ['a'], if: 'tasks.a.outputs.missing == 1' })])).start();
    world.settle();
    const b = world.mission.tasks.get('b');
    expect([b?.status, b?.failure, world.mission.status]).toEqual(['failed', 'input', 'failed']);
    expect(b?.reason).toMatch(/^if \(tasks\.a\.outputs\.missing == 1\) could not be evaluated: .*missing.* Correct it, or what it reads, then retry\.$/);
  });

  it('is looked at again when a person asks for the task', () => {
    let color = 'red';
    const world = scriptedWorld(oneGo([task('probe'), task('use', { needs: ['probe'], if: 'tasks.probe.outputs.color == "blue"' }), task('last', { needs: ['use'] }), task('broken')], { failFast: false }), (subject) => (subject === 'probe' ? { outputs: { color } } : subject === 'broken' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toMatchObject({ use: 'skipped', last: 'skipped' });
    color = 'blue';
    world.say('author', 'retry', 'probe');
    world.settle();
    world.say('author', 'retry', 'use');
    world.settle();
    expect(statuses(world.mission)).toMatchObject({ use: 'done', last: 'done' });
  });
});

describe('a condition of a phase', () => {
  const three = (build: Play, condition: string) =>
    scriptedWorld(definition([phase('build', [task('a')], { gate: null }), phase('extra', [task('b')], { gate: null, needs: ['build'], if: condition }), phase('ship', [task('c'), task('d', { needs: ['b'] })], { gate: null, needs: ['extra'] })]), build).start();

  it('that does not hold skips the phase with its tasks; the next phase goes on', () => {
    const world = three(() => undefined, 'tasks.a.outputs.more == true || false');
    world.settle();
    expect(world.mission.phases.get('extra')?.status).toBe('failed');
    world.say('author', 'retry', 'extra');
    expect([world.lastAnswer()?.code, world.mission.phases.get('extra')?.reason?.startsWith('if (')]).toEqual(['retried', true]);
    const skipped = three((subject) => (subject === 'a' ? { outputs: { more: false } } : undefined), 'tasks.a.outputs.more');
    skipped.settle();
    expect(skipped.mission.phases.map(({ status }) => status).toObject()).toEqual({ build: 'complete', extra: 'skipped', ship: 'complete' });
    expect(statuses(skipped.mission)).toEqual({ a: 'done', b: 'skipped', c: 'done', d: 'skipped' });
    expect(skipped.mission.status).toBe('completed');
  });

  it('that asks for a failure lets the phase run behind it, and the mission fails all the same', () => {
    const world = scriptedWorld(definition([phase('build', [task('a')], { gate: null }), phase('test', [task('b')], { gate: null, needs: ['build'] }), phase('report', [task('c'), task('e', { needs: ['c'] })], { gate: null, needs: ['test'], if: 'failure()' })]), failing('a')).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'pending', c: 'done', e: 'done' });
    expect([world.mission.status, world.mission.phases.get('report')?.status]).toEqual(['failed', 'complete']);
  });
});
