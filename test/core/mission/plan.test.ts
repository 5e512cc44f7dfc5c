import { describe, expect, it } from 'vitest';

import type { Definition } from '../../../src/core/mission/definition.ts';
import { withTask } from '../../../src/core/mission/plan-edits.ts';
import { indexPlan } from '../../../src/core/mission/plan-index.ts';
import { makePlan, planShape } from '../../../src/core/mission/plan.ts';
import { definition, phase, planOf, task } from '../../support/definitions.ts';
import * as fc from '../../support/fast-check.ts';

/** A random acyclic definition: tasks may need any task written before them. */
const acyclic = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map((needs) => definition([phase('p', needs.map((list, index) => task(`t${index}`, { needs: index === 0 ? [] : [...new Set(list.map((need) => `t${need % index}`))] })))]));

describe('a plan', () => {
  it('puts every task after its needs and loses none', () => {
    fc.assert(
      fc.property(acyclic, (written) => {
        const plan = planOf(written);
        const at = new Map(plan.tasks.map((one, index) => [one.id, index]));
        expect(at.size).toBe(written.phases[0]?.tasks.length);
        for (const one of plan.tasks) for (const need of one.needs) expect(at.get(need)).toBeLessThan(at.get(one.id) ?? -1);
      }),
    );
  });

  it('has the same hash for the same content and another for any change', () => {
    fc.assert(
      fc.property(acyclic, (written) => {
        const plan = planOf(written);
        expect(planOf(structuredClone(written)).planHash).toBe(plan.planHash);
        expect(planOf({ ...written, name: `${written.name}!` }).planHash).not.toBe(plan.planHash);
      }),
    );
  });

  it('reports a cycle with its members, in order', () => {
    const result = makePlan(definition([phase('p', [task('a', { needs: ['c'] }), task('b', { needs: ['a'] }), task('c', { needs: ['b'] }), task('d')])]));
    expect(result).toMatchObject({ ok: false, error: [{ code: 'cycle', members: ['a', 'c', 'b'], message: 'tasks need each other in a circle: a → c → b → a' }] });
  });

  it('finds a cycle in any definition that has one, and names only tasks of a cycle', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), fc.nat(), (written, from, to) => {
        const tasks = written.phases[0]?.tasks ?? [];
        const [a, b] = [tasks[from % tasks.length], tasks[to % tasks.length]];
        if (!a || !b) return;
        const looped = definition([phase('p', tasks.map((one) => (one.id === a.id ? { ...one, needs: [...one.needs, b.id] } : one)))]);
        const result = makePlan(looped);
        if (result.ok) return;
        const needs = new Map(looped.phases[0]?.tasks.map((one) => [one.id, one.needs]));
        for (const found of result.error) {
          expect(found.code).toBe('cycle');
          found.members.forEach((member, index) => {
            expect(needs.get(member)).toContain(found.members[(index + 1) % found.members.length]);
          });
        }
      }),
    );
  });

  it('reports every problem at once', () => {
    const result = makePlan(definition([phase('p', [task('a', { needs: ['nope'] }), task('a')]), phase('p', [task('b')])]));
    expect(result.ok ? [] : result.error.map((problem) => problem.code).sort()).toEqual(['duplicate-id', 'duplicate-id', 'unknown-need']);
  });

  it('refuses a task that needs a task of a later phase', () => {
    const result = makePlan(definition([phase('one', [task('a', { needs: ['b'] })]), phase('two', [task('b')], { needs: ['one'] })]));
    expect(result).toMatchObject({ ok: false, error: [{ code: 'later-phase', members: ['a', 'b'] }] });
  });

  it('refuses a mission without tasks', () => {
    expect(makePlan(definition([phase('p', [])]))).toMatchObject({ ok: false, error: [{ code: 'empty' }] });
  });

  it('knows how deep and how wide it is', () => {
    const plan = planOf(definition([phase('p', [task('a'), task('b', { needs: ['a'] }), task('c', { needs: ['a'] }), task('d', { needs: ['b', 'c'] })])]));
    expect(planShape(plan)).toEqual({ depth: 3, width: 2 });
    expect(indexPlan(plan).dependents.get('a')).toEqual(['b', 'c']);
  });

  it('changes its hash when a task is added', () => {
    const plan = planOf(definition([phase('p', [task('a')])]));
    const grown = withTask(plan, { ...task('b'), phase: 'p' });
    expect(grown.planHash).not.toBe(plan.planHash);
    expect(grown.tasks.map((one) => one.id)).toEqual(['a', 'b']);
  });

  it('keeps its hash when the language grows, as long as nothing new is used', () => {
    const used = definition([phase('p', [task('a'), task('b', { needs: ['a'] })])]);
    expect(planOf(used).planHash).toBe('2b93d18e237a2070f454c511dd07c604cb4f2fd016b6597ec032338cc054518d');
    const spelledOut = { ...used, inputs: undefined, phases: used.phases.map((one) => ({ ...one, if: undefined, tasks: one.tasks.map((two) => ({ ...two, until: undefined })) })) } as unknown as Definition;
    expect(planOf(spelledOut).planHash).toBe(planOf(used).planHash);
    expect(planOf({ ...used, phases: used.phases.map((one) => ({ ...one, if: 'true' })) }).planHash).not.toBe(planOf(used).planHash);
  });

  it('refuses names that the items of a task will have', () => {
    const strategy = { over: { matrix: [{ n: 1 }] }, mode: 'parallel', maxParallel: 1, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const result = makePlan(definition([phase('p', [task('build', { strategy }), task('build-1'), task('build-x')])]));
    expect(result).toMatchObject({ ok: false, error: [{ code: 'item-id', members: ['build-1', 'build'] }] });
  });
});
