import { describe, expect, it } from 'vitest';

import { decideRetry } from '../../../../src/core/schedule/retry.ts';
import { definition, phase, task } from '../../../support/definitions.ts';
import { scriptedWorld, statuses } from '../../../support/scripted-world.ts';

const oneGo = (tasks: Parameters<typeof phase>[1], settings = {}) => definition([phase('p', tasks, { gate: null })], settings);

describe('until', () => {
  const fixing = (left: readonly number[], maxRounds = 5) =>
    scriptedWorld(oneGo([task('fix', { until: { condition: 'result.left == 0', maxRounds } }), task('after', { needs: ['fix'] })]), (subject, attempt) => (subject === 'fix' ? { outputs: { left: left[attempt - 1] ?? 9 } } : undefined)).start();

  it('makes another attempt as long as the condition is false, and that is no failure', () => {
    const world = fixing([2, 1, 0]);
    world.settle();
    expect(world.mission.tasks.get('fix')).toMatchObject({ status: 'done', attempt: 3, round: 3, failures: 0, outputs: { left: 0 } });
    expect(statuses(world.mission)).toEqual({ fix: 'done', after: 'done' });
  });

  it('fails past its bound, and a person may begin anew', () => {
    const world = fixing([3, 2, 1, 0], 2);
    world.settle();
    expect(world.mission.tasks.get('fix')).toMatchObject({ status: 'failed', failure: 'work', reason: 'until (result.left == 0) did not hold after 2 rounds' });
    world.say('author', 'retry', 'fix');
    world.settle();
    expect(world.mission.tasks.get('fix')).toMatchObject({ status: 'done', attempt: 4 });
  });

  it('waits with its next round for a task it needs, when that is tried once more meanwhile', () => {
    const world = scriptedWorld(oneGo([task('make'), task('look', { needs: ['make'], until: { condition: 'round == 2', maxRounds: 3 } })])).start();
    world.work();
    expect(world.todo.map(({ subject }) => subject)).toEqual(['look']);
    world.say('author', 'retry', 'make');
    world.work();
    expect(statuses(world.mission)).toEqual({ make: 'queued', look: 'pending' });
    world.settle();
    expect(world.mission.tasks.get('look')).toMatchObject({ status: 'done', attempt: 2, round: 2 });
  });

  it('that has no value fails the task, naming the expression', () => {
    const world = scriptedWorld(oneGo([task('fix', { until: { condition: 'result.none', maxRounds: 3 } })])).start();
    world.settle();
    expect(world.mission.tasks.get('fix')).toMatchObject({ status: 'failed', failure: 'input', attempt: 1 });
    expect(world.mission.tasks.get('fix')?.reason).toContain('until (result.none) could not be evaluated');
  });

  it('of a phase repeats its tasks in their order until it holds', () => {
    const done: string[] = [];
    const world = scriptedWorld(definition([phase('loop', [task('a'), task('b')], { gate: null, mode: 'iterative', until: { condition: 'tasks.b.outputs.n >= 3', maxRounds: 5 } }), phase('end', [task('c')], { gate: null, needs: ['loop'] })]), (subject, attempt) => {
      done.push(subject);
      return { outputs: { n: attempt } };
    }).start();
    world.settle();
    expect(done).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'c']);
    expect(world.mission.status).toBe('completed');
  });

  it('of a phase fails it past its bound', () => {
    const world = scriptedWorld(definition([phase('loop', [task('a')], { gate: null, mode: 'iterative', until: { condition: 'false', maxRounds: 2 } })])).start();
    world.settle();
    expect([world.mission.phases.get('loop')?.reason, world.mission.status]).toEqual(['until (false) did not hold after 2 rounds', 'failed']);
    world.say('author', 'retry', 'loop');
    expect([world.lastAnswer()?.code, world.mission.status, world.mission.phases.get('loop')?.round]).toEqual(['retried', 'running', 1]);
    world.settle();
    expect(world.mission.tasks.get('a')?.attempt).toBe(4);
  });
});

describe('a rule for retries', () => {
  const spent = { failures: 1, losses: 1, maxAttempts: 9 };

  it('narrows what is tried again, but never for what happened to us', () => {
    expect(decideRetry('timeout', spent, 'k', { on: ['work'] })).toEqual({ retry: false });
    expect(decideRetry('network', spent, 'k', { on: ['work'] })).toEqual({ retry: false });
    expect(decideRetry('work', spent, 'k', { on: ['work'] }).retry).toBe(true);
    expect(decideRetry('lost', spent, 'k', { on: ['work'] }).retry).toBe(true);
    expect(decideRetry('lost', spent, 'k', { on: [] })).toEqual({ retry: false });
  });

  it('never widens what is tried again', () => {
    expect(decideRetry('input', spent, 'k', { on: ['input'] })).toEqual({ retry: false });
  });

  it('sets how long to wait, from the first delay by its factor up to the longest', () => {
    const waits = [1, 2, 3, 4].map((failures) => decideRetry('work', { ...spent, failures }, 'k', { initialSeconds: 10, factor: 3, maxSeconds: 60 }));
    const seconds = waits.map((wait) => (wait.retry ? wait.delayMs / 1000 : 0));
    for (const [index, base] of [10, 30, 60, 60].entries()) {
      expect(seconds[index]).toBeGreaterThanOrEqual(base);
      expect(seconds[index]).toBeLessThan(base * 1.25);
    }
  });

  it('holds for attempts of its task', () => {
    const world = scriptedWorld(oneGo([task('a', { maxAttempts: 5, retry: { on: ['timeout'] } })]), (_subject, attempt) => ({ fails: attempt === 1 ? 'timeout' : 'work' })).start();
    world.settle();
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'failed', attempt: 2 });
  });
});

