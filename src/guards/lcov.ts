import { breathe } from './breathe.ts';
import { addCoverage, coverageMetrics, sayCoverage } from './coverage.ts';
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
  say: sayCoverage,
});

/** Lines between two breaths. */
const linesAtOnce = 200_000;

interface Section {
  readonly file: string;
  readonly line: number;
  readonly counts: Partial<Record<'LF' | 'LH' | 'BRF' | 'BRH' | 'FNF' | 'FNH', number>>;
  /** Counted from the lines themselves. */
  lines: number;
  linesHit: number;
  branches: number;
  branchesHit: number;
  functions: number;
  functionsHit: number;
}

const known = new Set(['TN', 'VER', 'FN', 'FNL', 'FNA', 'BRDA', 'MCDC', 'MCF', 'MCH', 'FNDA', 'DA']);
const sums = ['LF', 'LH', 'BRF', 'BRH', 'FNF', 'FNH'] as const;

/** The lines are counted; sums are believed only where the lines are left out, as the format allows. */
async function readLcov(report: Report, tally: Tally): Promise<void> {
  let section: Section | null = null;
  let number = 0;
  let files = 0;
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
      if (section) refuse('a file begins before the one before it has ended (end_of_record is missing). The report is cut or was written by two programs at once.');
      section = { file: value, line: number, counts: {}, lines: 0, linesHit: 0, branches: 0, branchesHit: 0, functions: 0, functionsHit: 0 };
      continue;
    }
    if (key === 'end_of_record') {
      if (!section) return refuse('a file ends that has not begun (SF is missing).');
      addCoverage(tally, coverageOf(section));
      files += 1;
      section = null;
      continue;
    }
    const sum = sums.find((one) => one === key);
    if (sum === undefined && !known.has(key)) refuse(`the line is no LCOV: it begins with none of SF, DA, BRDA, FN, FNDA, end_of_record.`);
    if (key === 'TN' || key === 'VER') continue;
    if (!section) return refuse('a line that belongs to a file stands outside of one (SF is missing).');
    if (sum !== undefined) section.counts[sum] = natural(value) ?? refuse(`${sum} is no number.`);
    else countLine(section, key, value, refuse);
  }
  if (section) throw new GuardError(`${report.name}:${section.line}: the file that begins here does not end (end_of_record is missing). The report is cut.`);
  if (files === 0) throw new GuardError(`${report.name} tells of no file: nothing ran.`);
}

function countLine(section: Section, key: string, value: string, refuse: (what: string) => never): void {
  if (key === 'DA') {
    const [line, hits] = value.split(',', 2);
    if (natural(line) === null || hits === undefined || !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(hits)) refuse('DA is not followed by a line and its number of runs.');
    section.lines += 1;
    if (Number(hits) > 0) section.linesHit += 1;
  } else if (key === 'BRDA') {
    const taken = value.slice(value.lastIndexOf(',') + 1);
    if (value.split(',').length < 4 || !/^(?:-|\d+)$/.test(taken)) refuse('BRDA is not followed by line, block, branch and number of times.');
    section.branches += 1;
    if (taken !== '-' && Number(taken) > 0) section.branchesHit += 1;
  } else if (key === 'FNDA' || key === 'FNA') {
    const hits = natural(value.split(',', 2)[key === 'FNDA' ? 0 : 1]);
    if (hits === null) refuse(`${key} holds no number of calls.`);
    section.functions += 1;
    if ((hits ?? 0) > 0) section.functionsHit += 1;
  }
}

function coverageOf(section: Section): FileCoverage {
  const { counts } = section;
  const pair = (found: number, hit: number, told: number | undefined, toldHit: number | undefined): readonly [number, number] => (found > 0 || told === undefined ? [hit, found] : [Math.min(toldHit ?? 0, told), told]);
  return {
    lines: pair(section.lines, section.linesHit, counts.LF, counts.LH),
    branches: pair(section.branches, section.branchesHit, counts.BRF, counts.BRH),
    functions: pair(section.functions, section.functionsHit, counts.FNF, counts.FNH),
  };
}

function natural(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}
