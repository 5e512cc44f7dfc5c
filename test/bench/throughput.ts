import { startChild } from './child.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { median, withRange } from './results.ts';
import type { Results } from './results.ts';
import { warmUp, workloads } from './workloads.ts';
import type { Workload } from './workloads.ts';

type Profile = 'redis' | 'postgres' | 'embedded';

interface Contender {
  readonly name: string;
  readonly program: string;
  readonly profile: Profile;
  /** Comes from ../peers. */
  readonly peer?: true;
}

export const contenders: readonly Contender[] = [
  { name: 'Missiongate, Redis + PostgreSQL', program: 'missiongate.ts', profile: 'redis' },
  { name: 'bare BullMQ, Redis', program: 'bullmq.ts', profile: 'redis' },
  { name: 'DBOS, PostgreSQL', program: 'dbos.mjs', profile: 'postgres', peer: true },
  { name: 'graphile-worker, PostgreSQL', program: 'graphile-worker.mjs', profile: 'postgres', peer: true },
  { name: 'pg-boss, PostgreSQL', program: 'pg-boss.mjs', profile: 'postgres', peer: true },
  { name: 'Missiongate, PostgreSQL', program: 'missiongate.ts', profile: 'postgres' },
  { name: 'bare BullMQ, PostgreSQL', program: 'bullmq.ts', profile: 'postgres' },
  { name: 'Missiongate, embedded', program: 'missiongate.ts', profile: 'embedded' },
  { name: 'bare BullMQ, embedded', program: 'bullmq.ts', profile: 'embedded' },
];

interface Measurement {
  readonly workload: string;
  readonly tasks: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Rates in tasks per second, by contender and workload; one value per round. */
export type Rates = Map<string, Map<string, number[]>>;

export interface ThroughputOptions {
  readonly rounds: number;
  readonly scale: number;
  readonly withPeers: boolean;
  /** Contenders whose name contains one of these (commas between); empty means all. */
  readonly only: string;
}

/** No-op tasks per second of everybody: rounds of all contenders in turn, each in a process and on a database of its own. */
export async function throughput(servers: Servers, options: ThroughputOptions, results: Results): Promise<void> {
  const list = workloads(options.scale);
  const taking = contenders.filter(({ peer, name }) => (options.withPeers || !peer) && options.only.split(',').some((part) => name.includes(part)));
  const rates: Rates = new Map(taking.map(({ name }) => [name, new Map(list.map((workload) => [workload.name, []]))]));
  for (let round = 0; round < options.rounds; round += 1) {
    // Every second round backwards: whoever suffers from what came before does not always suffer.
    for (const contender of round % 2 === 0 ? taking : taking.toReversed()) {
      for (const { workload, tasks, seconds, cpuSeconds } of await measure(servers, contender, list)) {
        rates.get(contender.name)?.get(workload)?.push(tasks / seconds);
        console.log(`  round ${round + 1}: ${contender.name}, ${workload}: ${Math.round(tasks / seconds)}/s, ${((cpuSeconds / tasks) * 1000).toFixed(2)} ms CPU of the process per task`);
      }
    }
  }
  report(rates, list, results);
}

async function measure(servers: Servers, { program, profile }: Contender, list: readonly Workload[]): Promise<readonly Measurement[]> {
  return onFreshServers(servers, async (fresh) => {
    const measured: Measurement[] = [];
    for await (const line of startChild(program, { workloads: list, warmUp, profile, ...fresh }).lines()) measured.push(line as Measurement);
    return measured;
  });
}

function report(rates: Rates, list: readonly Workload[], results: Results): void {
  for (const workload of list) {
    for (const [name, byWorkload] of rates) {
      results.rows.push({ measure: `No-op tasks per second: ${workload.name}`, what: name, measured: withRange(byWorkload.get(workload.name) ?? []) });
    }
  }
  results.bars.push(...throughputBars(rates, list.map(({ name }) => name)));
  results.details.throughput = Object.fromEntries([...rates].map(([name, byWorkload]) => [name, Object.fromEntries(byWorkload)]));
}

/** Missiongate on Redis + PostgreSQL against DBOS and against bare BullMQ on Redis, workload by workload. */
export function throughputBars(rates: Rates, names: readonly string[]): Results['bars'] {
  const rate = (contender: string, workload: string): number => median(rates.get(contender)?.get(workload) ?? []);
  const ours = 'Missiongate, Redis + PostgreSQL';
  if (!rates.has(ours)) return [];
  return names.flatMap((workload) => [
    ...(rates.has('DBOS, PostgreSQL') ? [{ name: `${workload}: ratio to DBOS`, value: rate(ours, workload) / rate('DBOS, PostgreSQL', workload), limit: 1, kind: 'at least' as const }] : []),
    ...(rates.has('bare BullMQ, Redis') ? [{ name: `${workload}: ratio to bare BullMQ on Redis`, value: rate(ours, workload) / rate('bare BullMQ, Redis', workload), limit: 0.25, kind: 'at least' as const }] : []),
  ]);
}
