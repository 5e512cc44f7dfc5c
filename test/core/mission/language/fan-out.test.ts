import { describe, expect, it } from 'vitest';

import { collect } from '../../../../src/core/mission/collect.ts';
import type { FanOut, TaskDefinition } from '../../../../src/core/mission/definition.ts';
import { itemId } from '../../../../src/core/mission/groups.ts';
import { viewMission } from '../../../../src/core/mission/view.ts';
import type { Json } from '../../../../src/kit/json.ts';
import { definition, phase, task } from '../../../support/definitions.ts';
import * as fc from '../../../support/fast-check.ts';
import { person } from '../../../support/pure-world.ts';
import { scriptedWorld, statuses } from '../../../support/scripted-world.ts';
import type { Play } from '../../../support/scripted-world.ts';

const fan = (over: FanOut['over'], more: Partial<FanOut> = {}): FanOut => ({ over, mode: 'parallel', maxParallel: 4, failFast: true, minSuccess: 1, collect: 'concat', schema: null, ...more });
const matrix = (...values: readonly Json[]) => ({ matrix: values.map((n) => ({ n })) });
const mission = (tasks: readonly TaskDefinition[], settings = {}) => definition([phase('p', tasks, { gate: null })], { maxParallel: 100, ...settings });
const three = matrix(1, 2, 3);

