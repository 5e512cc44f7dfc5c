import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundleSimulator, MutationMisfit } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { huntMutations } from './hunt-mutations.ts';
import { mutations } from './mutations.ts';
import type { SeedReport } from './run-seeds.ts';
import { simulate } from './simulate.ts';

/** About 30 seconds of two processors. CI runs 10,000 others in a step of their own; `npm run simulate -- --seeds N` runs any number. */
const worlds = 2_500;
const repeated = 200;
/** Some of each kind, for the short run; `npm run simulate -- --mutants` looks for all. */
const sample = ['missions have several writers', 'leases are not kept up', 'evidence is not kept', 'a start that came too early is forgotten', 'decided signals are decided again'];

describe('simulated worlds', () => {
  let bundle: Bundle;
  let running: Promise<SeedReport> | null = null;
  /** Run once, by whichever test asks first. */
  const everyWorld = (): Promise<SeedReport> => (running ??= simulate(bundle, { from: 1, count: worlds, enough: 10 }));

  beforeAll(async () => {
    bundle = await bundleSimulator();
  });
  afterAll(() => bundle.remove());

  it(`keep every promise under ${worlds} seeds`, async () => {
    const report = await everyWorld();
    expect(report.broken).toEqual([]);
    expect(report.worlds).toBe(worlds);
    // Worlds in which nothing ends well would prove little; some missions are written to fail.
    expect(report.statuses['completed']).toBeGreaterThan(worlds * 0.7);
  }, 900_000);

  it('are the same again under the same seed, step by step', async () => {
    const once = (await everyWorld()).fingerprints.slice(0, repeated);
    const twice = await simulate(bundle, { from: 1, count: repeated, enough: 1, threads: 1 });
    expect(twice.fingerprints).toEqual(once);
    expect(new Set(once.map(([, fingerprint]) => fingerprint)).size).toBe(repeated);
  }, 900_000);
});

describe('planted bugs', () => {
  it('are many, each with a name of its own', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(70);
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
  });

  it('fit the code', async () => {
    const misfits = [];
    for (const { name, edits } of mutations) {
      for (const { file, find } of edits) if ((await readFile(join(import.meta.dirname, '../..', file), 'utf8')).split(find).length !== 2) misfits.push(`${name}: ${file}`);
    }
    expect(misfits).toEqual([]);
  });

  it('are found', async () => {
    const chosen = mutations.filter(({ name }) => sample.includes(name));
    expect(chosen).toHaveLength(sample.length);
    const told: string[] = [];
    expect(await huntMutations(chosen, { seeds: 1_000, tell: (line) => told.push(line) }), told.join('\n')).toEqual([]);
  }, 600_000);

  it('are not found in worlds that break without them', async () => {
    const already = mutations.find(({ name }) => name === 'evidence is not kept');
    const harmless = { name: 'no bug at all', edits: [{ file: 'src/github/projector/trunk-branch.ts', find: "const key = 'branch:trunk';", replace: "const key = 'branch:' + 'trunk';" }] };
    const told: string[] = [];
    const options = { seeds: 4, tell: (line: string) => told.push(line), ...(already === undefined ? {} : { already }) };
    expect(await huntMutations([harmless], options)).toEqual(['no bug at all']);
    expect(told.filter((line) => line.startsWith('left out   a whole world')).length).toBeGreaterThan(0);
  });

  it('that no longer fit the code are reported', async () => {
    const misfit = { name: 'no such code', edits: [{ file: 'src/engine/relay.ts', find: 'there is no such line', replace: '' }] };
    await expect(bundleSimulator(misfit)).rejects.toThrow(/does not contain exactly once/);
    expect(new MutationMisfit('x').name).toBe('MutationMisfit');
  });
});
