import { breathe } from './breathe.ts';
import { addCoverage, coverageMetrics, noteUncovered, sayCoverage } from './coverage.ts';
import type { FileCoverage } from './coverage.ts';
import { GuardError } from './guard-type.ts';
import { linesOf } from './lines.ts';
import { reportGuard } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** LCOV, as geninfo(1) describes it. */
export const lcov = reportGuard({
  name: 'lcov',
  summary: 'Reads coverage in LCOV (lcov.info).',
  noun: 'LCOV report',
  usualPath: 'coverage/lcov.info',
  metrics: coverageMetrics,
  limits: {},
  read: readLcov,
  conclude: noteUncovered,
  say: sayCoverage,
});

/** Lines between two breaths. */
const linesAtOnce = 200_000;

/** What is known of one file; several parts of a report may tell of the same one (a part for each test). */
interface Section {
  readonly counts: Partial<Record<'LF' | 'LH' | 'BRF' | 'BRH' | 'FNF' | 'FNH', number>>;
  /** By what stands in the report; true when it was run. */
  readonly lines: Map<number, boolean>;
  readonly branches: Map<string, boolean>;
  readonly functions: Map<string, boolean>;
  /** How often a name was told in the part that is being read. */
  readonly named: Map<string, number>;
}

/** Lines, branches and functions of one report. */
const mostEntries = 5_000_000;

const known = new Set(['TN', 'VER', 'FN', 'FNL', 'FNA', 'BRDA', 'MCDC', 'MCF', 'MCH', 'FNDA', 'DA']);
const sums = ['LF', 'LH', 'BRF', 'BRH', 'FNF', 'FNH'] as const;

/** The lines are counted; sums are believed only where the lines are left out, as the format allows. */
async function readLcov(report: Report, tally: Tally): Promise<void> {
  const files = new Map<string, Section>();
  let open: { readonly section: Section; readonly line: number } | null = null;
  let number = 0;
  let entries = 0;
  const refuse = (what: string): never => {
    throw new GuardError(`${report.name}:${number}: ${what}`);
  };
  for (const line of linesOf(report.text)) {
    number += 1;
    if (number % linesAtOnce === 0) await breathe();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const key = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1);
    if (key === 'SF') {
      if (open) refuse('a file begins before the one before it has ended (end_of_record is missing). The report is cut or was written by two programs at once.');
      const section = files.get(value) ?? { counts: {}, lines: new Map<number, boolean>(), branches: new Map<string, boolean>(), functions: new Map<string, boolean>(), named: new Map<string, number>() };
      section.named.clear();
      files.set(value, section);
      open = { section, line: number };
      continue;
    }
    if (key === 'end_of_record') {
      if (!open) refuse('a file ends that has not begun (SF is missing).');
      open = null;
      continue;
    }
    const sum = sums.find((one) => one === key);
    if (sum === undefined && !known.has(key)) refuse('the line is no LCOV: it begins with none of SF, DA, BRDA, FN, FNDA, end_of_record.');
    if (key === 'TN' || key === 'VER') continue;
    if (!open) return refuse('a line that belongs to a file stands outside of one (SF is missing).');
    if ((entries += 1) > mostEntries) refuse('there are more than 5,000,000 lines, branches and functions. Split the report.');
    const { counts } = open.section;
    if (sum === undefined) countLine(open.section, key, value, refuse);
    else counts[sum] = Math.max(counts[sum] ?? 0, natural(value) ?? refuse(`${sum} is no number.`));
  }
  if (open) throw new GuardError(`${report.name}:${open.line}: the file that begins here does not end (end_of_record is missing). The report is cut.`);
  if (files.size === 0) throw new GuardError(`${report.name} tells of no file: nothing ran.`);
  const measured = [...files].map(([file, section]) => ({ file, coverage: coverageOf(section) }));
  if (measured.every(({ coverage }) => coverage.lines[1] === 0)) throw new GuardError(`${report.name} tells of no line that can be covered: nothing ran.`);
  for (const { file, coverage } of measured) addCoverage(tally, coverage, file);
}

function countLine(section: Section, key: string, value: string, refuse: (what: string) => never): void {
  if (key === 'DA') {
    const [line, hits] = value.split(',', 2);
    const at = natural(line);
    if (at === null || hits === undefined || !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(hits)) return refuse('DA is not followed by a line and its number of runs.');
    mark(section.lines, at, Number(hits) > 0);
  } else if (key === 'BRDA') {
    const end = value.lastIndexOf(',');
    const taken = value.slice(end + 1);
    if (value.split(',').length < 4 || !/^(?:-|\d+)$/.test(taken)) refuse('BRDA is not followed by line, block, branch and number of times.');
    mark(section.branches, value.slice(0, end), taken !== '-' && Number(taken) > 0);
  } else if (key === 'FNDA' || key === 'FNA') {
    const [first, second, ...rest] = value.split(',');
    const [hits, name] = key === 'FNDA' ? [first, [second, ...rest].join(',')] : [second, [first, ...rest].join(',')];
    const calls = natural(hits);
    if (calls === null) return refuse(`${key} holds no number of calls.`);
    // Two methods of one name are two functions.
    const nth = (section.named.get(name) ?? 0) + 1;
    section.named.set(name, nth);
    mark(section.functions, `${nth} ${name}`, calls > 0);
  }
}

function mark<T>(places: Map<T, boolean>, place: T, isRun: boolean): void {
  places.set(place, isRun || places.get(place) === true);
}

function coverageOf({ counts, lines, branches, functions }: Section): FileCoverage {
  const pair = (places: ReadonlyMap<unknown, boolean>, told: number | undefined, toldHit: number | undefined): readonly [number, number] => {
    if (places.size === 0 && told !== undefined) return [Math.min(toldHit ?? 0, told), told];
    let hit = 0;
    for (const isRun of places.values()) if (isRun) hit += 1;
    return [hit, places.size];
  };
  return { lines: pair(lines, counts.LF, counts.LH), branches: pair(branches, counts.BRF, counts.BRH), functions: pair(functions, counts.FNF, counts.FNH) };
}

function natural(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}
