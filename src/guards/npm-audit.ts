import { isJsonObject } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { listOf, numberOf, objectOf, textOf } from './loose-json.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import { addVulnerability, sayVulnerabilities, severityOfWord, vulnerabilityMetrics } from './severity.ts';
import type { Tally } from './tally.ts';

/** `npm audit --json` of npm 7 and later, and the older form that npm 6 and pnpm write. */
export const npmAudit = reportGuard({
  name: 'npm-audit',
  summary: 'Reads known vulnerabilities of npm packages in the JSON of npm audit (or pnpm audit). Every advisory counts once, however many packages it reaches.',
  noun: 'npm audit report',
  usualPath: 'reports/npm-audit.json',
  metrics: vulnerabilityMetrics,
  limits: { critical_cves: 0, high_cves: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: readAudit,
  say: sayVulnerabilities,
});

interface Advisory {
  readonly key: string;
  readonly id: string;
  readonly severity: string | null;
  readonly message: string;
}

function readAudit(report: Report, tally: Tally): void {
  const content = objectOf(readJson(report.name, report.text));
  const trouble = content['error'];
  if (trouble !== undefined) throw new GuardError(`${report.name}: npm could not audit${isJsonObject(trouble) ? `: ${(textOf(trouble['summary']) ?? textOf(trouble['code']) ?? 'it says no more').slice(0, 200)}` : ''}.`);
  const { vulnerabilities, advisories } = content;
  const found = isJsonObject(vulnerabilities) ? Object.entries(vulnerabilities).flatMap(([name, one]) => viaOf(name, objectOf(one))) : isJsonObject(advisories) ? Object.entries(advisories).map(([id, one]) => olderAdvisory(id, objectOf(one))) : null;
  // What the registry answered with, when it knows no audits.
  const answer = textOf(content['message']);
  if (found === null && answer !== null) throw new GuardError(`${report.name}: npm could not audit: ${answer.slice(0, 200)}.`);
  if (found === null) throw new GuardError(`${report.name} is no npm audit report: it has neither "vulnerabilities" nor "advisories".`);
  const told = numberOf(objectOf(objectOf(content['metadata'])['vulnerabilities'])['total']) ?? Object.keys(objectOf(vulnerabilities)).length;
  if (found.length === 0 && told > 0) throw new GuardError(`${report.name} tells of ${told} vulnerable packages and lists no advisory.`);
  const unique = new Map(found.map((one) => [one.key, one]));
  for (const one of unique.values()) addVulnerability(tally, { id: one.id, severity: severityOfWord(one.severity), message: one.message });
}

/** `via` holds advisories, and names of packages through which it comes. */
function viaOf(name: string, one: JsonObject): readonly Advisory[] {
  return listOf(one['via']).flatMap((via) => {
    if (!isJsonObject(via)) return [];
    const url = textOf(via['url']);
    const source = numberOf(via['source']);
    const title = textOf(via['title']) ?? 'known vulnerability';
    return [{ key: url ?? String(source ?? `${name} ${title}`), id: idOf(url) ?? String(source ?? name), severity: textOf(via['severity']) ?? textOf(one['severity']), message: `${textOf(via['name']) ?? name} ${textOf(via['range']) ?? ''}`.trim().concat(`: ${title}`) }];
  });
}

function olderAdvisory(id: string, one: JsonObject): Advisory {
  const [cve] = listOf(one['cves']);
  return {
    key: id,
    id: typeof cve === 'string' ? cve : (idOf(textOf(one['url'])) ?? id),
    severity: textOf(one['severity']),
    message: `${textOf(one['module_name']) ?? 'package'} ${textOf(one['vulnerable_versions']) ?? ''}`.trim().concat(`: ${textOf(one['title']) ?? 'known vulnerability'}`),
  };
}

/** GHSA id in the address of an advisory. */
function idOf(url: string | null): string | null {
  return url === null ? null : (/GHSA(?:-[a-z0-9]{4}){3}/i.exec(url.slice(0, 500))?.[0] ?? null);
}
