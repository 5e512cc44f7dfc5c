import { GuardError } from './guard-type.ts';
import { readAudit } from './npm-audit-forms.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import { addVulnerability, sayVulnerabilities, severityOfWord, vulnerabilityMetrics } from './severity.ts';
import type { Tally } from './tally.ts';

/** What `npm audit --json` and its likes write. */
export const npmAudit = reportGuard({
  name: 'npm-audit',
  summary: 'Reads known vulnerabilities of npm packages in the JSON of npm audit, pnpm audit, Yarn (`yarn audit`, `yarn npm audit`) or bun audit. Every advisory counts once, however many packages it reaches.',
  noun: 'npm audit report',
  usualPath: 'reports/npm-audit.json',
  metrics: vulnerabilityMetrics,
  limits: { critical_cves: 0, high_cves: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: countAdvisories,
  say: sayVulnerabilities,
});

function countAdvisories(report: Report, tally: Tally): void {
  const { found, told } = readAudit(report.name, report.text);
  if (found.length === 0 && told !== null && told > 0) throw new GuardError(`${report.name} tells of ${told} vulnerable packages and lists no advisory.`);
  const unique = new Map(found.map((one) => [one.key, one]));
  for (const { id, severity, message } of unique.values()) addVulnerability(tally, { id, severity: severityOfWord(severity), message });
}
