import { describe, expect, it } from 'vitest';

import { effectiveRule, judgeApprovals, missingOf } from '../../../src/core/gate/approvals.ts';
import type { ApprovalContext, CountedApproval, Ownership } from '../../../src/core/gate/approvals.ts';
import type { ApprovalRule, Approver } from '../../../src/core/mission/definition.ts';
import * as fc from '../../support/fast-check.ts';

const rule = (more: Partial<ApprovalRule> = {}): ApprovalRule => ({ count: 1, minimumRole: 'write', allowRequester: true, ...more });
const nobodyExcluded: ApprovalContext = { ownership: null, excluded: () => null };
const judge = (of: ApprovalRule, approvals: readonly CountedApproval[], context = nobodyExcluded) => judgeApprovals(effectiveRule(of, null), approvals, context);
const by = (login: string, role = 'write', standing?: CountedApproval['standing']): CountedApproval => ({ login, role, ...(standing === undefined ? {} : { standing }) });
const owned: Ownership = { known: true, sets: [{ key: '@acme/db', files: 2, example: 'db/a.sql' }, { key: '@ui', files: 1, example: 'ui/a.ts' }] };

describe('the approvals of a gate', () => {
  it('count by role, from the named one on, and once for a person', () => {
    expect(judge(rule(), [by('a', 'admin')]).state).toBe('passed');
    const verdict = judge(rule({ count: 2 }), [by('a'), by('A'), by('b', 'read')]);
    expect(verdict).toMatchObject({ state: 'waiting', reason: '1 more of people with write access or more' });
    expect(missingOf(verdict)).toBe(1);
  });

  it('count for a team by membership alone, and for a person by name', () => {
    const of = rule({ from: ['team:security', 'user:octocat'] });
    expect(judge(of, [by('a', 'admin')]).reason).toBe('1 more of team security or @octocat');
    expect(judge(of, [by('a', 'read', { teams: ['security'], owns: [] })]).state).toBe('passed');
    expect(judge(of, [by('Octocat', 'read')]).state).toBe('passed');
  });

  it('must hold for every rule of all, and for one of any', () => {
    const of = rule({ all: [{ count: 1, from: ['team:db'] }], any: [{ count: 1, from: ['team:release'] }, { count: 2, from: ['role:admin'] }] });
    const db = by('d', 'write', { teams: ['db'], owns: [] });
    expect(judge(of, [db]).reason).toBe('1 more of team release, or 2 more of people with admin access or more');
    expect(judge(of, [db, by('r', 'read', { teams: ['release'], owns: [] })]).state).toBe('passed');
    expect(judge(of, [db, by('x', 'admin'), by('y', 'admin')]).state).toBe('passed');
    expect(missingOf(judge(of, [db]))).toBe(1);
  });

  it('of code owners cover every touched file that has one', () => {
    const of = rule({ from: ['codeowners'] });
    const context = { ...nobodyExcluded, ownership: owned };
    const db = by('d', 'write', { teams: [], owns: ['@acme/db'] });
    const half = judge(of, [db], context);
    expect(half.state).toBe('waiting');
    expect(half.reason).toBe('1 more of the code owners: @ui for ui/a.ts');
    expect(judge(of, [db, by('ui', 'write', { teams: [], owns: ['@ui'] })], context).state).toBe('passed');
    expect(judge(of, [by('ui', 'read', { teams: [], owns: ['@ui', '@acme/db'] })], context).state).toBe('waiting');
    expect(judge(rule({ from: ['codeowners', 'role:admin'] }), [by('boss', 'admin')], context).state).toBe('passed');
  });

  it('of code owners come from people with write access where no touched file has an owner, and from nobody where owners are unknown', () => {
    const of = rule({ from: ['codeowners'] });
    expect(judge(of, [by('a')], { ...nobodyExcluded, ownership: { known: true, sets: [] } }).state).toBe('passed');
    expect(judge(of, [by('a', 'read')], { ...nobodyExcluded, ownership: { known: true, sets: [] } }).state).toBe('waiting');
    const unknown = judge(of, [by('a', 'admin')], { ...nobodyExcluded, ownership: { known: false, reason: '3000 files' } });
    expect(unknown).toMatchObject({ state: 'waiting', reason: expect.stringContaining('not known: 3000 files') as string });
    expect(judge(of, [by('a', 'admin')]).state).toBe('waiting');
  });

  it('of excluded people count for nothing, and say why', () => {
    const verdict = judge(rule(), [by('a')], { ...nobodyExcluded, excluded: (login) => (login === 'a' ? 'they wrote part of the change' : null) });
    expect(verdict.state).toBe('waiting');
    expect(verdict.children).toContainEqual({ name: '@a', state: 'failed', expected: null, measured: 'does not count', reason: 'they wrote part of the change', children: [] });
  });

  it('never need less than the repository asks, and exclude whom either of the two excludes', () => {
    const policy = { approvals: { minimum: 2, from: ['role:maintain'] as const, exclude: ['requester'] as const }, waivers: null };
    const effective = effectiveRule(rule({ count: 0, exclude: [] }), policy);
    expect(effective.exclude).toEqual(['requester']);
    expect(judgeApprovals(effective, [], nobodyExcluded)).toMatchObject({ state: 'waiting', reason: '2 more of people with maintain access or more' });
    expect(judgeApprovals(effective, [by('a', 'maintain'), by('b', 'admin')], nobodyExcluded).state).toBe('passed');
    expect(effectiveRule(rule({ allowRequester: false }), null).exclude).toEqual(['author', 'co-author', 'committer', 'requester']);
  });
});

