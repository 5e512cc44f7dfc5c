import { isJsonObject } from '../../kit/json.ts';
import { roleReaches } from '../mission/definition.ts';
import type { Approver, RepositoryRole, Rubric } from '../mission/definition.ts';
import type { RepositoryPolicy } from './policy.ts';
import type { GuardReport, RubricLine } from '../mission/event.ts';
import type { Measure, Waiver } from '../mission/waiver.ts';

/** Longest waiver, in days; a repository's policy may ask for less. */
export const longestWaiverDays = 30;

/** Lowest role that may confirm a waiver where the repository's policy names nobody, unless the gate itself asks for more. */
export const waiverRole: RepositoryRole = 'maintain';

/** How long a waiver of a gate may last, and who confirms it. */
export function waiverTerms(policy: RepositoryPolicy | null, minimumRole: RepositoryRole): { readonly maximumDays: number; readonly approvers: readonly Approver[] } {
  const { maxDays = null, from = null } = policy?.waivers ?? {};
  const role = roleReaches(minimumRole, waiverRole) ? minimumRole : waiverRole;
  return { maximumDays: Math.min(longestWaiverDays, maxDays ?? longestWaiverDays), approvers: from ?? [`role:${role}`] };
}

/** What an examination found, as far as waivers are concerned. */
export interface Measured {
  readonly lines: readonly RubricLine[];
  readonly metrics: { readonly [name: string]: number };
  readonly reports: readonly GuardReport[];
}

/**
 * What a line's rule measured; null for a line that cannot be waived. Nothing passes without evidence: only lines of the rubric and
 * of guards can.
 */
export function measureOf({ rule }: Pick<RubricLine, 'rule'>, rubric: Rubric, found: Pick<Measured, 'metrics' | 'reports'>): Measure | null {
  if (rule.startsWith('guard ')) {
    const report = found.reports.find(({ guard }) => guard === rule.slice('guard '.length));
    // A guard that counts nothing is waived as a whole. One that counts, but could not this time, measured nothing: that is not fewer.
    const isCounted = report?.findings !== undefined && Object.keys(report.metrics).length > 0;
    return { value: isCounted ? (report?.findings?.errors ?? null) : null, limit: -1, worse: 'more' };
  }
  if (!Object.hasOwn(rubric, rule)) return null;
  const expected = rubric[rule];
  const ending = /_(max|min|required|range)$/.exec(rule);
  const metric = ending === null ? rule : rule.slice(0, ending.index);
  const value = Object.hasOwn(found.metrics, metric) ? (found.metrics[metric] ?? null) : null;
  if (Array.isArray(expected)) {
    const [low, high] = expected.map(Number);
    return value !== null && high !== undefined && value > high ? { value, limit: high, worse: 'more' } : { value, limit: low ?? 0, worse: 'less' };
  }
  if (isJsonObject(expected)) return null;
  switch (ending?.[1]) {
    case 'max':
      return { value, limit: Number(expected), worse: 'more' };
    case 'min':
      return { value, limit: Number(expected), worse: 'less' };
    default:
      return { value, limit: 1, worse: 'less' };
  }
}

/**
 * True when an approved waiver covers what was measured: the same rule, not expired at `at`, and no worse than what was seen when it
 * was asked for. Whether it was approved by somebody who may, and not withdrawn, is the caller's to know.
 */
export function waiverCovers(waiver: Pick<Waiver, 'rule' | 'seen' | 'until'>, rule: string, measure: Measure | null, at: number): boolean {
  if (waiver.rule !== rule || measure === null || at >= waiver.until) return false;
  const { seen } = waiver;
  if (seen.value === null || measure.value === null) return seen.value === measure.value;
  const { value } = measure;
  return seen.worse === 'more' ? value <= seen.value && value > seen.limit : value >= seen.value && value < seen.limit;
}

/** The lines with what the approved waivers cover marked as waived, never as passed; marks of waivers that no longer count go. */
export function waiveLines(found: Measured, rubric: Rubric, waivers: readonly Waiver[], at: number): readonly RubricLine[] {
  return found.lines.map(({ waived: _earlier, ...line }) => {
    if (line.passed) return line;
    const measure = measureOf(line, rubric, found);
    const waiver = waivers.find((one) => one.status === 'approved' && waiverCovers(one, line.rule, measure, at));
    return waiver === undefined ? line : { ...line, waived: { waiver: waiver.number, until: waiver.until } };
  });
}

/** True when no line keeps the gate shut: each passed or is waived. */
export function stands(lines: readonly RubricLine[]): boolean {
  return lines.every(({ passed, waived }) => passed || waived !== undefined);
}

/** Why lines keep the gate shut, in words; null when none does. */
export function shutBecause(lines: readonly RubricLine[]): string | null {
  const failing = lines.filter(({ passed, waived }) => !passed && waived === undefined);
  return failing.length === 0 ? null : failing.map(({ reason, rule }) => reason ?? rule).join('; ');
}

/** The rules of a gate that failed and could be waived. */
export function waivable(found: Measured, rubric: Rubric): readonly RubricLine[] {
  return found.lines.filter((line) => !line.passed && measureOf(line, rubric, found) !== null);
}

/** How a rule is written in a command: `guard lint` as `guard/lint`, so that it is one word. */
export function ruleWord(rule: string): string {
  return rule.replace(/^guard /, 'guard/');
}

/** The rule that a word of a command means: as it stands in the check, `guard/lint`, or the guard's name alone. */
export function ruleNamed(word: string, rules: readonly string[]): string | null {
  const said = word.toLowerCase();
  const named = (rule: string) => [rule, ruleWord(rule), ...(rule.startsWith('guard ') ? [rule.slice('guard '.length)] : [])].map((name) => name.toLowerCase());
  return rules.find((rule) => rule.toLowerCase() === said) ?? rules.find((rule) => named(rule).includes(said)) ?? null;
}
