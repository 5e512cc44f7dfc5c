/** What a metric is: a count adds up over the guards of a phase, a share is computed from two counts that have been added up. */
export type Metric =
  | { readonly kind: 'count'; readonly meaning: string }
  | { readonly kind: 'share'; readonly meaning: string; readonly of: readonly [part: string, whole: string] };

function count(meaning: string): Metric {
  return { kind: 'count', meaning };
}

/**
 * The metrics that have one meaning, whichever tool measured them. A guard gives some of them; a `command` guard has two of its own
 * besides, named after it. A new one is a line here.
 */
export const metrics = {
  tests: count('test cases that were reported, skipped ones included'),
  tests_passed: count('test cases that passed'),
  tests_failed: count('test cases that failed or broke'),
  tests_skipped: count('test cases that were skipped or are still to be written'),
  lines_coverable: count('lines that can be covered'),
  lines_covered: count('lines that were run by tests'),
  branches_coverable: count('branches that can be covered'),
  branches_covered: count('branches that were taken by tests'),
  functions_coverable: count('functions that can be covered'),
  functions_covered: count('functions that were called by tests'),
  coverage: { kind: 'share', meaning: 'share of lines that were run by tests, 0 to 1', of: ['lines_covered', 'lines_coverable'] },
  coverage_branches: { kind: 'share', meaning: 'share of branches that were taken by tests, 0 to 1', of: ['branches_covered', 'branches_coverable'] },
  coverage_functions: { kind: 'share', meaning: 'share of functions that were called by tests, 0 to 1', of: ['functions_covered', 'functions_coverable'] },
  sast_errors: count('results of static analysis with the level error'),
  sast_warnings: count('results of static analysis with the level warning'),
  sast_notes: count('results of static analysis with the level note'),
  critical_sast: count('results of static analysis with a security severity of 9 or more'),
  high_sast: count('results of static analysis with a security severity from 7 to 8.9'),
  medium_sast: count('results of static analysis with a security severity from 4 to 6.9'),
  low_sast: count('results of static analysis with a security severity above 0 and below 4'),
  critical_cves: count('known vulnerabilities of dependencies, critical'),
  high_cves: count('known vulnerabilities of dependencies, high'),
  medium_cves: count('known vulnerabilities of dependencies, medium (npm says moderate)'),
  low_cves: count('known vulnerabilities of dependencies, low'),
  unrated_cves: count('known vulnerabilities of dependencies whose severity nobody has told'),
  lint_errors: count('errors of a linter'),
  lint_warnings: count('warnings of a linter'),
  sbom_components: count('components that a software bill of materials lists'),
  components_unlicensed: count('components of which no licence is known'),
  licenses_denied: count('components whose licence is not allowed'),
  secrets: count('secrets in changed files and in the history that they come with'),
  secrets_in_history: count('of these, secrets that stand only in the history: in a commit itself, or in files that do not hold them at the head any more'),
  files_changed: count('files that differ from the base of the trunk'),
  lines_added: count('lines added since the base of the trunk'),
  lines_deleted: count('lines deleted since the base of the trunk'),
  files_out_of_scope: count('changed files that may not be changed'),
  protected_files_changed: count('changed files that are protected: workflows, instructions for agents, lockfiles, owners'),
  required_files_missing: count('files that are required and missing or empty'),
  commits: count('commits since the base of the trunk, merges left out'),
  commits_unconventional: count('of these, commits whose message does not follow the convention'),
  claims: count('claims that were handed over'),
  contradictions: count('subjects about which two claims differ'),
  findings_errors: count('findings of all guards with the level error'),
  findings_warnings: count('findings of all guards with the level warning'),
  findings_notes: count('findings of all guards with the level note'),
  tasks: count('tasks of the phase'),
  tasks_done: count('tasks of the phase that are done'),
  tasks_failed: count('tasks of the phase that failed for good'),
  tasks_by_hand: count('tasks of the phase that a person did'),
  tasks_open: count('tasks of the phase that are not settled well'),
} as const satisfies { readonly [name: string]: Metric };

export type MetricName = keyof typeof metrics;

export type Measured = { readonly [name in MetricName]?: number };

/** What every gate measures, whichever guards its phase has. */
export const alwaysMeasured = [
  'files_changed', 'lines_added', 'lines_deleted', 'findings_errors', 'findings_warnings', 'findings_notes',
  'tasks', 'tasks_done', 'tasks_failed', 'tasks_by_hand', 'tasks_open',
] as const satisfies readonly MetricName[];

const known: { readonly [name: string]: Metric } = metrics;

export function metricNames(): readonly string[] {
  return Object.keys(known);
}

/**
 * Metrics of several reports as one: counts add up, shares are computed from the sums. A metric that is not in the table, as a
 * `command` guard has it, stands for itself and yields to one of the table.
 */
export function combineMetrics(measured: readonly { readonly [name: string]: number }[]): { readonly [name: string]: number } {
  const all = new Map<string, number>();
  for (const [name, value] of measured.flatMap((one) => Object.entries(one))) {
    const metric = metricOf(name);
    if (metric?.kind === 'share') continue;
    all.set(name, metric ? (all.get(name) ?? 0) + value : value);
  }
  return withShares(Object.fromEntries(all));
}

/** Adds the shares whose counts are there, rounded down to four digits. A share of nothing is not measured. */
export function withShares(counts: { readonly [name: string]: number }): { readonly [name: string]: number } {
  const shares: [string, number][] = [];
  for (const [name, metric] of Object.entries(known)) {
    if (metric.kind !== 'share') continue;
    const [part, whole] = metric.of;
    const partly = Object.hasOwn(counts, part) ? counts[part] : undefined;
    const wholly = Object.hasOwn(counts, whole) ? counts[whole] : undefined;
    if (partly !== undefined && wholly !== undefined && wholly > 0) shares.push([name, Math.floor((partly * 10_000) / wholly) / 10_000]);
  }
  return { ...counts, ...Object.fromEntries(shares) };
}

function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
