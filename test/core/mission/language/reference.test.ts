import { describe, expect, it } from 'vitest';

import type { FanOut, TaskDefinition } from '../../../../src/core/mission/definition.ts';
import { evolve } from '../../../../src/core/mission/evolve.ts';
import type { Mission } from '../../../../src/core/mission/state.ts';
import { missionFromRows, runState, touchedTasks } from '../../../../src/store/mission-rows.ts';
import type { Json } from '../../../../src/kit/json.ts';
import { definition, phase, task } from '../../../support/definitions.ts';
import * as fc from '../../../support/fast-check.ts';
import type { PureWorld } from '../../../support/pure-world.ts';
import { scriptedWorld } from '../../../support/scripted-world.ts';

/** A task as a person could write it, and how its attempts (or those of its items) end. */
interface Drawn {
  readonly needs: readonly number[];
  readonly condition: 'none' | 'always' | 'failure' | 'false' | 'parity';
  readonly continueOnError: boolean;
  readonly items: readonly boolean[] | null;
  readonly mode: FanOut['mode'];
  readonly fails: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  needs: fc.array(fc.nat(), { maxLength: 3 }),
  condition: fc.oneof({ weight: 3, arbitrary: fc.constant('none' as const) }, fc.constantFrom('always', 'failure', 'false', 'parity')),
  continueOnError: fc.constantFrom(false, false, true),
  items: fc.option(fc.array(fc.boolean(), { maxLength: 4 }), { freq: 4 }),
  mode: fc.constantFrom('parallel', 'sequential', 'partial'),
  fails: fc.boolean(),
});

const missions = fc.array(drawn, { minLength: 1, maxLength: 12 });
const chances = fc.infiniteStream(fc.nat());

const needsOf = (one: Drawn, index: number): readonly number[] => (index === 0 ? [] : [...new Set(one.needs.map((need) => need % index))]);

function conditionOf(one: Drawn, index: number): string | undefined {
  const [first] = needsOf(one, index);
  switch (one.condition) {
    case 'none':
      return undefined;
    case 'always':
      return 'always()';
    case 'failure':
      return 'failure()';
    case 'false':
      return '1 > 2';
    case 'parity':
      return first === undefined ? 'true' : `tasks.t${first}.outputs.n % 2 == 0`;
  }
}

function taskOf(one: Drawn, index: number): TaskDefinition {
  const condition = conditionOf(one, index);
  const strategy: FanOut | null = one.items && { over: { matrix: one.items.map((_, n) => ({ n })) }, mode: one.mode, maxParallel: 2, failFast: false, minSuccess: 1, collect: { expression: '0' }, schema: null };
  return task(`t${index}`, {
    needs: needsOf(one, index).map((need) => `t${need}`),
    continueOnError: one.continueOnError,
    ...(condition === undefined ? {} : { if: condition }),
    ...(strategy === null ? {} : { strategy, outputs: { n: `\${{ ${index} }}` } }),
  });
}

const missionOf = (tasks: readonly Drawn[]) => definition([phase('p', tasks.map(taskOf), { gate: null })], { failFast: false, maxParallel: 5 });

type Ending = 'done' | 'failed' | 'skipped' | 'blocked';

/** What becomes of every task, by rules of its own: one look at each task, after all of its needs. */
function executeSimply(tasks: readonly Drawn[]): readonly Ending[] {
  const endings: Ending[] = [];
  const excused = (need: number) => tasks[need]?.continueOnError === true;
  const failedBehind = (index: number): boolean => {
    const ending = endings[index];
    if (ending === 'failed') return !excused(index);
    if (ending === 'blocked') return true;
    return ending === 'skipped' && skippedForNeed[index] === true && needsOf(tasks[index] as Drawn, index).some(failedBehind);
  };
  const skippedForNeed: boolean[] = [];
  tasks.forEach((one, index) => {
    const needs = needsOf(one, index);
    const tolerant = one.condition === 'always' || one.condition === 'failure';
    const skipped = needs.some((need) => endings[need] === 'skipped');
    const failed = needs.some((need) => endings[need] === 'blocked' || (endings[need] === 'failed' && !excused(need)));
    skippedForNeed[index] = !tolerant && skipped;
    if (!tolerant && skipped) endings.push('skipped');
    else if (!tolerant && failed) endings.push('blocked');
    else endings.push(runSimply(one, needs, tasks, endings, needs.some(failedBehind)));
  });
  return endings;
}

function runSimply(one: Drawn, needs: readonly number[], tasks: readonly Drawn[], endings: readonly Ending[], failure: boolean): Ending {
  if (one.condition === 'false' || (one.condition === 'failure' && !failure)) return 'skipped';
  const [first] = needs;
  if (one.condition === 'parity' && first !== undefined) {
    // A failed need gave nothing to look at; a group gives no `n`.
    if (endings[first] !== 'done' || tasks[first]?.items) return 'failed';
    if (first % 2 !== 0) return 'skipped';
  }
  if (one.items === null) return one.fails ? 'failed' : 'done';
  const succeeded = one.items.filter((fails) => !fails).length;
  return one.mode === 'partial' ? (succeeded >= Math.min(1, one.items.length) ? 'done' : 'failed') : succeeded === one.items.length ? 'done' : 'failed';
}

