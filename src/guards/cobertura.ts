import { addCoverage, coverageMetrics, nameWorst, noteUncovered, sayCoverage } from './coverage.ts';
import { GuardError } from './guard-type.ts';
import { readXmlEvents } from './read-xml-events.ts';
import { reportGuard } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** Cobertura XML, as its `coverage-04.dtd` describes it. */
export const cobertura = reportGuard({
  name: 'cobertura',
  summary: 'Reads coverage in Cobertura XML.',
  noun: 'Cobertura report',
  usualPath: 'coverage/cobertura-coverage.xml',
  metrics: coverageMetrics,
  limits: {},
  read: readCobertura,
  conclude: noteUncovered,
  say: sayCoverage,
});

/** Lines of one file by number: classes of one file tell the same line more than once. */
interface Lines {
  readonly hits: Map<number, number>;
  readonly branches: Map<number, readonly [covered: number, coverable: number]>;
}

async function readCobertura(report: Report, tally: Tally): Promise<void> {
  let root: { readonly name: string; readonly attributes: Readonly<Record<string, string>> } | null = null;
  const files = new Map<string, Lines>();
  let lines: Lines | null = null;
  let method: { hits: number } | null = null;
  let functions = 0;
  let called = 0;
  let hasPackages = false;
  await readXmlEvents(report.name, report.text, {
    open(name, attributes) {
      root ??= { name, attributes };
      if (name === 'packages') hasPackages = true;
      else if (name === 'class') {
        const file = attributes['filename'] ?? '';
        lines = files.get(file) ?? { hits: new Map<number, number>(), branches: new Map<number, readonly [number, number]>() };
        files.set(file, lines);
      } else if (name === 'method') {
        functions += 1;
        method = { hits: 0 };
      } else if (name === 'line') {
        const hits = Number(attributes['hits'] ?? 0) || 0;
        if (method) method.hits = Math.max(method.hits, hits);
        else if (lines) addLine(lines, Number(attributes['number']), hits, attributes['condition-coverage'] ?? '');
      }
    },
    close(name) {
      if (name === 'method' && method) {
        if (method.hits > 0) called += 1;
        method = null;
      } else if (name === 'class') lines = null;
    },
  });
  const { name: begin, attributes } = root ?? { name: 'nothing', attributes: {} as Readonly<Record<string, string>> };
  if (begin !== 'coverage' || !hasPackages) throw new GuardError(`${report.name} is no Cobertura report: it has no <coverage> with <packages>.${begin === 'coverage' ? ' Is it Clover? Then use the guard "clover".' : ''}`);
  const told = (key: string): number => Math.max(0, Math.floor(Number(attributes[key] ?? 0)) || 0);
  let listed = 0;
  let run = 0;
  let taken = 0;
  let branches = 0;
  for (const [name, file] of files) {
    const before = run;
    listed += file.hits.size;
    for (const hits of file.hits.values()) if (hits > 0) run += 1;
    nameWorst(tally, name, [run - before, file.hits.size]);
    for (const [covered, all] of file.branches.values()) {
      taken += covered;
      branches += all;
    }
  }
  const counted = listed > 0;
  const coverable = counted ? listed : told('lines-valid');
  if (coverable === 0) throw new GuardError(`${report.name} tells of no line that can be covered: nothing ran.`);
  addCoverage(tally, {
    lines: [counted ? run : Math.min(told('lines-covered'), coverable), coverable],
    branches: counted ? [taken, branches] : [Math.min(told('branches-covered'), told('branches-valid')), told('branches-valid')],
    functions: [called, functions],
  }, null);
}

function addLine(lines: Lines, number: number, hits: number, conditions: string): void {
  if (!Number.isInteger(number)) return;
  lines.hits.set(number, Math.max(lines.hits.get(number) ?? 0, hits));
  const [, covered, coverable] = /\((\d{1,9})\/(\d{1,9})\)/.exec(conditions.slice(0, 100)) ?? [];
  if (covered === undefined || coverable === undefined) return;
  const [coveredBefore, coverableBefore] = lines.branches.get(number) ?? [0, 0];
  const all = Math.max(coverableBefore, Number(coverable));
  lines.branches.set(number, [Math.min(all, Math.max(coveredBefore, Number(covered))), all]);
}