describe('judging approvals', () => {
  const logins = fc.constantFrom('a', 'b', 'c', 'A', 'd');
  const approvers = fc.constantFrom<Approver>('role:read', 'role:write', 'role:admin', 'team:x', 'team:y', 'user:a', 'user:d', 'codeowners');
  const group = fc.record({ count: fc.integer({ min: 1, max: 3 }), from: fc.uniqueArray(approvers, { minLength: 1, maxLength: 3 }) });
  const rules = fc.record({ count: fc.integer({ min: 0, max: 3 }), minimumRole: fc.constant('write' as const), allowRequester: fc.boolean(), from: fc.uniqueArray(approvers, { minLength: 1, maxLength: 3 }), all: fc.array(group, { maxLength: 2 }), any: fc.array(group, { maxLength: 3 }) });
  const approval = fc.record({ login: logins, role: fc.constantFrom('none', 'read', 'write', 'admin', 'odd'), standing: fc.record({ teams: fc.subarray(['x', 'y']), owns: fc.subarray(['@acme/db', '@ui']) }) });
  const contexts = fc.record({
    ownership: fc.constantFrom<Ownership | null>(null, owned, { known: true, sets: [] }, { known: false, reason: 'no' }),
    excluded: fc.constantFrom((login: string) => (login === 'c' ? 'no' : null), () => null),
  });

  it('is monotone: one more approval never shuts a gate', () => {
    fc.assert(
      fc.property(rules, fc.array(approval, { maxLength: 5 }), approval, contexts, (of, given, more, context) => {
        if (judge(of, given, context).state === 'passed') expect(judge(of, [...given, more], context).state).toBe('passed');
        expect(missingOf(judge(of, [...given, more], context))).toBeLessThanOrEqual(missingOf(judge(of, given, context)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts a person once, whatever order and however often they approve', () => {
    fc.assert(
      fc.property(rules, fc.array(approval, { maxLength: 4 }), contexts, (of, given, context) => {
        expect(judge(of, [...given, ...given], context).state).toBe(judge(of, given, context).state);
        const alone = judge({ ...of, count: 2, from: ['role:read'] }, given.map((one) => ({ ...one, login: 'a' })), context);
        expect(alone.state).toBe('waiting');
      }),
      { numRuns: 1_000 },
    );
  });

  it('says what is missing exactly when something is, and leaves nothing out of the tree', () => {
    fc.assert(
      fc.property(rules, fc.array(approval, { maxLength: 4 }), contexts, (of, given, context) => {
        const verdict = judge(of, given, context);
        expect(verdict.reason === null).toBe(verdict.state === 'passed');
        expect(missingOf(verdict) === 0).toBe(verdict.state === 'passed');
        expect(verdict.children.filter(({ name }) => name === 'also')).toHaveLength(of.all.length);
        expect(verdict.children.filter(({ name }) => name === 'any')).toHaveLength(of.any.length > 0 ? 1 : 0);
      }),
      { numRuns: 1_000 },
    );
  });
});
