import { describe, expect, it } from 'vitest';

import type { Budget } from '../../../../src/core/mission/definition.ts';
import { inUnits, shareOf, spend } from '../../../../src/core/mission/spending.ts';
import { definition, phase, task } from '../../../support/definitions.ts';
import * as fc from '../../../support/fast-check.ts';
import { evidence } from '../../../support/pure-world.ts';
import { scriptedWorld } from '../../../support/scripted-world.ts';

const ids = ['a', 'b', 'c', 'd'];
const inARow = (budget: Budget, more: { readonly phase?: Budget; readonly task?: Budget } = {}) =>
  definition([phase('p', ids.map((id, index) => task(id, { needs: index === 0 ? [] : [ids[index - 1] ?? ''], ...(more.task === undefined || id !== 'b' ? {} : { budget: more.task, maxAttempts: 5 }) })), { gate: null, ...(more.phase === undefined ? {} : { budget: more.phase }) })], { budget });

describe('a budget', () => {
  it('is told of at its shares, once each, and pauses the mission when it is used up', () => {
    const world = scriptedWorld(inARow({ tokens: 1000 }), () => ({ usage: { tokens: 380 } })).start();
    world.settle();
    expect(world.events.flatMap(({ body }) => (body.type === 'budget.warned' ? [body.share] : body.type === 'budget.exceeded' ? [100] : []))).toEqual([75, 100]);
    expect([world.mission.status, world.mission.pausedFor, world.mission.tasks.get('d')?.status]).toEqual(['paused', 'mission', 'ready']);
  });

  it('lets what runs come to its end', () => {
    const world = scriptedWorld(definition([phase('p', ids.map((id) => task(id)), { gate: null })], { budget: { tokens: 100 }, maxParallel: 3 }), () => ({ usage: { tokens: 100 } })).start();
    world.settle();
    expect(ids.map((id) => world.mission.tasks.get(id)?.status)).toEqual(['done', 'done', 'done', 'ready']);
    expect(world.mission.spent?.tokens).toBe(300);
  });

  it('goes on when somebody with write access raises it, not by /resume alone', () => {
    const world = scriptedWorld(inARow({ tokens: 100, usd: 5 }), () => ({ usage: { tokens: 60, usd: 0.1 } })).start();
    world.settle();
    world.say('author', 'resume');
    expect([world.lastAnswer()?.code, world.mission.status]).toEqual(['budget-used-up', 'paused']);
    world.say('stranger', 'budget', '', '1000');
    expect([world.lastAnswer()?.code, world.mission.status]).toEqual(['permission-denied', 'paused']);
    world.say('author', 'budget', '', '110');
    expect(world.lastAnswer()?.code).toBe('budget-too-small');
    world.say('author', 'budget', 'nowhere', '1000');
    expect(world.lastAnswer()?.code).toBe('budget-unknown-scope');
    world.say('author', 'budget', '', '1000');
    expect([world.lastAnswer()?.code, world.mission.status, world.mission.raised]).toEqual(['budget-raised', 'running', { mission: { tokens: 1000, usd: 5 } }]);
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('lets a mission that a person had paused go on by itself once they resumed it and gave it more', () => {
    const world = scriptedWorld(inARow({ tokens: 100 }), () => ({ usage: { tokens: 60 } })).start();
    world.work();
    world.say('author', 'pause');
    world.settle();
    world.say('author', 'resume');
    expect([world.lastAnswer()?.code, world.mission.status, world.mission.pausedFor]).toEqual(['budget-used-up', 'paused', 'mission']);
    world.say('author', 'budget', '', '1000');
    expect(world.mission.status).toBe('running');
  });

  it('that is raised does not undo the pause that a person asked for meanwhile', () => {
    const world = scriptedWorld(inARow({ tokens: 100 }), () => ({ usage: { tokens: 60 } })).start();
    world.settle();
    expect(world.mission.pausedFor).toBe('mission');
    world.say('author', 'pause');
    world.say('author', 'budget', '', '1000');
    expect(world.mission.status).toBe('paused');
    world.say('author', 'resume');
    expect(world.mission.status).toBe('running');
  });

  it('pauses a mission whose work comes back to where nothing is left', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')], { gate: null, mode: 'iterative', until: { condition: 'round == 2', maxRounds: 2 }, budget: { tokens: 50 } })]), () => ({ usage: { tokens: 60 } })).start();
    world.settle();
    expect([world.mission.status, world.mission.pausedFor]).toEqual(['paused', 'phase/p']);
    world.say('author', 'budget', 'p', '1000');
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('says to everybody what is used up', () => {
    const world = scriptedWorld(inARow({ tokens: 100 })).start();
    world.say('stranger', 'budget');
    expect(world.lastAnswer()).toEqual({ accepted: true, code: 'budget' });
  });

  it('of a phase or a task counts what is used in it', () => {
    const ofPhase = scriptedWorld(inARow({}, { phase: { minutes: 1 } }), () => ({})).start();
    ofPhase.settle();
    expect(ofPhase.mission.status).toBe('completed');
    const ofTask = scriptedWorld(inARow({}, { task: { usd: 1 } }), (subject, attempt) => (subject === 'b' ? { usage: { usd: 0.6 }, ...(attempt < 3 ? { fails: 'work' as const } : {}) } : undefined)).start();
    ofTask.settle();
    expect([ofTask.mission.status, ofTask.mission.pausedFor, ofTask.mission.tasks.get('b')?.attempt]).toEqual(['paused', 'task/b', 2]);
    ofTask.say('author', 'budget', 'b', '', '3');
    ofTask.settle();
    expect(ofTask.mission.status).toBe('completed');
  });

  it('that is used up by the last task stops nothing', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')])], { budget: { tokens: 1 } }), () => ({ usage: { tokens: 5 } })).start();
    world.settle();
    expect(world.types()).toContain('budget.exceeded');
    expect(world.mission.phases.get('p')?.gate.status).toBe('awaiting');
  });

  it('counts failed attempts too, and those of items for their group', () => {
    const strategy = { over: { matrix: [{ n: 1 }, { n: 2 }] }, mode: 'sequential', maxParallel: 1, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const world = scriptedWorld(definition([phase('p', [task('g', { strategy, maxAttempts: 2, budget: { tokens: 1000 } })], { gate: null })]), (subject, attempt) => ({ usage: { tokens: 10 }, ...(subject === 'g-1' && attempt === 1 ? { fails: 'work' as const } : {}) })).start();
    world.settle();
    expect([world.mission.tasks.get('g')?.spent?.tokens, world.mission.phases.get('p')?.spent?.tokens, world.mission.spent?.tokens]).toEqual([30, 30, 30]);
  });

  it('is never exceeded unnoticed, whatever attempts use and in whatever order they end', () => {
    const usage = fc.record({ tokens: fc.nat(500), usd: fc.double({ min: 0, max: 2, noNaN: true }) });
    fc.assert(
      fc.property(fc.record({ tokens: fc.integer({ min: 1, max: 2000 }), usd: fc.double({ min: 0.01, max: 5, noNaN: true }) }), fc.array(usage, { minLength: 8, maxLength: 8 }), fc.infiniteStream(fc.nat()), (budget, usages, chances) => {
        const names = usages.map((_, index) => `t${index}`);
        const world = scriptedWorld(definition([phase('p', names.map((id, index) => task(id, { needs: index < 3 ? [] : [names[index - 3] ?? ''] })), { gate: null })], { budget, maxParallel: 3 }), (subject) => ({ usage: usages[Number(subject.slice(1))] ?? {} })).start();
        while (world.todo.length > 0) {
          const before = world.events.length;
          world.work(Number(chances.next().value) % world.todo.length);
          const over = shareOf(world.mission.spent ?? spend(undefined, evidence), budget) >= 1;
          const noticed = world.types().includes('budget.exceeded');
          expect(noticed).toBe(over);
          if (over) expect(world.events.slice(before).filter(({ body }) => body.type === 'task.queued')).toEqual([]);
        }
        const told = world.events.flatMap(({ body }) => (body.type === 'budget.warned' ? [body.share] : []));
        expect(told).toEqual([...new Set(told)].sort((x, y) => x - y));
      }),
    );
  });

  it('adds up to the same in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 20 }), (prices) => {
        const sum = (list: readonly number[]) => list.reduce((spent, usd) => spend(spent, { usage: { usd }, durationMs: 1 }), spend(undefined, { durationMs: 0 }));
        expect(sum(prices)).toEqual(sum(prices.toReversed()));
        expect(inUnits(sum(prices)).usd).toBeCloseTo(prices.reduce((a, b) => a + b, 0), 4);
      }),
    );
  });
});
