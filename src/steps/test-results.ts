import type { FinalResults } from 'tap-parser';

import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { readXml } from './read-xml.ts';
import type { Artifact } from './step-type.ts';

export interface TestResults {
  readonly tests: number;
  readonly failed: number;
  readonly skipped: number;
  /** Names of what failed, at most 50. */
  readonly failures: readonly string[];
}

const mostFailures = 50;

/** The results in JUnit XML or TAP reports, added up; null when there is none. A report that is neither is no result. */
export async function testResults(reports: readonly Artifact[]): Promise<TestResults | null> {
  const read = await Promise.all(reports.map(async (report) => (/\.xml$/i.test(report.name) ? junitResults(report) : /\.tap$/i.test(report.name) ? await tapResults(report.text) : null)));
  const all = read.filter((one) => one !== null);
  if (all.length === 0) return null;
  const sum = (part: 'tests' | 'failed' | 'skipped'): number => all.reduce((total, one) => total + one[part], 0);
  return { tests: sum('tests'), failed: sum('failed'), skipped: sum('skipped'), failures: all.flatMap((one) => one.failures).slice(0, mostFailures) };
}

/** Counts the test cases themselves: the sums that suites write are often wrong, and nest. Null when it holds no suite. */
function junitResults(report: Artifact): TestResults | null {
  const root = readXml(report.name, report.text);
  if (root['testsuites'] === undefined && root['testsuite'] === undefined) return null;
  const failures: string[] = [];
  const count = { tests: 0, failed: 0, skipped: 0 };
  const suites: Json[] = [root];
  for (let suite = suites.pop(); suite !== undefined; suite = suites.pop()) {
    if (!isJsonObject(suite)) continue;
    for (const name of ['testsuites', 'testsuite']) suites.push(...listOf(suite[name]));
    for (const one of listOf(suite['testcase'])) {
      const testCase: JsonObject = isJsonObject(one) ? one : {};
      count.tests += 1;
      if (testCase['failure'] !== undefined || testCase['error'] !== undefined) {
        count.failed += 1;
        failures.push(nameOf(testCase));
      } else if (testCase['skipped'] !== undefined) count.skipped += 1;
    }
  }
  return { ...count, failures };
}

function nameOf(testCase: JsonObject): string {
  return [testCase['@classname'], testCase['@name']].filter((part): part is string => typeof part === 'string' && part !== '').join(' › ').slice(0, 300) || '(without a name)';
}

function listOf(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
}

async function tapResults(text: string): Promise<TestResults> {
  const { Parser } = await import('tap-parser');
  let results: FinalResults | null = null;
  const parser = new Parser((final) => {
    results = final;
  });
  parser.end(text);
  const final = results as FinalResults | null;
  if (!final) return { tests: 0, failed: 0, skipped: 0, failures: [] };
  // A plan that was not kept, or a bail-out, is a failure of its own.
  const broken = final.bailout !== false && final.bailout !== '' ? 1 : final.plan.comment === undefined && !final.ok && final.fail === 0 ? 1 : 0;
  return { tests: final.count, failed: final.fail + broken, skipped: final.skip + final.todo, failures: final.failures.map((failure) => String(failure.name ?? failure.tapError ?? '(without a name)').slice(0, 300)) };
}
