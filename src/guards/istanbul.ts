import { isJsonObject } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { addCoverage, coverageMetrics, nameWorst, noteUncovered, sayCoverage } from './coverage.ts';
import type { FileCoverage } from './coverage.ts';
import { GuardError } from './guard-type.ts';
import { listOf, numberOf, objectOf } from './loose-json.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** Istanbul's JSON: `coverage-summary.json` and `coverage-final.json`. */
export const istanbul = reportGuard({
  name: 'istanbul',
  summary: 'Reads coverage in Istanbul’s JSON: coverage-summary.json or coverage-final.json.',
  noun: 'Istanbul report',
  usualPath: 'coverage/coverage-summary.json',
  metrics: coverageMetrics,
  limits: {},
  maximumBytes: reportLimits.jsonBytes,
  read: readIstanbul,
  conclude: noteUncovered,
  say: sayCoverage,
});

function readIstanbul(report: Report, tally: Tally): void {
  const content = readJson(report.name, report.text);
  if (!isJsonObject(content)) throw new GuardError(`${report.name} is no Istanbul report: it is no object of files.`);
  const files = Object.entries(content).filter(([name]) => name !== 'total');
  const { total } = content;
  const each = files.map(([file, value]) => ({ file, coverage: isJsonObject(value) ? coverageOf(value) : null }));
  // The sum counts, because a summary may leave files out.
  const measured = isJsonObject(total) ? [{ file: null, coverage: summaryOf(total) }] : each;
  if (measured.some(({ coverage }) => coverage === null)) throw new GuardError(`${report.name} is no Istanbul report: it holds neither a "total" nor files with "s", "f" and "b".`);
  if (measured.every(({ coverage }) => coverage?.lines[1] === 0)) throw new GuardError(`${report.name} tells of no line that can be covered: nothing ran.`);
  for (const { file, coverage } of measured) if (coverage) addCoverage(tally, coverage, file);
  if (isJsonObject(total)) for (const { file, coverage } of each) if (coverage) nameWorst(tally, file, coverage.lines);
}

function summaryOf(total: JsonObject): FileCoverage | null {
  const pair = (name: string): readonly [number, number] | null => {
    const part = objectOf(total[name]);
    const whole = natural(part['total']);
    const covered = natural(part['covered']);
    return whole === null || covered === null ? null : [Math.min(covered, whole), whole];
  };
  const lines = pair('lines');
  return lines === null ? null : { lines, branches: pair('branches') ?? [0, 0], functions: pair('functions') ?? [0, 0] };
}

/** A line is covered when a statement that begins on it was run: what Istanbul's own reports say. */
function coverageOf(file: JsonObject): FileCoverage | null {
  // Some writers wrap it: `{ "data": { … } }`.
  const data = isJsonObject(file['data']) ? file['data'] : file;
  const { statementMap, s, f, b } = data;
  if (!isJsonObject(statementMap) || !isJsonObject(s)) return isJsonObject(file['lines']) ? summaryOf(file) : null;
  const lines = new Map<number, number>();
  for (const [id, place] of Object.entries(statementMap)) {
    const line = numberOf(objectOf(objectOf(place)['start'])['line']);
    if (line !== null) lines.set(line, Math.max(lines.get(line) ?? 0, natural(s[id]) ?? 0));
  }
  const branches = Object.values(objectOf(b)).flatMap((one) => listOf(one));
  const functions = Object.values(objectOf(f));
  return {
    lines: [[...lines.values()].filter((hits) => hits > 0).length, lines.size],
    branches: [branches.filter((hits) => (natural(hits) ?? 0) > 0).length, branches.length],
    functions: [functions.filter((hits) => (natural(hits) ?? 0) > 0).length, functions.length],
  };
}

function natural(value: JsonObject[string]): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : null;
}