describe('a task with a matrix', () => {
  it('becomes one task for each combination, which the checklist shows, and gives what they gave in their order', () => {
    const world = scriptedWorld(mission([task('build', { title: 'Build', strategy: fan(three) }), task('ship', { needs: ['build'], if: 'size(tasks.build.outputs.items) == 3' })]), (subject) => ({ outputs: { from: subject } })).start();
    expect(viewMission(world.mission).checklist.phases[0]?.tasks.map(({ id, title }) => [id, title])).toEqual([
      ['build', 'Build'], ['build-1', 'Build (1)'], ['build-2', 'Build (2)'], ['build-3', 'Build (3)'], ['ship', 'Do ship'],
    ]);
    world.settle();
    expect(statuses(world.mission)).toEqual({ build: 'done', 'build-1': 'done', 'build-2': 'done', 'build-3': 'done', ship: 'done' });
    expect(world.mission.tasks.get('build')?.outputs).toEqual({ items: [{ from: 'build-1' }, { from: 'build-2' }, { from: 'build-3' }] });
    expect(world.mission.status).toBe('completed');
  });

  it('names its items by the templates of its title', () => {
    const world = scriptedWorld(mission([task('build', { title: 'Build for ${{ matrix.n }}', strategy: fan(matrix('linux', 'mac')) })])).start();
    expect(viewMission(world.mission).checklist.phases[0]?.tasks.map(({ title }) => title).slice(1)).toEqual(['Build for linux', 'Build for mac']);
  });

  it('runs at most so many items at once, in their order', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(matrix(1, 2, 3, 4, 5), { maxParallel: 2 }) })])).start();
    const seen: string[][] = [];
    while (world.todo.length > 0) {
      seen.push(world.todo.map(({ subject }) => subject));
      world.work(world.todo.length - 1);
    }
    expect(seen.every((at) => at.length <= 2)).toBe(true);
    expect(seen[0]).toEqual(['build-1', 'build-2']);
    expect(world.mission.status).toBe('completed');
  });

  it('runs one item after the other when it is sequential', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(three, { mode: 'sequential', maxParallel: 9 }) })])).start();
    const order: string[] = [];
    while (world.todo.length > 0) {
      expect(world.todo).toHaveLength(1);
      order.push(world.todo[0]?.subject ?? '');
      world.work();
    }
    expect(order).toEqual(['build-1', 'build-2', 'build-3']);
  });

  it('with fail-fast starts no further item after a failure; those that run come to their end', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(matrix(1, 2, 3, 4), { maxParallel: 2 }) })], { failFast: false }), (subject) => (subject === 'build-1' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ build: 'failed', 'build-1': 'failed', 'build-2': 'done', 'build-3': 'skipped', 'build-4': 'skipped' });
    expect(world.mission.tasks.get('build')?.reason).toBe('1 of 4 items succeeded; failed: build-1');
    expect(world.mission.status).toBe('partially-failed');
  });

  it('without fail-fast tries every item before it fails', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(three, { failFast: false }) }), task('ship', { needs: ['build'] })]), (subject) => (subject === 'build-1' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ build: 'failed', 'build-1': 'failed', 'build-2': 'done', 'build-3': 'done', ship: 'blocked' });
  });

  it('that is partial succeeds when enough items do, and fails otherwise', () => {
    const play: Play = (subject) => (subject === 'build-2' ? { outputs: { n: 2 } } : { fails: 'input' });
    const enough = scriptedWorld(mission([task('build', { strategy: fan(three, { mode: 'partial' }) })]), play).start();
    enough.settle();
    expect([enough.mission.tasks.get('build')?.outputs, enough.mission.status]).toEqual([{ items: [{ n: 2 }] }, 'completed']);
    const short = scriptedWorld(mission([task('build', { strategy: fan(three, { mode: 'partial', minSuccess: 2 }) })]), play).start();
    short.settle();
    expect(short.mission.tasks.get('build')?.reason).toBe('1 of 3 items succeeded, and at least 2 must succeed; failed: build-1, build-3');
  });

  it('that is iterative stops as soon as its condition holds', () => {
    const world = scriptedWorld(mission([task('fix', { strategy: fan(matrix(1, 2, 3, 4), { mode: 'iterative' }), until: { condition: 'result.left == 0', maxRounds: 4 } })]), (subject) => ({ outputs: { left: 2 - Number(subject.slice(-1)) } })).start();
    world.settle();
    expect(statuses(world.mission)).toEqual({ fix: 'done', 'fix-1': 'done', 'fix-2': 'done', 'fix-3': 'skipped', 'fix-4': 'skipped' });
    expect(world.mission.tasks.get('fix')?.outputs).toEqual({ items: [{ left: 1 }, { left: 0 }] });
  });

  it('goes on when one of its failed items is retried, and with it what it held up', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(three) }), task('ship', { needs: ['build'] })]), (subject, attempt) => (subject === 'build-2' && attempt === 1 ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(world.mission.status).toBe('failed');
    world.say('author', 'retry', 'build-2');
    expect(statuses(world.mission)).toMatchObject({ build: 'expanded', ship: 'pending' });
    world.settle();
    expect([statuses(world.mission), world.mission.status]).toEqual([{ build: 'done', 'build-1': 'done', 'build-2': 'done', 'build-3': 'done', ship: 'done' }, 'completed']);
  });

  it('goes on with the items that a failure had stopped when the failed one is retried, one at a time as ever', () => {
    const attempts: string[] = [];
    const world = scriptedWorld(mission([task('build', { strategy: fan(matrix(1, 2, 3, 4), { mode: 'sequential' }) })]), (subject, attempt) => {
      attempts.push(subject);
      return subject === 'build-2' && attempt === 1 ? { fails: 'input' } : undefined;
    }).start();
    world.settle();
    expect(statuses(world.mission)).toMatchObject({ 'build-3': 'skipped', 'build-4': 'skipped' });
    world.say('author', 'retry', 'build-2');
    expect(world.todo).toHaveLength(1);
    world.settle();
    expect([attempts, world.mission.status]).toEqual([['build-1', 'build-2', 'build-2', 'build-3', 'build-4'], 'completed']);
  });

  it('gives an item that is retried while others run its turn after them', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(three, { mode: 'sequential' }) })])).start();
    world.work();
    world.say('author', 'retry', 'build-1');
    const order: string[] = [];
    while (world.todo.length > 0) {
      expect(world.todo).toHaveLength(1);
      order.push(world.todo[0]?.subject ?? '');
      world.work();
    }
    expect([order, world.mission.status]).toEqual([['build-2', 'build-1', 'build-3'], 'completed']);
  });

  it('that had no items has its list looked at again when it is retried', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan({ forEach: '[]' }) }), task('ship', { needs: ['build'] })], { failFast: false })).start();
    world.say('author', 'retry', 'build');
    world.settle();
    expect([statuses(world.mission), world.mission.status]).toEqual([{ build: 'done', ship: 'done' }, 'completed']);
    expect(world.types().filter((type) => type === 'task.expanded')).toHaveLength(2);
  });

  it('keeps the names of its items free of tasks that people add', () => {
    const world = scriptedWorld(mission([task('first'), task('build', { needs: ['first'], strategy: fan(three) })])).start();
    world.deliver('add', { kind: 'issue.edited', source: world.mission.source, title: '', body: '', actor: person('author') }, { intents: [{ kind: 'added', title: 'Build 1', phaseTitle: 'p', checked: true }, { kind: 'added', title: 'build', phaseTitle: 'p', checked: true }] });
    world.settle();
    expect(statuses(world.mission)).toMatchObject({ 'build-1': 'done', 'build-1-more': 'done', 'build-more': 'done' });
    expect(world.mission.tasks.get('build')?.outputs).toEqual({ items: [{}, {}, {}] });
  });

  it('tries its failed and passed-over items again when it is retried itself', () => {
    let broken = true;
    const attempts: string[] = [];
    const world = scriptedWorld(mission([task('build', { strategy: fan(three, { mode: 'sequential' }) })]), (subject) => {
      attempts.push(subject);
      return broken && subject === 'build-2' ? { fails: 'input' } : undefined;
    }).start();
    world.settle();
    broken = false;
    world.say('author', 'retry', 'build');
    world.settle();
    expect(attempts).toEqual(['build-1', 'build-2', 'build-2', 'build-3']);
    expect(world.mission.status).toBe('completed');
  });

  it('is done when people tick the items that failed', () => {
    const world = scriptedWorld(mission([task('build', { strategy: fan(three, { failFast: false }) }), task('ship', { needs: ['build'] })]), (subject) => (subject === 'build-2' ? { fails: 'input' } : undefined)).start();
    world.settle();
    world.deliver('tick', { kind: 'issue.edited', source: world.mission.source, title: '', body: '', actor: person('author') }, { intents: [{ kind: 'ticked', task: 'build-2' }] });
    world.settle();
    expect([world.mission.tasks.get('build')?.status, world.mission.status]).toEqual(['done', 'completed']);
  });

  it('passes a gate: its items have left the evidence', () => {
    const world = scriptedWorld(definition([phase('p', [task('build', { strategy: fan(three) }), task('never', { if: 'false' })])])).start();
    world.settle();
    expect(world.mission.phases.get('p')?.gate.status).toBe('awaiting');
  });
});

