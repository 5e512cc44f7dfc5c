import type { RubricLine } from '../mission/event.ts';
import type { HealClass } from '../mission/heal.ts';
import type { Measured } from './waivers.ts';

/** What is wrong at a gate, by kind of repair. */
export interface Ailment {
  readonly class: HealClass;
  readonly rules: readonly string[];
  /** In words, as the check shows them. */
  readonly reasons: readonly string[];
  /** Findings of the guards concerned: digests of artifacts. */
  readonly findings: readonly string[];
}

interface Strategy {
  readonly class: HealClass;
  /** Names of metrics, guards and guard types that belong to it; the first entry that knows one wins. */
  readonly knows: RegExp;
  /** What the task is called. */
  readonly title: string;
  /** What repairs it: an agent, or taking the files named by the findings back to where the mission began. */
  readonly by: 'agent' | 'restore';
  /** What an agent is told, before what was measured. */
  readonly instruction: string;
}

/** How each kind of failure is repaired. The page docs/reference/healing.md shows this table; a test compares them. */
export const healStrategies: readonly Strategy[] = [
  { class: 'secrets', knows: /secret|credential/, title: 'Take secrets out', by: 'agent', instruction: 'Take the secrets named below out of the files, and read them from the environment or a secret store instead. Never write a secret anywhere else, not in part either. What was committed stays in the history, which a person has to rewrite: say in your report which secrets have to be replaced, and which commits brought them.' },
  { class: 'scope', knows: /scope|protected|outside|forbidden|files_changed|lines_(?:added|deleted)/, title: 'Take back what was not asked for', by: 'restore', instruction: 'The change touches files that it should not touch, or is larger than it may be. Take back what the task did not ask for, and keep the rest.' },
  { class: 'conflict', knows: /conflict|behind|mergeable/, title: 'Resolve conflicts', by: 'agent', instruction: 'The change does not go together with what it is to be merged into. Bring the files named below to a state in which both sides keep what they meant.' },
  { class: 'coverage', knows: /coverage|covered/, title: 'Test what is not covered', by: 'agent', instruction: 'Write tests for what is covered least, beginning with the files named below. Test behaviour; never leave out code, files or thresholds to raise the number.' },
  { class: 'vulnerabilities', knows: /vulnerabilit|cves?(?:_|$)|advisor|dependenc|licen[cs]e|sbom|osv|audit/, title: 'Repair dependencies', by: 'agent', instruction: 'Raise or replace the dependencies named below, and update the lockfile with the package manager. Change no more versions than are needed.' },
  { class: 'lint', knows: /lint|finding|sarif|eslint|format|style|type_?errors|warnings|errors|commits?_|conventional/, title: 'Repair findings', by: 'agent', instruction: 'Repair the findings named below where they are. Switch no rule off, and add no exception.' },
  { class: 'tests', knows: /test|junit|tap(?:_|$)|spec(?:_|$)|suite/, title: 'Repair failing tests', by: 'agent', instruction: 'Make the failing tests named below pass by repairing the code. Change a test only if it is wrong itself, and say so in your report; delete and skip none.' },
  { class: 'missing', knows: /^$/, title: 'Let the checks run', by: 'agent', instruction: 'Something that should have been examined was not: a report is missing or empty, so nothing ran. Find out why, and repair it so that the report is written.' },
  { class: 'unknown', knows: /^$/, title: 'Repair what keeps the gate shut', by: 'agent', instruction: 'Find out why the rules named below do not hold, and repair the cause.' },
];

/** What a person rejected is repaired as they say. */
export const rejectionStrategy: Strategy = { class: 'rejection', knows: /^$/, title: 'Answer a rejection', by: 'agent', instruction: 'Somebody looked at this change and rejected it. Change it as they ask.' };

export function strategyOf(named: HealClass): Strategy {
  return [...healStrategies, rejectionStrategy].find((strategy) => strategy.class === named) ?? rejectionStrategy;
}

/** What a task can repair of what failed and is not waived, one entry for each kind, in the order of the table. */
export function diagnose(found: Measured): readonly Ailment[] {
  const classed = found.lines.flatMap((line) => {
    const named = line.passed || line.waived !== undefined ? null : classOf(line, found);
    return named === null ? [] : [{ line, named }];
  });
  return healStrategies.flatMap((strategy): Ailment[] => {
    const lines = classed.flatMap(({ line, named }) => (named === strategy.class ? [line] : []));
    if (lines.length === 0) return [];
    return [{ class: strategy.class, rules: lines.map(({ rule }) => rule), reasons: lines.map(({ reason, rule }) => reason ?? rule), findings: findingsFor(strategy, lines, found) }];
  });
}

/**
 * Null: only people can repair it. Missing evidence and failed tasks are tried again with `/retry`; a secret that stands only in the
 * history is not taken out by a further commit.
 */
function classOf(line: RubricLine, { metrics, reports }: Measured): HealClass | null {
  if (line.rule === 'evidence' || line.rule === 'policy') return null;
  if (line.rule.startsWith('guard ')) {
    const guard = line.rule.slice('guard '.length);
    const report = reports.find((one) => one.guard === guard);
    if (report !== undefined && areOnlyInHistory(report.metrics)) return null;
    const ranNothing = report !== undefined && Object.keys(report.metrics).length === 0 && report.findings === undefined;
    return ranNothing ? 'missing' : byName(`${guard} ${report?.uses ?? ''} ${Object.keys(report?.metrics ?? {}).join(' ')}`);
  }
  const metric = line.rule.replace(/_(?:max|min|required|range)$/, '');
  if (/^tasks(?:_|$)/.test(metric) || metric === 'secrets_in_history') return null;
  if (metric === 'secrets' && areOnlyInHistory(metrics)) return null;
  return line.measured === 'not measured' ? 'missing' : byName(metric);
}

function areOnlyInHistory(metrics: { readonly [name: string]: number }): boolean {
  const { secrets = 0, secrets_in_history: past = 0 } = metrics;
  return past > 0 && past >= secrets;
}

function byName(names: string): HealClass {
  return healStrategies.find(({ knows }) => names.toLowerCase().split(' ').some((name) => name !== '' && knows.test(name)))?.class ?? 'unknown';
}

/** Findings of the guards that failed for these lines, or whose names belong to the same kind of repair. */
function findingsFor(strategy: Strategy, lines: readonly RubricLine[], { reports }: Measured): readonly string[] {
  const guards = new Set(lines.flatMap(({ rule }) => (rule.startsWith('guard ') ? [rule.slice('guard '.length)] : [])));
  return reports.flatMap(({ guard, uses, metrics, findings }) => {
    if (findings === undefined || findings.digest === null) return [];
    const measures = lines.some(({ rule }) => Object.hasOwn(metrics, rule.replace(/_(?:max|min|required|range)$/, '')));
    return guards.has(guard) || measures || strategy.knows.test(guard) || strategy.knows.test(uses) ? [findings.digest] : [];
  });
}