function play(tasks: readonly Drawn[], chance: () => number): PureWorld {
  const world = scriptedWorld(missionOf(tasks), (subject) => {
    const [, index = '', item] = /^t(\d+)(?:-(\d+))?$/.exec(subject) ?? [];
    const one = tasks[Number(index)];
    const fails = item === undefined ? one?.fails : one?.items?.[Number(item) - 1];
    return fails === true ? { fails: 'input' } : { outputs: { n: Number(index) } };
  }).start();
  while (world.todo.length > 0) world.work(chance() % world.todo.length);
  return world;
}

describe('a mission of any shape', () => {
  it('comes to what a simple executor comes to, whatever order attempts end in', () => {
    fc.assert(
      fc.property(missions, chances, (tasks, stream) => {
        const world = play(tasks, () => Number(stream.next().value));
        expect(tasks.map((_, index) => world.mission.tasks.get(`t${index}`)?.status)).toEqual(executeSimply(tasks));
        expect(['completed', 'failed', 'partially-failed']).toContain(world.mission.status);
      }),
      { numRuns: 400 },
    );
  });

  it('never works on a task twice at once, nor before it is known how its needs went', () => {
    fc.assert(
      fc.property(missions, chances, (tasks, stream) => {
        const world = play(tasks, () => Number(stream.next().value));
        const active = new Set<string>();
        const settled = new Set<string>();
        for (const { body } of world.events) {
          if (body.type === 'task.queued' || body.type === 'task.expanded') {
            expect(active.has(body.task)).toBe(false);
            active.add(body.task);
            for (const need of world.mission.index.tasks.get(body.task)?.needs ?? []) expect(settled.has(need)).toBe(true);
          } else if (body.type === 'tasks.blocked' || body.type === 'tasks.skipped') body.tasks.forEach((id) => settled.add(id));
          else if (body.type === 'task.completed' || body.type === 'task.failed' || body.type === 'task.skipped') {
            active.delete(body.task);
            settled.add(body.task);
          }
        }
        expect([...active]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same results and the same outputs over a hundred schedules', () => {
    const tasks = fc.sample(missions, { numRuns: 1, seed: 42 })[0] ?? [];
    const wide: readonly Drawn[] = [...tasks, ...Array.from({ length: 6 }, (_, index): Drawn => ({ needs: [index], condition: 'none', continueOnError: true, items: [false, true, false, false], mode: 'partial', fails: false }))];
    const results = Array.from({ length: 100 }, (_, seed) => {
      const stream = fc.sample(fc.nat(), { numRuns: 500, seed });
      let at = 0;
      const { mission } = play(wide, () => stream[(at += 1) % stream.length] ?? 0);
      return JSON.stringify(wide.map((_one, index) => [mission.tasks.get(`t${index}`)?.status, mission.tasks.get(`t${index}`)?.outputs]));
    });
    expect(new Set(results).size).toBe(1);
  });

  it('is the same again when it is put together from what was written of it, event by event', () => {
    fc.assert(
      fc.property(missions, chances, (tasks, stream) => {
        const world = play(tasks, () => Number(stream.next().value));
        let state: Mission | null = null;
        const rows = new Map<string, string>();
        for (const event of world.events) {
          const before: Mission | null = state;
          state = evolve(before, structuredClone(event)) as Mission;
          for (const one of touchedTasks(before, state, [event])) rows.set(one.id, JSON.stringify(one));
          const written = JSON.parse(JSON.stringify(runState(state))) as Json;
          const again = missionFromRows(written, structuredClone(state.plan), JSON.parse(JSON.stringify(state.phases.valueSeq().toArray())) as never, [...rows.values()].map((text) => JSON.parse(text) as never)) as Mission;
          expect(plain(again)).toEqual(plain(state));
        }
        expect(plain(state as unknown as Mission)).toEqual(plain(world.mission));
      }),
      { numRuns: 60 },
    );
  });
});

function plain(mission: Mission): unknown {
  const { index, ready, tasks, phases, ...rest } = mission;
  const lanes = Object.fromEntries(Object.entries(ready.toJS() as Record<string, { ready: string[]; moving: number; active: number; done: number }>).flatMap(([id, lane]) => {
    const open = { ...lane, ready: lane.ready.filter((one) => tasks.get(one)?.status === 'ready') };
    return open.ready.length + open.active + open.moving + open.done === 0 ? [] : [[id, open]];
  }));
  return JSON.parse(JSON.stringify({ ...rest, lanes, tasks: tasks.toJS(), phases: phases.toJS(), order: [...index.tasks.keys()].sort(), siblings: [...index.tasksOfPhase] }));
}
