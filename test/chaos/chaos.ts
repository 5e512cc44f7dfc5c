// `npm run chaos`: breaks everything the product stands on while it works, and judges what is left.
//
//   npm run chaos -- [--only <name>]… [--seconds <n>] [--seed <n>] [--logs <folder>]
//
// Exit code: 0 when every scenario passed, 1 when one failed (in CI also when one could not run), 2 when called wrongly.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureReady } from '../../scripts/ensure-ready.mjs';
import { seeded } from '../support/random.ts';
import { problemsOf } from './chaos-scenario.ts';
import type { Outcome, Scenario, Terms } from './chaos-scenario.ts';
import { scenarios } from './scenarios/index.ts';

interface Line {
  readonly name: string;
  readonly seconds: number;
  readonly result: { readonly outcome: Outcome; readonly problems: readonly string[] } | { readonly unable: string } | { readonly error: string };
}

const usage = `Usage: npm run chaos -- [--only <name>]… [--seconds <n>] [--seed <n>] [--logs <folder>]\nScenarios: ${scenarios.map(({ name }) => name).join(', ')}\n`;
const say = (text: string) => process.stdout.write(text);

const options = readOptions();
if (options === null) {
  process.stderr.write(usage);
  process.exit(2);
}
await ensureReady();
say(`Seed ${options.seed}\n`);
const lines: Line[] = [];
for (const scenario of options.chosen) lines.push(await runOne(scenario, options));
say(table(lines));
const failed = lines.filter(({ result }) => 'error' in result || ('problems' in result && result.problems.length > 0));
const missed = lines.flatMap(({ name, result }) => ('unable' in result ? [`${name} DID NOT RUN: ${result.unable}`] : []));
for (const miss of missed) say(`\n!!! ${miss}\n`);
process.exit(failed.length > 0 || (missed.length > 0 && process.env['CI'] === 'true') ? 1 : 0);

async function runOne(scenario: Scenario, { seconds, seed, logs }: Pick<Terms, 'seconds' | 'logs'> & { readonly seed: number }): Promise<Line> {
  const from = performance.now();
  const elapsed = () => Math.round((performance.now() - from) / 1000);
  const report = (line: string) => say(`  ${String(elapsed()).padStart(4)} s  ${line}\n`);
  say(`\n${scenario.name}: ${scenario.breaks}\n`);
  const unable = (await scenario.unable?.()) ?? null;
  if (unable !== null) {
    report(`did not run: ${unable}`);
    return { name: scenario.name, seconds: 0, result: { unable } };
  }
  try {
    const outcome = await scenario.run({ seconds, random: seeded(seed), report, logs: logs === null ? null : join(logs, scenario.name) });
    const problems = problemsOf(outcome);
    report(problems.length === 0 ? 'passed' : `FAILED\n${problems.slice(0, 20).join('\n')}${problems.length > 20 ? `\n… and ${problems.length - 20} more` : ''}`);
    return { name: scenario.name, seconds: elapsed(), result: { outcome, problems } };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report(`FAILED: ${reason}`);
    return { name: scenario.name, seconds: elapsed(), result: { error: reason } };
  }
}

function table(all: readonly Line[]): string {
  const rows = all.map(({ name, seconds, result }) => {
    if ('unable' in result) return `| ${name} | did not run | | | | | | |`;
    if ('error' in result) return `| ${name} | failed: ${result.error.split('\n')[0]} | | | | | | ${seconds} |`;
    const { injected, tasks, finished, lost, doubled, late } = result.outcome;
    const faults = Object.entries(injected).map(([what, times]) => `${times} ${what}`).join(', ');
    return `| ${name}${result.problems.length > 0 ? ' ✖' : ''} | ${faults} | ${tasks} | ${finished} | ${lost.length} | ${doubled.length} | ${late ? `${late.refused} of ${late.sent}` : '–'} | ${seconds} |`;
  });
  return ['', '| scenario | faults injected | tasks | finished | lost | doubled | late results refused | seconds |', '| --- | --- | --- | --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, seconds: { type: 'string' }, seed: { type: 'string' }, logs: { type: 'string' } } });
    const only = values.only ?? [];
    const chosen = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
    const seconds = values.seconds === undefined ? null : Number(values.seconds);
    const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
    if (only.some((name) => !scenarios.some((scenario) => scenario.name === name)) || Number.isNaN(seconds ?? 0) || Number.isNaN(seed)) return null;
    return { chosen, seconds, seed, logs: values.logs ?? null } as const;
  } catch {
    return null;
  }
}
