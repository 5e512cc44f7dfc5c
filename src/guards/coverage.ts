import type { MetricName } from '../core/gate/metrics.ts';
import { percent } from './numbers.ts';
import type { Tally } from './tally.ts';

export const coverageMetrics = ['lines_coverable', 'lines_covered', 'branches_coverable', 'branches_covered', 'functions_coverable', 'functions_covered'] as const satisfies readonly MetricName[];

/** What of one file was covered, and what could be: pairs of both. */
export interface FileCoverage {
  readonly lines: readonly [covered: number, coverable: number];
  readonly branches: readonly [covered: number, coverable: number];
  readonly functions: readonly [covered: number, coverable: number];
}

export function addCoverage(tally: Tally, { lines, branches, functions }: FileCoverage): void {
  tally.add('lines_covered', lines[0]);
  tally.add('lines_coverable', lines[1]);
  tally.add('branches_covered', branches[0]);
  tally.add('branches_coverable', branches[1]);
  tally.add('functions_covered', functions[0]);
  tally.add('functions_coverable', functions[1]);
}

export function sayCoverage(tally: Tally): string {
  const parts = [`${percent(tally.count('lines_covered'), tally.count('lines_coverable'))} of lines`];
  if (tally.count('branches_coverable') > 0) parts.push(`${percent(tally.count('branches_covered'), tally.count('branches_coverable'))} of branches`);
  if (tally.count('functions_coverable') > 0) parts.push(`${percent(tally.count('functions_covered'), tally.count('functions_coverable'))} of functions`);
  return `covered: ${parts.join(', ')}`;
}
