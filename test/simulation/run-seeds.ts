import { isDeepStrictEqual } from 'node:util';

import type { Outcome } from './outcome.ts';
import { calmSetting, settingOf } from './settings-of-seed.ts';
import { BrokenWorld, World } from './world.ts';
import type { Ending, Setting } from './world.ts';

export interface BrokenSeed {
  readonly seed: number;
  readonly reason: string;
}

export interface SeedReport {
  readonly worlds: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly statuses: { readonly [status: string]: number };
  readonly broken: readonly BrokenSeed[];
  /** By seed: equal runs have equal fingerprints. */
  readonly fingerprints: readonly (readonly [seed: number, fingerprint: string])[];
}

export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Takes every n-th seed, so that several workers share a range evenly. */
  readonly stride: number;
  /** Stops after so many broken worlds. */
  readonly enough: number;
}

const calm = new Map<string, Promise<Ending>>();

/** The ending of the same mission on a good day; run once for each mission. */
function calmEnding(setting: Setting): Promise<Ending> {
  const known = calm.get(setting.written.name) ?? new World(calmSetting(setting), false).run();
  calm.set(setting.written.name, known);
  return known;
}

/** Runs one world and compares what it came to with a calm one, where nobody but the weather interfered. Rejects with `BrokenWorld`. */
export async function runSeed(seed: number, tellStory = false): Promise<Ending> {
  const setting = settingOf(seed);
  const world = new World(setting, tellStory);
  const ending = await world.run();
  if (setting.disturbances > 0) return ending;
  const { outcome } = await calmEnding(setting);
  const difference = differenceOf(outcome, ending.outcome);
  if (difference !== null) throw new BrokenWorld(`seed ${seed} (${setting.weather.name}, ${setting.written.name}): ended otherwise than on a calm day: ${difference}`, world.timeline, null);
  return ending;
}

/** Runs a range of seeds one after the other. */
export async function runSeeds({ from, count, stride, enough }: SeedRange, progress: (worlds: number) => void = () => undefined): Promise<SeedReport> {
  const broken: BrokenSeed[] = [];
  const fingerprints: [number, string][] = [];
  const statuses: Record<string, number> = {};
  let steps = 0;
  let simulatedMs = 0;
  for (let seed = from; seed < from + count && broken.length < enough; seed += stride) {
    try {
      const ending = await runSeed(seed);
      fingerprints.push([seed, ending.fingerprint]);
      statuses[ending.status] = (statuses[ending.status] ?? 0) + 1;
      steps += ending.steps;
      simulatedMs += ending.simulatedMs;
    } catch (error) {
      if (!(error instanceof BrokenWorld)) throw error;
      fingerprints.push([seed, error.fingerprint]);
      broken.push({ seed, reason: error.message });
    }
    progress(fingerprints.length);
  }
  return { worlds: fingerprints.length, steps, simulatedMs, statuses, broken, fingerprints };
}

function differenceOf(expected: Outcome, found: Outcome): string | null {
  for (const part of Object.keys(expected) as (keyof Outcome)[]) {
    if (!isDeepStrictEqual(expected[part], found[part])) return `${part}: ${JSON.stringify(found[part])} instead of ${JSON.stringify(expected[part])}`;
  }
  return null;
}