describe('a time limit', () => {
  it('of a phase ends what runs in it and fails it; another phase goes on', () => {
    const world = scriptedWorld(definition([phase('slow', [task('a'), task('b', { needs: ['a'] })], { gate: null, timeoutSeconds: 600 }), phase('other', [task('c')], { gate: null })], { failFast: false })).start();
    expect(world.todo.map(({ subject }) => subject)).toEqual(['a', 'c']);
    world.fireNextTimer();
    expect(world.mission.tasks.get('a')).toMatchObject({ status: 'failed', failure: 'timeout', reason: 'phase slow took longer than its limit of 10 minutes' });
    world.settle();
    expect([statuses(world.mission), world.mission.status]).toEqual([{ a: 'failed', b: 'blocked', c: 'done' }, 'partially-failed']);
    // What the ended attempt still sends is refused.
    expect(world.events.filter(({ body }) => body.type === 'task.completed')).toHaveLength(1);
  });

  it('of a phase is over with its tasks: the time at its gate is the people\'s', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')], { timeoutSeconds: 60 })])).start();
    world.settle();
    expect([world.mission.phases.get('p')?.gate.status, world.types().includes('phase.timed-out')]).toEqual(['awaiting', false]);
  });

  it('begins anew when a person tries again', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')], { gate: null, timeoutSeconds: 60 })])).start();
    world.fireNextTimer();
    expect(world.mission.status).toBe('failed');
    world.now += 3_600_000;
    world.todo.length = 0;
    world.say('author', 'retry', 'a');
    expect(world.mission.phases.get('p')?.deadline).toBe(world.now + 60_000);
    expect(world.timers).toHaveLength(1);
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('of the mission ends everything that runs and fails it', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b'), task('c', { needs: ['b'] })], { timeoutSeconds: 3600, failFast: false, maxParallel: 1 })).start();
    world.work();
    world.fireNextTimer();
    expect(statuses(world.mission)).toMatchObject({ a: 'done', b: 'failed', c: 'blocked' });
    expect([world.mission.status, world.mission.reason]).toEqual(['partially-failed', 'the mission took longer than its limit of 60 minutes']);
  });

  it('of the mission holds while it is paused, and what succeeded is undone', () => {
    const world = scriptedWorld(oneGo([task('a'), task('b', { needs: ['a'] })], { timeoutSeconds: 3600, onFailure: 'rollback' })).start();
    world.say('author', 'pause');
    world.settle();
    expect([statuses(world.mission), world.mission.status, world.mission.rollback?.tasks]).toEqual([{ a: 'done', b: 'ready', 'undo/a': 'done' }, 'failed', ['a']]);
  });

  it('of a mission that is over in time changes nothing', () => {
    const world = scriptedWorld(oneGo([task('a')], { timeoutSeconds: 60 })).start();
    world.work();
    expect(world.mission.status).toBe('completed');
    world.settle();
    expect([world.mission.status, world.types().includes('mission.timed-out')]).toEqual(['completed', false]);
  });
});

describe('failures', () => {
  it('of a partial phase do not fail it as long as something succeeded', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b'), task('c', { needs: ['a'] })], { gate: null, mode: 'partial' }), phase('q', [task('d'), task('e', { needs: ['a'] })], { gate: null, needs: ['p'] })]), (subject) => (subject === 'a' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'done', c: 'skipped', d: 'done', e: 'skipped' });
    expect(world.mission.status).toBe('completed');
  });

  it('of a partial phase fail it when nothing succeeded', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b')], { gate: null, mode: 'partial' })]), () => ({ fails: 'input' })).start();
    world.settle();
    expect([statuses(world.mission), world.mission.status]).toEqual([{ a: 'failed', b: 'failed' }, 'failed']);
  });

  it('of a phase that goes on after failures do not stop its other tasks', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b')], { gate: null, failFast: false }), phase('q', [task('c')], { gate: null, needs: ['p'] })], { maxParallel: 1 }), (subject) => (subject === 'a' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'done', c: 'pending' });
    expect(world.mission.status).toBe('failed');
  });

  it('of a phase that stops itself let another phase go on', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b')], { gate: null, failFast: true, maxParallel: 1 }), phase('q', [task('c'), task('d', { needs: ['c'] })], { gate: null })], { failFast: false, maxParallel: 2 }), (subject) => (subject === 'a' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ a: 'failed', b: 'ready', c: 'done', d: 'done' });
    expect(world.mission.status).toBe('partially-failed');
    world.worker = scriptedWorld(world.definition).worker;
    world.say('author', 'retry', 'a');
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('let a mission that goes on after them end as partially failed only when something succeeded', () => {
    const ends = (...failing: readonly string[]) => {
      const world = scriptedWorld(oneGo([task('a'), task('b')], { failFast: false }), (subject) => (failing.includes(subject) ? { fails: 'input' } : undefined)).start();
      world.settle();
      return world.mission.status;
    };
    expect([ends('a'), ends('a', 'b'), ends()]).toEqual(['partially-failed', 'failed', 'completed']);
  });

  it('of a phase keep to its own number of tasks at once', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b'), task('c')], { gate: null, maxParallel: 1 }), phase('q', [task('d'), task('e')], { gate: null })], { maxParallel: 3 })).start();
    expect(world.todo.map(({ subject }) => subject)).toEqual(['a', 'd', 'e']);
    world.settle();
    expect(world.mission.status).toBe('completed');
  });
});
