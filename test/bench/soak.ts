import { readdirSync } from 'node:fs';

import { startChild } from './child.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { number } from './results.ts';
import type { Results } from './results.ts';
import { residentMegabytes } from './start.ts';
import type { Workload } from './workloads.ts';

interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
  readonly openFiles: number;
}

/** Share of the soak that counts as warm-up. */
const warmUpShare = 1 / 4;
const sampleEveryMs = 2_000;

/**
 * Memory of one process under load for a long time: missions one group after the other, with a pause, as fast as half the
 * machine allows. The slope is that of a straight line through the samples after the warm-up.
 */
export async function soak(servers: Servers, minutes: number, results: Results): Promise<void> {
  const tasks: Workload['tasks'] = [{ id: 'first', needs: [] }, ...Array.from({ length: 20 }, (_, index) => ({ id: `w${index}`, needs: ['first'] }))];
  const samples: Sample[] = [];
  let missions = 0;
  await onFreshServers(servers, async (fresh) => {
    const endless = { name: 'soak', tasks, together: 5, groups: 1, forSeconds: minutes * 60, pauseMs: 200 };
    const child = startChild('missiongate.ts', { workloads: [endless], warmUp: { ...endless, forSeconds: 0 }, profile: 'redis', ...fresh });
    const started = performance.now();
    const timer = setInterval(() => {
      const pid = child.child.pid ?? 0;
      samples.push({ seconds: (performance.now() - started) / 1000, megabytes: residentMegabytes(pid), openFiles: openFiles(pid) });
      if (samples.length % 30 === 0) console.log(`  ${number((samples.at(-1)?.seconds ?? 0) / 60)} min: ${number(samples.at(-1)?.megabytes ?? 0)} MB, ${samples.at(-1)?.openFiles} open files`);
    }, sampleEveryMs);
    try {
      for await (const line of child.lines()) missions += (line as { groups?: number }).groups ?? 0;
    } finally {
      clearInterval(timer);
    }
  });
  const steady = samples.filter(({ seconds }) => seconds > minutes * 60 * warmUpShare && seconds < minutes * 60);
  const slope = slopePerHour(steady);
  const files = steady.map((sample) => sample.openFiles);
  results.rows.push({
    measure: `Soak of ${number(minutes)} minutes, Redis + PostgreSQL`,
    what: `${number(missions * 5)} missions of 21 tasks, app and worker in one process`,
    measured: `${number(steady[0]?.megabytes ?? Number.NaN)} MB after the warm-up, ${number(steady.at(-1)?.megabytes ?? Number.NaN)} MB at the end; slope ${slope.toFixed(2)} %/h; open files ${Math.min(...files)}–${Math.max(...files)}`,
  });
  results.bars.push({ name: 'soak: growth of resident memory, % per hour', value: slope, limit: 1, kind: 'at most' });
  results.bars.push({ name: 'soak: open files at the end over those after the warm-up', value: (files.at(-1) ?? Number.NaN) / (files[0] ?? Number.NaN), limit: 1.1, kind: 'at most' });
  results.details.soak = samples;
}

/** Slope of the least-squares line through the samples, in per cent of its height at the beginning, per hour. */
export function slopePerHour(samples: readonly { readonly seconds: number; readonly megabytes: number }[]): number {
  const count = samples.length;
  if (count < 3) return Number.NaN;
  const meanX = samples.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const meanY = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / count;
  let xy = 0;
  let xx = 0;
  for (const { seconds, megabytes } of samples) {
    xy += (seconds - meanX) * (megabytes - meanY);
    xx += (seconds - meanX) ** 2;
  }
  const slope = xy / xx;
  const first = meanY + slope * ((samples[0]?.seconds ?? 0) - meanX);
  return ((slope * 3600) / first) * 100;
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return Number.NaN;
  }
}
