import { describe, expect, it } from 'vitest';

import { combineMetrics } from '../../../src/core/gate/metrics.ts';
import { judgeRubric, rubricProblems } from '../../../src/core/gate/rubric.ts';
import * as fc from '../../support/fast-check.ts';

describe('a rubric', () => {
  it.each([
    [{ coverage_min: 0.8 }, { coverage: 0.8 }, true, null],
    [{ coverage_min: 0.8 }, { coverage: 0.79 }, false, 'coverage_min not reached: 0.79 < 0.8'],
    [{ contradictions_max: 0 }, { contradictions: 2 }, false, 'contradictions_max exceeded: 2 > 0'],
    [{ feasibility_required: true }, { feasibility: 1 }, true, null],
    [{ feasibility_required: true }, { feasibility: 0 }, false, 'feasibility_required: required, but 0'],
    [{ feasibility_required: false }, {}, true, null],
    [{ personas_count_range: [3, 5] }, { personas_count: 6 }, false, 'personas_count_range left: 6 is not within 3 … 5'],
    [{ personas_count_range: [3, 5] }, { personas_count: 3 }, true, null],
    [{ personas_count: [3, 5] }, { personas_count: 5 }, true, null],
    [{ personas_count: [3, 5] }, { personas_count: 2 }, false, 'personas_count left: 2 is not within 3 … 5'],
  ])('%j over %j: %s', (rubric, metrics, passed, reason) => {
    expect(judgeRubric(rubric, metrics)).toMatchObject([{ passed, reason }]);
  });

  it('fails a line whose metric nobody measured, naming the nearest one', () => {
    expect(judgeRubric({ tests_fail_max: 0 }, { tests_failed: 0 })[0]?.reason).toBe('tests_fail_max: no guard measured "tests_fail" (did you mean "tests_failed"?)');
    expect(judgeRubric({ test_max: 0 }, { lines_added: 1 })[0]?.reason).toBe('test_max: no guard measured "test" (did you mean "tests"?)');
    expect(judgeRubric({ coverage_min: 0.8 }, { tests: 1 })[0]?.reason).toBe('coverage_min: no guard measured "coverage"');
    expect(judgeRubric({ zzz_max: 0 }, { b: 1, a: 2 })[0]?.reason).toBe('zzz_max: no guard measured "zzz" (measured: a, b)');
    expect(judgeRubric({ x_max: 0 }, {})[0]?.reason).toBe('x_max: no guard measured "x" (nothing was measured)');
  });

  it('judges every line, whatever the others say, in alphabetical order', () => {
    expect(judgeRubric({ b_max: 0, a_min: 1 }, { a: 0, b: 1 }).map((line) => [line.rule, line.passed])).toEqual([['a_min', false], ['b_max', false]]);
  });

  it('says what is wrong with keys and values', () => {
    expect(rubricProblems({ coverage: 1, x_max: 'many', y_required: 1, z_range: [2, 1], ok_min: 0, bare: [1, 2], upside: [2, 1], long: [1, 2, 3], 'a b': [1, 2] }).map((problem) => problem.key)).toEqual(['coverage', 'x_max', 'y_required', 'z_range', 'upside', 'long', 'a b']);
  });

  it('never passes a malformed line, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.double()), (rubric, metrics) => {
        const lines = judgeRubric(rubric, metrics);
        expect(lines).toHaveLength(Object.keys(rubric).length);
        const bad = new Set(rubricProblems(rubric as never).map((problem) => problem.key));
        for (const line of lines) if (bad.has(line.rule)) expect(line.passed).toBe(false);
      }),
    );
  });
});

describe('a metric that is no number', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, null])('was not measured: %s', (value) => {
    const metrics = { failures: value as number };
    expect(judgeRubric({ failures_max: 0, failures_min: 0, failures_range: [0, 1] }, metrics).map((line) => [line.passed, line.measured])).toEqual([
      [false, 'not measured'],
      [false, 'not measured'],
      [false, 'not measured'],
    ]);
  });
});

describe('metrics of several guards', () => {
  it('add up, and shares are computed from the sums, rounded down', () => {
    expect(combineMetrics([{ tests: 3, tests_failed: 1, lines_covered: 1, lines_coverable: 2, coverage: 0.5 }, { tests: 2, tests_failed: 0, lines_covered: 98, lines_coverable: 98, coverage: 1 }, { mine_failed: 1 }])).toEqual({
      tests: 5, tests_failed: 1, lines_covered: 99, lines_coverable: 100, coverage: 0.99, mine_failed: 1,
    });
    expect(combineMetrics([{ lines_covered: 99_999, lines_coverable: 100_000 }]).coverage).toBe(0.9999);
  });

  it('of nothing have no share: 0 of 0 is not covered', () => {
    expect(combineMetrics([{ lines_covered: 0, lines_coverable: 0 }])).toEqual({ lines_covered: 0, lines_coverable: 0 });
  });

  it('are the same in any order and however they are put together', () => {
    const one = fc.record({ tests: fc.nat(1000), lines_covered: fc.nat(1000), lines_coverable: fc.integer({ min: 1, max: 1000 }) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (all) => {
        const [first, ...rest] = all;
        expect(combineMetrics(all.toReversed())).toEqual(combineMetrics(all));
        expect(combineMetrics([first ?? {}, combineMetrics(rest)])).toEqual(combineMetrics(all));
      }),
    );
  });
});
