import type { MetricName } from '../core/gate/metrics.ts';
import type { Tally } from './tally.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

export const vulnerabilityMetrics = ['critical_cves', 'high_cves', 'medium_cves', 'low_cves', 'unrated_cves'] as const satisfies readonly MetricName[];

/** What the words of databases and tools mean; null for none and for unknown ones. */
export function severityOfWord(word: string | null): Severity | null {
  switch (word?.toLowerCase()) {
    case 'critical': return 'critical';
    case 'high': case 'important': return 'high';
    case 'medium': case 'moderate': return 'medium';
    case 'low': case 'info': case 'minor': case 'negligible': return 'low';
    default: return null;
  }
}

/** CVSS 3 and 4: the qualitative rating of a score; null when there is none. */
export function severityOfScore(score: number | null): Severity | null {
  if (score === null || score <= 0) return null;
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low';
}

export function addVulnerability(tally: Tally, one: { readonly id: string; readonly severity: Severity | null; readonly message: string; readonly path?: string | null }): void {
  tally.add(one.severity === null ? 'unrated_cves' : `${one.severity}_cves`);
  const level = one.severity === 'critical' || one.severity === 'high' ? 'error' : one.severity === 'low' ? 'note' : 'warning';
  tally.findings.add({ rule: one.id, level, message: one.message, path: one.path ?? null, line: null });
}

/** `2 critical, 1 high`, or `none known`. */
export function sayVulnerabilities(tally: Tally): string {
  const parts = vulnerabilityMetrics.flatMap((name) => (tally.count(name) === 0 ? [] : [`${tally.count(name)} ${name.slice(0, -'_cves'.length)}`]));
  return parts.length === 0 ? 'no known vulnerability' : `vulnerabilities: ${parts.join(', ')}`;
}
