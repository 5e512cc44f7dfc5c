import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { evaluateExpression } from '../../src/core/expression/evaluate.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { startChild } from './child.ts';
import { median, number } from './results.ts';
import type { Results } from './results.ts';

const measure = 'Mission language';
const stepTypes = createStepRegistry(builtInSteps);
const usual = { stepTypes } as const;

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** A mission of so many tasks as a person's tool would write it: five lines a task, each needing one before it. */
function fileOf(size: number): string {
  const tasks = Array.from({ length: size }, (_, index) => `      - id: t${index}\n        title: Do ${index}\n        uses: noop\n${index === 0 ? '' : `        needs: [t${Math.floor(index / 2)}]\n`}`);
  return `version: 1\nname: many\nphases:\n  - id: p\n    gate: none\n    tasks:\n${tasks.join('')}`;
}

/** What the issue promises of the language: reading, planning, expressions, and a thousand tasks under way at once. */
export async function language(options: { readonly rounds: number }, results: Results): Promise<void> {
  plans(options.rounds, results);
  yaml(options.rounds, results);
  expressions(options.rounds, results);
  await wide(options.rounds, results);
}

function plans(rounds: number, results: Results): void {
  const perTask = new Map<number, number>();
  for (const [size, limit] of [[10_000, 100], [100_000, 1_000]] as const) {
    const written = definition([phase('p', Array.from({ length: size }, (_, index) => task(`t${index}`, { needs: index === 0 ? [] : [`t${Math.floor(index / 2)}`] })), { gate: null })]);
    if (!makePlan(written).ok) throw new Error('the mission can be planned');
    const planning = median(Array.from({ length: Math.max(5, rounds) }, () => timed(() => makePlan(written))));
    perTask.set(size, planning / size);
    results.rows.push({ measure, what: `validate and plan ${number(size)} tasks`, measured: `${number(planning)} ms` });
    results.bars.push({ name: `language: plan of ${number(size)} tasks, ms`, value: planning, limit, kind: 'at most' });
  }
  results.bars.push({ name: 'language: cost a task at ten times the size', value: (perTask.get(100_000) ?? Number.NaN) / (perTask.get(10_000) ?? Number.NaN), limit: 1.5, kind: 'at most' });
  const reading = new Map<number, number>();
  for (const size of [1_000, 10_000]) {
    const text = fileOf(size);
    const times = Array.from({ length: Math.max(3, rounds) }, () =>
      timed(() => {
        if (!readMissionFile({ file: 'many.yml', text }, usual).ok) throw new Error('the mission can be read');
      }),
    );
    reading.set(size, median(times) / size);
    results.rows.push({ measure, what: `read and check the YAML of ${number(size)} tasks (${number(text.length / 1024)} KB)`, measured: `${number(median(times))} ms` });
  }
  results.bars.push({ name: 'language: cost of reading a task at ten times the size', value: (reading.get(10_000) ?? Number.NaN) / (reading.get(1_000) ?? Number.NaN), limit: 1.5, kind: 'at most' });
}

const mebibyte = 1024 * 1024;

/** One megabyte with anchors and aliases, as far as a reader may let them go. */
function withAliases(): string {
  const head = 'base: &base { a: 1, b: [1, 2, 3] }\nlist:\n';
  const line = `  - { text: "${'x'.repeat(1100)}", of: *base }\n`;
  return head + line.repeat(Math.floor((mebibyte - head.length) / line.length));
}

const hostile: readonly (readonly [string, string])[] = [
  ['alias bomb', `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 10 }, () => `*a${n}`).join(', ')}]`).join('\n')}\n`],
  ['10,000-deep nesting', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['duplicate keys', 'a: 1\na: 2\n'],
  ['tag', 'a: !!js/function "x"\n'],
];

function yaml(rounds: number, results: Results): void {
  const text = withAliases();
  if (!readYaml('big.yml', text).ok) throw new Error('the file with aliases must be readable');
  const times = Array.from({ length: Math.max(3, rounds) }, () => timed(() => readYaml('big.yml', text)));
  results.rows.push({ measure, what: 'YAML of 1 MB with anchors and aliases', measured: `${number(median(times))} ms` });
  results.bars.push({ name: 'language: YAML of 1 MB with anchors and aliases, ms', value: median(times), limit: 200, kind: 'at most' });
  let slowest = 0;
  for (const [what, attack] of hostile) {
    const ms = timed(() => {
      if (readYaml('hostile.yml', attack).ok) throw new Error(`${what} was not refused`);
    });
    slowest = Math.max(slowest, ms);
  }
  results.rows.push({ measure, what: `hostile YAML refused (${hostile.map(([what]) => what).join(', ')})`, measured: `${number(slowest)} ms at most` });
  results.bars.push({ name: 'language: hostile YAML refused, ms', value: slowest, limit: 200, kind: 'at most' });
}

function expressions(rounds: number, results: Results): void {
  const text = 'tasks.build.outputs.version == "2" && size(inputs.files) > 3';
  const context = { inputs: { files: ['a', 'b', 'c', 'd'] }, tasks: new Map([['build', { result: 'success', outputs: { version: '2' }, attempts: 1 }]]) };
  const count = 200_000;
  const evaluate = (): number => timed(() => {
    for (let n = 0; n < count; n += 1) if (!evaluateExpression(text, context).ok) throw new Error('the expression has a value');
  });
  evaluate();
  const perSecond = median(Array.from({ length: rounds }, () => (count / evaluate()) * 1000));
  results.rows.push({ measure, what: `expression evaluated: \`${text.replaceAll('|', '\\|')}\``, measured: `${number(perSecond)} a second` });
  results.bars.push({ name: 'language: expressions a second', value: perSecond, limit: 100_000, kind: 'at least' });
}

interface Wide {
  readonly seconds: number;
  readonly most: number;
  readonly megabytes: number;
  readonly status: string;
  readonly attempts: number;
}

async function wide(rounds: number, results: Results): Promise<void> {
  const width = 1_000;
  const runs: Wide[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = startChild('wide-phase.ts', { width });
    started.child.stdin?.end();
    for await (const line of started.lines()) runs.push(line as Wide);
  }
  if (runs.some(({ status, attempts }) => status !== 'completed' || attempts !== width)) throw new Error(`the wide phase went wrong: ${JSON.stringify(runs)}`);
  const overhead = median(runs.map(({ seconds }) => (seconds * 1000) / width));
  const megabytes = Math.max(...runs.map((run) => run.megabytes));
  const most = Math.min(...runs.map((run) => run.most));
  results.rows.push({ measure, what: `one phase of ${number(width)} tasks, all under way at once, embedded`, measured: `${number(overhead)} ms a task, ${number(megabytes)} MB resident at most, ${number(most)} at once` });
  results.bars.push({ name: 'language: tasks under way at once', value: most, limit: width, kind: 'at least' });
  results.bars.push({ name: 'language: overhead a task of a wide phase, ms', value: overhead, limit: 10, kind: 'at most' });
  results.bars.push({ name: 'language: resident with 1,000 tasks under way, MB', value: megabytes, limit: 400, kind: 'at most' });
}
