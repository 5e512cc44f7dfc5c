import type { MetricName } from '../core/gate/metrics.ts';
import { counted, inNumbers, percent } from './numbers.ts';
import type { Tally } from './tally.ts';

export const coverageMetrics = ['lines_coverable', 'lines_covered', 'branches_coverable', 'branches_covered', 'functions_coverable', 'functions_covered'] as const satisfies readonly MetricName[];

/** What of one file was covered, and what could be: pairs of both. */
export interface FileCoverage {
  readonly lines: readonly [covered: number, coverable: number];
  readonly branches: readonly [covered: number, coverable: number];
  readonly functions: readonly [covered: number, coverable: number];
}

/** Files that are named because most of their lines are not covered. */
const mostNamed = 20;

/** Files with most uncovered lines so far, the worst first. */
const worst = new WeakMap<Tally, { readonly path: string; readonly covered: number; readonly coverable: number }[]>();

/** Adds a file's coverage; `path` as the report has it, null for a sum of several files. */
export function addCoverage(tally: Tally, { lines, branches, functions }: FileCoverage, path: string | null): void {
  if (path !== null) nameWorst(tally, path, lines);
  tally.add('lines_covered', lines[0]);
  tally.add('lines_coverable', lines[1]);
  tally.add('branches_covered', branches[0]);
  tally.add('branches_coverable', branches[1]);
  tally.add('functions_covered', functions[0]);
  tally.add('functions_coverable', functions[1]);
}

/** Remembers a file whose lines are counted elsewhere. */
export function nameWorst(tally: Tally, written: string, [covered, coverable]: FileCoverage['lines']): void {
  const missing = coverable - covered;
  const named = worst.get(tally) ?? [];
  worst.set(tally, named);
  const last = named.at(-1);
  if (missing <= 0 || (named.length >= mostNamed && last && last.coverable - last.covered >= missing)) return;
  const path = tally.paths.find(written);
  if (path === null) return;
  named.push({ path, covered, coverable });
  named.sort((a, b) => b.coverable - b.covered - (a.coverable - a.covered));
  named.length = Math.min(named.length, mostNamed);
}

/** The files to begin with, as findings: what they are for is repair, not blame, so they are notes. */
export function noteUncovered(tally: Tally): void {
  for (const { path, covered, coverable } of worst.get(tally) ?? []) tally.findings.add({ rule: 'coverage', level: 'note', message: `${counted(coverable - covered, 'line')} of ${inNumbers(coverable)} not covered.`, path, line: null });
}

export function sayCoverage(tally: Tally): string {
  const parts = [`${percent(tally.count('lines_covered'), tally.count('lines_coverable'))} of lines`];
  if (tally.count('branches_coverable') > 0) parts.push(`${percent(tally.count('branches_covered'), tally.count('branches_coverable'))} of branches`);
  if (tally.count('functions_coverable') > 0) parts.push(`${percent(tally.count('functions_covered'), tally.count('functions_coverable'))} of functions`);
  return `covered: ${parts.join(', ')}`;
}
