import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { listOf, numberOf, objectOf, textOf } from './loose-json.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import { addVulnerability, sayVulnerabilities, severityOfScore, severityOfWord, vulnerabilityMetrics } from './severity.ts';
import type { Severity } from './severity.ts';
import type { Tally } from './tally.ts';

/** What osv-scanner writes (`--format json`), and answers of the API of osv.dev. */
export const osv = reportGuard({
  name: 'osv',
  summary: 'Reads known vulnerabilities of dependencies in the JSON of osv-scanner.',
  noun: 'OSV report',
  usualPath: 'reports/osv.json',
  metrics: vulnerabilityMetrics,
  limits: { critical_cves: 0, high_cves: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: readOsv,
  say: sayVulnerabilities,
});

function readOsv(report: Report, tally: Tally): void {
  const content = objectOf(readJson(report.name, report.text));
  const results = content['results'];
  if (!Array.isArray(results)) throw new GuardError(`${report.name} is no OSV report: it has no list "results".`);
  for (const result of listOf(results).map(objectOf)) {
    const path = tally.paths.find(textOf(objectOf(result['source'])['path']));
    for (const one of listOf(result['packages'])) readPackage(objectOf(one), path, tally);
    for (const one of listOf(result['vulns'])) addOne([objectOf(one)], severityOf(objectOf(one)), null, path, tally);
  }
}

/** Several entries of the database may be one vulnerability; the groups say which. */
function readPackage(found: JsonObject, path: string | null, tally: Tally): void {
  const { name, version } = objectOf(found['package']);
  const shown = [textOf(name), textOf(version)].filter((part) => part !== null).join(' ');
  const entries = new Map(listOf(found['vulnerabilities']).map((one): [string, JsonObject] => [textOf(objectOf(one)['id']) ?? '', objectOf(one)]));
  const groups = listOf(found['groups']).map((group) => ({ ids: listOf(objectOf(group)['ids']).filter((id) => typeof id === 'string'), score: numberOf(objectOf(group)['max_severity']) }));
  const grouped = new Set(groups.flatMap(({ ids }) => ids));
  for (const { ids, score } of groups) {
    const members = ids.map((id) => entries.get(id) ?? { id });
    addOne(members, severityOfScore(score) ?? members.map(severityOf).find((one) => one !== null) ?? null, shown, path, tally);
  }
  for (const [id, one] of entries) if (!grouped.has(id)) addOne([one], severityOf(one), shown, path, tally);
}

function addOne(entries: readonly JsonObject[], severity: Severity | null, shown: string | null, path: string | null, tally: Tally): void {
  const [first = {}] = entries;
  const names = [...entries.map((one) => textOf(one['id'])), ...entries.flatMap((one) => listOf(one['aliases'])).map((one: Json) => (typeof one === 'string' ? one : null))].filter((name) => name !== null);
  const summary = entries.map((one) => textOf(one['summary'])).find((text) => text !== null) ?? 'known vulnerability';
  const cve = names.find((name) => name.startsWith('CVE-'));
  addVulnerability(tally, { id: cve ?? textOf(first['id']) ?? '(without an id)', severity, message: `${shown === null || shown === '' ? '' : `${shown}: `}${summary}`, path });
}

function severityOf(one: JsonObject): Severity | null {
  const specific = isJsonObject(one['database_specific']) ? one['database_specific'] : {};
  return severityOfWord(textOf(specific['severity'])) ?? severityOfScore(numberOf(specific['cvss_score'] ?? objectOf(specific['cvss'])['score']));
}
