import { describe, expect, it } from 'vitest';

import { diagnose, healStrategies } from '../../../src/core/gate/healing.ts';
import { judgeRubric } from '../../../src/core/gate/rubric.ts';
import type { Rubric } from '../../../src/core/mission/definition.ts';
import type { GuardReport } from '../../../src/core/mission/event.ts';
import { healClasses } from '../../../src/core/mission/heal.ts';
import * as fc from '../../support/fast-check.ts';

function failing(rubric: Rubric, metrics: { readonly [name: string]: number }, reports: readonly GuardReport[] = []) {
  const guardLines = reports.filter(({ passed }) => !passed).map(({ guard, summary }) => ({ rule: `guard ${guard}`, expected: 'passed', measured: 'failed', passed: false, reason: `${guard}: ${summary}` }));
  return { lines: [...judgeRubric(rubric, metrics), ...guardLines], metrics, reports };
}

function report(guard: string, uses: string, more: Partial<GuardReport> = {}): GuardReport {
  return { guard, uses, passed: false, summary: 'it broke', metrics: { [`${guard}_failed`]: 1 }, artifacts: [], ...more };
}

describe('what keeps a gate shut', () => {
  it.each([
    ['tests_failed_max', 'tests'],
    ['coverage_min', 'coverage'],
    ['branch_coverage_min', 'coverage'],
    ['secrets_max', 'secrets'],
    ['critical_cves_max', 'vulnerabilities'],
    ['licences_denied_max', 'vulnerabilities'],
    ['files_changed_max', 'scope'],
    ['lint_errors_max', 'lint'],
    ['merge_conflicts_max', 'conflict'],
    ['beauty_min', 'unknown'],
  ])('%s is repaired as %s', (rule, expected) => {
    const metric = rule.replace(/_(max|min)$/, '');
    const rubric = { [rule]: rule.endsWith('_max') ? 0 : 2 };
    expect(diagnose(failing(rubric, { [metric]: 1 })).map((ailment) => ailment.class)).toEqual([expected]);
  });

  it.each([
    [report('unit', 'junit'), 'tests'],
    [report('unit', 'command'), 'unknown'],
    [report('tests', 'command'), 'tests'],
    [report('leaks', 'secrets'), 'secrets'],
    [report('paths', 'scope'), 'scope'],
    [report('report', 'junit', { metrics: {} }), 'missing'],
  ])('a guard is repaired by what it is: %j', (one, expected) => {
    expect(diagnose(failing({}, {}, [one])).map((ailment) => ailment.class)).toEqual([expected]);
  });

  it('is gathered into one repair for each kind, with every reason, in the order of the table', () => {
    const found = diagnose(failing({ tests_failed_max: 0, tests_skipped_max: 0, secrets_max: 0 }, { tests_failed: 2, tests_skipped: 1, secrets: 1 }));
    expect(found.map(({ class: named, rules }) => [named, rules])).toEqual([['secrets', ['secrets_max']], ['tests', ['tests_failed_max', 'tests_skipped_max']]]);
    expect(found[1]?.reasons).toEqual(['tests_failed_max exceeded: 2 > 0', 'tests_skipped_max exceeded: 1 > 0']);
  });

  it('names the findings of its guards', () => {
    const findings = { errors: 2, warnings: 0, notes: 0, digest: 'd1' };
    const reports = [report('lint', 'sarif', { findings }), report('unit', 'junit', { passed: true, metrics: { tests_failed: 2 }, findings: { ...findings, digest: 'd2' } })];
    expect(diagnose(failing({ tests_failed_max: 0 }, { tests_failed: 2 }, reports)).map((ailment) => [ailment.class, ailment.findings])).toEqual([['lint', ['d1']], ['tests', ['d2']]]);
  });

  it('is left to people where nothing but they can help: missing evidence, failed tasks, what is waived', () => {
    const found = failing({ tasks_failed_max: 0, tests_failed_max: 0 }, { tasks_failed: 1, tests_failed: 1 });
    const lines = [...found.lines.map((line) => (line.rule === 'tests_failed_max' ? { ...line, waived: { waiver: 1, until: 5 } } : line)), { rule: 'evidence', expected: '', measured: '', passed: false, reason: 'none' }];
    expect(diagnose({ ...found, lines })).toEqual([]);
  });

  it('is left to people where a secret stands only in the history, which no further commit changes', () => {
    const measured = (secrets: number, past: number) => ({ secrets, secrets_in_history: past });
    const classes = (rubric: Rubric, secrets: number, past: number) => diagnose(failing(rubric, measured(secrets, past), [report('leaks', 'secrets', { metrics: measured(secrets, past) })])).map(({ class: named, rules }) => [named, rules]);
    expect(classes({ secrets_max: 0, secrets_in_history_max: 0 }, 2, 2)).toEqual([]);
    expect(classes({ secrets_max: 0, secrets_in_history_max: 0 }, 3, 2)).toEqual([['secrets', ['secrets_max', 'guard leaks']]]);
    expect(classes({ secrets_max: 0 }, 1, 0)).toEqual([['secrets', ['secrets_max', 'guard leaks']]]);
  });

  it('is not measured: what should have run is looked at first', () => {
    expect(diagnose(failing({ coverage_min: 0.8 }, {})).map((ailment) => ailment.class)).toEqual(['missing']);
  });

  it('gives the same repairs for the same failures, and every failing rule of a rubric is in exactly one', () => {
    const name = fc.stringMatching(/^[a-z_]{1,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name.map((text) => `${text}_max`), fc.constant(0)), fc.dictionary(name, fc.integer({ min: -5, max: 5 })), (rubric, metrics) => {
        const found = failing(rubric, metrics);
        const ailments = diagnose(found);
        expect(diagnose(found)).toEqual(ailments);
        const wanted = found.lines.filter(({ passed, rule }) => !passed && !/^tasks(_|$)/.test(rule.replace(/_max$/, ''))).map(({ rule }) => rule);
        expect(ailments.flatMap(({ rules }) => rules).sort()).toEqual(wanted.sort());
      }),
    );
  });
});

describe('the table of repairs', () => {
  it('has one entry for every kind', () => {
    expect([...healStrategies.map((strategy) => strategy.class), 'rejection'].sort()).toEqual([...healClasses].sort());
  });
});
