import { describe, expect, test } from 'vitest';

import { EndedBefore } from '../../src/config/ended-before.ts';
import { definition, phase, task } from '../support/definitions.ts';
import * as fc from '../support/fast-check.ts';

describe('EndedBefore', () => {
  test('agrees with a simple search, whatever needs what', () => {
    const needs = fc.array(fc.array(fc.nat(11), { maxLength: 3 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(needs, (graph) => {
        // Edges lead to smaller numbers: no circles. Four tasks a phase, one phase after the other.
        const lower = graph.map((list, index) => [...new Set(list.filter((need) => need < index))]);
        const tasks = lower.map((list, index) => task(`t${index}`, { needs: list.map((need) => `t${need}`) }));
        const written = definition([phase('a', tasks.slice(0, 4)), phase('b', tasks.slice(4, 8), { needs: ['a'] }), phase('c', tasks.slice(8), { needs: [] })]);
        const ended = new EndedBefore(written);
        const reach = (from: number): ReadonlySet<number> => new Set((lower[from] ?? []).flatMap((need) => [need, ...reach(need)]));
        for (let of = 0; of < 12; of += 1) {
          const p = Math.floor(of / 4);
          for (let id = 0; id < 12; id += 1) {
            const expected = reach(of).has(id) || (p === 1 && id < 4);
            expect(ended.taskEnded(`t${of}`, p, `t${id}`), `${of} after ${id}`).toBe(expected);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('survives circles and needs that lead nowhere', () => {
    const ended = new EndedBefore(definition([phase('a', [task('x', { needs: ['y'] }), task('y', { needs: ['x', 'nowhere'] }), task('z', { needs: ['y'] })], { needs: ['a'] })]));
    expect([ended.taskEnded('z', 0, 'y'), ended.taskEnded('z', 0, 'nowhere'), ended.taskEnded('z', 0, 'z'), ended.phaseEnded(0, 'a')]).toEqual([true, false, false, false]);
  });
});
