import { readdirSync } from 'node:fs';

import { startChild } from './child.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { peakMegabytes } from './memory.ts';
import { median, number } from './results.ts';
import type { Results } from './results.ts';
import type { Workload } from './workloads.ts';

export interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
  readonly openFiles: number;
}

/** Share of the soak that counts as warm-up. */
const warmUpShare = 1 / 4;

/**
 * Memory of one process under load for a long time: missions one group after the other, with a pause, as fast as half the
 * machine allows. Every few seconds the process collects its garbage and tells what is resident then (between collections it
 * swings by half of that); the slope is the median of the slopes between the least of one minute and that of another far apart.
 */
export async function soak(servers: Servers, minutes: number, results: Results): Promise<void> {
  const tasks: Workload['tasks'] = [{ id: 'first', needs: [] }, ...Array.from({ length: 20 }, (_, index) => ({ id: `w${index}`, needs: ['first'] }))];
  const samples: Sample[] = [];
  let missions = 0;
  let peak = 0;
  await onFreshServers(servers, async (fresh) => {
    const endless = { name: 'soak', tasks, together: 5, groups: 1, forSeconds: minutes * 60, pauseMs: 200 };
    const child = startChild('missiongate.ts', { workloads: [endless], warmUp: { ...endless, forSeconds: 0 }, profile: 'redis', ...fresh }, { nodeArguments: ['--expose-gc'] });
    const started = performance.now();
    for await (const line of child.lines()) {
      const told = line as { groups?: number; megabytes?: number };
      missions += told.groups ?? 0;
      if (told.megabytes === undefined) continue;
      const pid = child.child.pid ?? 0;
      samples.push({ seconds: (performance.now() - started) / 1000, megabytes: told.megabytes, openFiles: openFiles(pid) });
      peak = Math.max(peak, peakMegabytes(pid));
      if (samples.length % 12 === 0) console.log(`  ${number((samples.at(-1)?.seconds ?? 0) / 60)} min: ${number(told.megabytes)} MB, ${samples.at(-1)?.openFiles} open files`);
    }
  });
  const steady = samples.filter(({ seconds }) => seconds > minutes * 60 * warmUpShare && seconds < minutes * 60);
  const slope = slopePerHour(floors(steady));
  const files = steady.map((sample) => sample.openFiles);
  results.rows.push({
    measure: `Soak of ${number(minutes)} minutes, Redis + PostgreSQL`,
    what: `${number(missions * 5)} missions of 21 tasks, app and worker in one process`,
    measured: `${number(steady[0]?.megabytes ?? Number.NaN)} MB after the warm-up, ${number(steady.at(-1)?.megabytes ?? Number.NaN)} MB at the end, after collecting garbage (${number(peak)} MB at most in between); slope ${slope.toFixed(2)} %/h; open files ${Math.min(...files)}–${Math.max(...files)}`,
  });
  results.bars.push({ name: 'soak: growth of resident memory, % per hour', value: slope, limit: 1, kind: 'at most' });
  results.bars.push({ name: 'soak: open files at the end over those after the warm-up', value: (files.at(-1) ?? Number.NaN) / (files[0] ?? Number.NaN), limit: 1.1, kind: 'at most' });
  results.details.soak = samples;
}

/**
 * The least of every minute: what the allocator has not given back yet comes and goes, and is no growth; a leak lifts the least
 * as well.
 */
export function floors(samples: readonly Sample[]): readonly Sample[] {
  const least = new Map<number, Sample>();
  for (const sample of samples) {
    const minute = Math.floor(sample.seconds / 60);
    if (sample.megabytes < (least.get(minute)?.megabytes ?? Number.POSITIVE_INFINITY)) least.set(minute, sample);
  }
  return [...least.values()];
}

/** Theil–Sen: the median of the slopes between samples that lie at least a quarter of the time apart, in per cent of the median height, per hour. */
export function slopePerHour(samples: readonly { readonly seconds: number; readonly megabytes: number }[]): number {
  const apart = ((samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0)) / 4;
  const slopes = samples.flatMap((one) => samples.filter((other) => other.seconds - one.seconds >= apart && other !== one).map((other) => (other.megabytes - one.megabytes) / (other.seconds - one.seconds)));
  return ((median(slopes) * 3600) / median(samples.map(({ megabytes }) => megabytes))) * 100;
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return Number.NaN;
  }
}
