import { addCoverage, coverageMetrics, sayCoverage } from './coverage.ts';
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
  say: sayCoverage,
});

/** Lines of one file by number: classes of one file tell the same line more than once. */
type Lines = Map<number, { hits: number; branches: readonly [covered: number, coverable: number] }>;

function readCobertura(report: Report, tally: Tally): void {
  let root: { readonly name: string; readonly attributes: Readonly<Record<string, string>> } | null = null;
  const files = new Map<string, Lines>();
  let lines: Lines | null = null;
  let method: { hits: number } | null = null;
  let functions = 0;
  let called = 0;
  let hasPackages = false;
  readXmlEvents(report.name, report.text, {
    open(name, attributes) {
      root ??= { name, attributes };
      if (name === 'packages') hasPackages = true;
      else if (name === 'class') {
        const file = attributes['filename'] ?? '';
        lines = files.get(file) ?? new Map();
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
  const { name, attributes } = root ?? { name: 'nothing', attributes: {} as Readonly<Record<string, string>> };
  if (name !== 'coverage' || !hasPackages) throw new GuardError(`${report.name} is no Cobertura report: it has no <coverage> with <packages>.${name === 'coverage' ? ' Is it Clover? Then use the guard "clover".' : ''}`);
  const all = [...files.values()].flatMap((file) => [...file.values()]);
  const told = (key: string): number => Math.max(0, Math.floor(Number(attributes[key] ?? 0)) || 0);
  const counted = all.length > 0;
  const coverable = counted ? all.length : told('lines-valid');
  if (coverable === 0) throw new GuardError(`${report.name} tells of no line that can be covered: nothing ran.`);
  addCoverage(tally, {
    lines: [counted ? all.filter((line) => line.hits > 0).length : Math.min(told('lines-covered'), coverable), coverable],
    branches: counted ? [sum(all.map((line) => line.branches[0])), sum(all.map((line) => line.branches[1]))] : [Math.min(told('branches-covered'), told('branches-valid')), told('branches-valid')],
    functions: [called, functions],
  });
}

function addLine(lines: Lines, number: number, hits: number, conditions: string): void {
  if (!Number.isInteger(number)) return;
  const [, covered = '0', coverable = '0'] = /\((\d{1,9})\/(\d{1,9})\)/.exec(conditions.slice(0, 100)) ?? [];
  const before = lines.get(number);
  const branches = [Math.min(Number(covered), Number(coverable)), Number(coverable)] as const;
  lines.set(number, { hits: Math.max(before?.hits ?? 0, hits), branches: before && before.branches[0] >= branches[0] && before.branches[1] >= branches[1] ? before.branches : branches });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
