import { parseArgs } from 'node:util';

import { bundleSimulator } from './bundle.ts';
import { huntMutations } from './hunt-mutations.ts';
import { mutations } from './mutations.ts';
import { runSeed, worldOf } from './run-seeds.ts';
import { settingOf } from './settings-of-seed.ts';
import { simulate } from './simulate.ts';
import { BrokenWorld } from './broken-world.ts';
import type { WorldKind } from './common-world.ts';

const usage = `npm run simulate -- [options]

  --seeds N      worlds to run (default 1000)
  --from S       first seed (default 1)
  --seed S       one world; with --story its whole story, step by step
  --kind K       whole (with GitHub) or bare; by seed when absent: one in eight is whole
  --threads T    threads (default: one per processor)
  --mutants      plants each known bug and looks for it
  --mutant NAME  plants one of them
`;

/** `npm run simulate`: 0 when every promise held (and every planted bug was found), 1 when not, 2 for wrong usage. */
async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, threads: { type: 'string' }, story: { type: 'boolean' }, mutants: { type: 'boolean' }, mutant: { type: 'string' }, kind: { type: 'string' }, help: { type: 'boolean' } } }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const numbers = { seeds: numberOf(values.seeds, 1000), from: numberOf(values.from, 1), seed: numberOf(values.seed, 0), threads: numberOf(values.threads, 0) };
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== null) continue;
    console.error(`--${name}: expected a whole number from 1, found ${JSON.stringify(values[name as keyof typeof values])}`);
    return 2;
  }
  const { seeds, from, seed, threads } = numbers as { readonly [name in keyof typeof numbers]: number };
  const { kind } = values;
  if (kind !== undefined && !isKind(kind)) {
    console.error(`--kind: expected whole or bare, found ${JSON.stringify(kind)}`);
    return 2;
  }
  const threading = { ...(threads === 0 ? {} : { threads }), ...(kind === undefined ? {} : { kind }) };
  if (values.seed !== undefined) return runOne(seed, values.story === true, kind);
  if (values.mutant !== undefined && !mutations.some(({ name }) => name === values.mutant)) {
    console.error(`--mutant: there is no planted bug called ${JSON.stringify(values.mutant)}; there are:\n${mutations.map(({ name }) => `  ${name}`).join('\n')}`);
    return 2;
  }
  if (values.mutants === true || values.mutant !== undefined) {
    const chosen = values.mutant === undefined ? mutations : mutations.filter(({ name }) => name === values.mutant);
    const survivors = await huntMutations(chosen, { seeds, ...threading, tell: (line) => console.log(line) });
    console.log(`\n${chosen.length - survivors.length} of ${chosen.length} planted bugs found${survivors.length === 0 ? '' : `; not found: ${survivors.join(', ')}`}`);
    return survivors.length === 0 ? 0 : 1;
  }
  return runMany(from, seeds, threading);
}

function isKind(text: string): text is WorldKind {
  return text === 'whole' || text === 'bare';
}

function numberOf(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise;
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}

async function runMany(from: number, seeds: number, threading: { readonly threads?: number; readonly kind?: WorldKind }): Promise<number> {
  const bundle = await bundleSimulator();
  const started = performance.now();
  const live = process.stdout.isTTY;
  try {
    const report = await simulate(bundle, { from, count: seeds, enough: 20, ...threading, progress: (worlds) => void (live && process.stdout.write(`\r${worlds} of ${seeds} worlds`)) });
    if (live) process.stdout.write('\r\x1b[K');
    const seconds = (performance.now() - started) / 1000;
    console.log(`${report.worlds} worlds in ${seconds.toFixed(1)} s: ${report.steps} steps, ${(report.simulatedMs / 3_600_000).toFixed(0)} simulated hours`);
    console.log(`ended: ${Object.entries(report.statuses).map(([status, count]) => `${count} ${status}`).join(', ')}`);
    for (const { reason } of report.broken) console.log(`BROKEN  ${reason}`);
    const [first] = report.broken;
    if (first) console.log(`\nThe whole story of one of them: npm run simulate -- --seed ${first.seed} --story${threading.kind === undefined ? '' : ` --kind ${threading.kind}`}`);
    return report.broken.length === 0 ? 0 : 1;
  } finally {
    await bundle.remove();
  }
}

async function runOne(seed: number, tellStory: boolean, wanted?: WorldKind): Promise<number> {
  const { kind, weather, written, apps, workers, disturbances } = settingOf(seed, wanted);
  console.log(`seed ${seed}: a ${kind} world, mission "${written.name}", weather "${weather.name}", ${apps} app(s), ${workers} worker(s), ${disturbances} interference(s)\n`);
  try {
    if (tellStory) await storyOf(seed, kind);
    const ending = await runSeed(seed, kind);
    console.log(`${ending.status} after ${ending.steps} steps and ${Math.round(ending.simulatedMs / 1000)} simulated seconds; fingerprint ${ending.fingerprint}`);
    console.log(JSON.stringify(ending.outcome, null, 2));
    return 0;
  } catch (error) {
    if (!(error instanceof BrokenWorld)) throw error;
    console.log(`BROKEN  ${error.message}; fingerprint ${error.fingerprint}`);
    return 1;
  }
}

async function storyOf(seed: number, kind: WorldKind): Promise<void> {
  const world = worldOf(settingOf(seed, kind), true);
  await world.run().catch(() => undefined);
  console.log(`${world.timeline.story?.join('\n') ?? ''}\n`);
}

process.exitCode = await main();
