import { isDeepStrictEqual } from 'node:util';

import { BareWorld } from './bare-world.ts';
import { BrokenWorld } from './broken-world.ts';
import { calmSetting, settingOf } from './settings-of-seed.ts';
import { World } from './world.ts';
import type { Ending, Setting, WorldKind } from './common-world.ts';

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
  readonly without: readonly number[];
  /** Only worlds of this kind; both, in their usual share, when absent. */
  readonly kind?: WorldKind;
}

const calm = new Map<string, Promise<Ending>>();

/** The ending of the same mission on a good day; run once for each mission. */
function calmEnding(setting: Setting): Promise<Ending> {
  const name = `${setting.kind} ${setting.written.name}`;
  const known = calm.get(name) ?? worldOf(calmSetting(setting), false).run();
  calm.set(name, known);
  return known;
}

export function worldOf(setting: Setting, tellStory: boolean): World | BareWorld {
  return setting.kind === 'whole' ? new World(setting, tellStory) : new BareWorld(setting, tellStory);
}

/** Runs one world and compares what it came to with a calm one, where nobody but the weather interfered. Rejects with `BrokenWorld`. */
export async function runSeed(seed: number, kind?: WorldKind): Promise<Ending> {
  const setting = settingOf(seed, kind);
  const world = worldOf(setting, false);
  const ending = await world.run();
  if (setting.disturbances > 0 || setting.written.countsAttempts === true) return ending;
  const { outcome } = await calmEnding(setting);
  const difference = differenceOf(outcome, ending.outcome);
  if (difference !== null) throw new BrokenWorld(`seed ${seed} (${setting.weather.name}, ${setting.written.name}): ended otherwise than on a calm day: ${difference}`, world.timeline, null);
  return ending;
}

/** Runs a range of seeds one after the other. */
export async function runSeeds({ from, count, stride, enough, without, kind }: SeedRange, progress: (worlds: number) => void = () => undefined): Promise<SeedReport> {
  const broken: BrokenSeed[] = [];
  const fingerprints: [number, string][] = [];
  const statuses: Record<string, number> = {};
  let steps = 0;
  let simulatedMs = 0;
  for (let seed = from; seed < from + count && broken.length < enough; seed += stride) {
    if (without.includes(seed)) continue;
    try {
      const ending = await runSeed(seed, kind);
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

function differenceOf(expected: object, found: object): string | null {
  const parts = new Map<string, unknown>(Object.entries(found));
  for (const [part, wanted] of Object.entries(expected) as [string, unknown][]) {
    if (!isDeepStrictEqual(wanted, parts.get(part))) return `${part}: ${JSON.stringify(parts.get(part))} instead of ${JSON.stringify(wanted)}`;
  }
  return null;
}
