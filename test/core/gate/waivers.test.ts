import { describe, expect, it } from 'vitest';

import { judgeRubric } from '../../../src/core/gate/rubric.ts';
import { measureOf, ruleNamed, ruleWord, stands, waiveLines, waiverCovers } from '../../../src/core/gate/waivers.ts';
import type { Rubric } from '../../../src/core/mission/definition.ts';
import type { GuardReport } from '../../../src/core/mission/event.ts';
import type { Waiver } from '../../../src/core/mission/waiver.ts';
import * as fc from '../../support/fast-check.ts';
import { person } from '../../support/pure-world.ts';

const rubric: Rubric = { tests_failed_max: 0, coverage_min: 0.8, signed_required: true, size_range: [10, 20] };

function found(metrics: { readonly [name: string]: number }, reports: readonly GuardReport[] = []) {
  return { lines: judgeRubric(rubric, metrics), metrics, reports };
}

function covers(rule: string, seen: { readonly [name: string]: number }, now: { readonly [name: string]: number }): boolean {
  const measure = (metrics: { readonly [name: string]: number }) => measureOf({ rule }, rubric, found(metrics));
  const asked = measure(seen);
  return asked !== null && waiverCovers({ rule, seen: asked, until: 100 }, rule, measure(now), 99);
}

function waiver(rule: string, metrics: { readonly [name: string]: number }, more: Partial<Waiver> = {}): Waiver {
  const seen = measureOf({ rule }, rubric, found(metrics)) ?? { value: null, limit: 0, worse: 'more' };
  return { number: 1, rule, status: 'approved', by: person('author'), reason: 'r', control: 'c', requestedAt: 0, until: 100, expected: '', measured: '', seen, approvedBy: person('admin'), ...more };
}

describe('a waiver', () => {
  it.each([
    ['tests_failed_max', { tests_failed: 2 }, { tests_failed: 2 }, true],
    ['tests_failed_max', { tests_failed: 2 }, { tests_failed: 1 }, true],
    ['tests_failed_max', { tests_failed: 2 }, { tests_failed: 3 }, false],
    ['coverage_min', { coverage: 0.7 }, { coverage: 0.75 }, true],
    ['coverage_min', { coverage: 0.7 }, { coverage: 0.69 }, false],
    ['signed_required', { signed: 0 }, { signed: 0 }, true],
    ['signed_required', { signed: 0 }, { signed: -1 }, false],
    ['size_range', { size: 25 }, { size: 22 }, true],
    ['size_range', { size: 25 }, { size: 26 }, false],
    ['size_range', { size: 25 }, { size: 5 }, false],
    ['size_range', { size: 5 }, { size: 8 }, true],
    ['size_range', { size: 5 }, { size: 25 }, false],
    ['coverage_min', {}, {}, true],
    ['coverage_min', {}, { coverage: 0.1 }, false],
    ['coverage_min', { coverage: 0.7 }, {}, false],
  ])('of %s over %j seen and %j measured covers: %s', (rule, seen, now, expected) => {
    expect(covers(rule, seen, now)).toBe(expected);
  });

  it('covers what it was asked for, nothing of another rule, and nothing when its time is over', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(rubric)), fc.dictionary(fc.constantFrom('tests_failed', 'coverage', 'signed', 'size'), fc.double({ noNaN: true, min: -50, max: 50 })), (rule, metrics) => {
        const line = judgeRubric(rubric, metrics).find((one) => one.rule === rule);
        const measure = measureOf({ rule }, rubric, found(metrics));
        if (!line || line.passed || measure === null) return;
        const one = waiver(rule, metrics);
        expect(waiverCovers(one, rule, measure, 99)).toBe(true);
        expect(waiverCovers(one, rule, measure, 100)).toBe(false);
        expect(waiverCovers(one, `${rule}x`, measure, 99)).toBe(false);
      }),
    );
  });

  it('never covers a worse value, whatever was seen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (seen, more) => {
        expect(covers('tests_failed_max', { tests_failed: seen }, { tests_failed: seen + more })).toBe(false);
        expect(covers('coverage_min', { coverage: 0.8 - seen / 1000 }, { coverage: 0.8 - (seen + more) / 1000 })).toBe(false);
      }),
    );
  });

  it('of a guard counts its errors, where it counts them', () => {
    const report = (errors: number | null): GuardReport => ({ guard: 'lint', uses: 'sarif', passed: false, summary: '', metrics: { findings_errors: errors ?? 0 }, artifacts: [], ...(errors === null ? {} : { findings: { errors, warnings: 0, notes: 0, digest: null } }) });
    const measure = (errors: number | null) => measureOf({ rule: 'guard lint' }, {}, { metrics: {}, reports: [report(errors)] });
    const asked = (errors: number | null) => ({ rule: 'guard lint', until: 100, seen: measure(errors) ?? { value: null, limit: 0, worse: 'more' as const } });
    expect(waiverCovers(asked(3), 'guard lint', measure(2), 1)).toBe(true);
    expect(waiverCovers(asked(3), 'guard lint', measure(4), 1)).toBe(false);
    expect(waiverCovers(asked(null), 'guard lint', measure(null), 1)).toBe(true);
    // Its report is gone, or cannot be read: nothing was counted, which is not fewer than three.
    expect(waiverCovers(asked(3), 'guard lint', measure(null), 1)).toBe(false);
    const half = measureOf({ rule: 'guard lint' }, {}, { metrics: {}, reports: [{ ...report(1), metrics: {} }] });
    expect(waiverCovers(asked(3), 'guard lint', half, 1)).toBe(false);
  });

  it('marks lines as waived and never as passed, and only while it counts', () => {
    const metrics = { tests_failed: 2, coverage: 0.9, signed: 1, size: 15 };
    const lines = waiveLines(found(metrics), rubric, [waiver('tests_failed_max', metrics)], 99);
    expect(lines.find(({ rule }) => rule === 'tests_failed_max')).toMatchObject({ passed: false, waived: { waiver: 1, until: 100 } });
    expect(stands(lines)).toBe(true);
    for (const status of ['requested', 'withdrawn', 'expired', 'replaced'] as const) {
      expect(stands(waiveLines(found(metrics), rubric, [waiver('tests_failed_max', metrics, { status })], 99))).toBe(false);
    }
    expect(stands(waiveLines({ ...found(metrics), lines }, rubric, [], 99))).toBe(false);
  });

  it('is never possible for the evidence line', () => {
    expect(measureOf({ rule: 'evidence' }, rubric, found({}))).toBeNull();
  });
});

describe('the name of a rule in a command', () => {
  it.each([['tests_failed_max', 'tests_failed_max'], ['TESTS_FAILED_MAX', 'tests_failed_max'], ['guard/lint', 'guard lint'], ['guard lint', 'guard lint'], ['lint', 'guard lint'], ['nothing', null]])('%s means %s', (word, rule) => {
    expect(ruleNamed(word, ['tests_failed_max', 'guard lint', 'evidence'])).toBe(rule);
  });

  it('is one word that means the rule again', () => {
    for (const rule of ['tests_failed_max', 'guard lint']) expect(ruleNamed(ruleWord(rule), ['tests_failed_max', 'guard lint'])).toBe(rule);
  });
});