describe('a task for each item of an expression', () => {
  const forEach = (given: Json, more: Partial<FanOut> = {}) => scriptedWorld(mission([task('list'), task('each', { needs: ['list'], strategy: fan({ forEach: 'tasks.list.outputs.files' }, more) })]), (subject) => ({ outputs: { [subject === 'list' ? 'files' : 'by']: subject === 'list' ? given : subject } })).start();

  it('has as many items as the list', () => {
    const world = forEach(Array.from({ length: 12 }, (_, index) => `f${index}`));
    world.settle();
    expect([...world.mission.tasks.keys()].filter((id) => id.startsWith('each-')).sort()).toEqual(Array.from({ length: 12 }, (_, index) => itemId('each', index, 12)));
    expect(world.mission.tasks.get('each-03')?.item?.value).toBe('f2');
  });

  it('goes through a map in order of its keys', () => {
    const world = forEach({ b: 1, a: 2 });
    world.settle();
    expect(['each-1', 'each-2'].map((id) => world.mission.tasks.get(id)?.item?.value)).toEqual([{ key: 'a', value: 2 }, { key: 'b', value: 1 }]);
  });

  it('is done at once when there is none', () => {
    const world = forEach([]);
    world.settle();
    expect([world.mission.tasks.get('each')?.outputs, world.mission.status]).toEqual([{ items: [] }, 'completed']);
  });

  it.each([
    { given: 7, words: 'gives a number; expected a list or a map' },
    { given: Array.from({ length: 10_001 }, () => 0), words: 'gives 10001 items; at most 10000 are allowed' },
  ])('fails in words when the expression $words', ({ given, words }) => {
    const world = forEach(given);
    world.settle();
    expect(world.mission.tasks.get('each')?.reason).toContain(words);
  });

  it('fails when what was collected does not fit its schema', () => {
    const world = forEach(['a'], { schema: { type: 'object', required: ['total'] } });
    world.settle();
    expect(world.mission.tasks.get('each')?.reason).toContain("what was collected does not fit its schema: outputs must have required property 'total'");
  });
});

describe('what is collected', () => {
  const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
  const outputs = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), json, { maxKeys: 4 });

  it.each(['concat', 'merge', 'vote', { expression: 'size(items)' }] as const)('by %j is the same in whatever order items finish', (how) => {
    fc.assert(
      fc.property(fc.array(outputs, { minLength: 1, maxLength: 5 }), fc.infiniteStream(fc.nat()), (given, chances) => {
        const gives = () => {
          const world = scriptedWorld(mission([task('g', { strategy: fan(matrix(...given.map((_, index) => index)), { maxParallel: 10, collect: how }) })]), (subject) => ({ outputs: given[Number(subject.slice(2)) - 1] ?? {} })).start();
          while (world.todo.length > 0) world.work(Number(chances.next().value) % world.todo.length);
          return world.mission.tasks.get('g')?.outputs;
        };
        expect(gives()).toEqual(gives());
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { how: 'merge', items: [{ b: 1, list: [1], map: { x: 1 } }, { a: 2, b: 3, list: [2], map: { y: 2 } }], gives: { a: 2, b: 3, list: [1, 2], map: { x: 1, y: 2 } } },
    { how: 'vote', items: [{ ok: true }, { ok: false }, { ok: true, why: 'b' }, { why: 'a' }], gives: { ok: true, why: 'a', votes: { ok: 2, why: 1 } } },
    { how: { expression: 'items.map(i, i.n)' }, items: [{ n: 1 }, { n: 2 }], gives: { value: [1, 2] } },
  ] as const)('by $how', ({ how, items, gives }) => {
    expect(collect(fan(three, { collect: how }), items, {})).toEqual({ ok: true, value: gives });
  });
});
