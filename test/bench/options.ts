import { parseArgs } from 'node:util';

export interface Options {
  readonly rounds: number;
  /** Below 1, workloads are shortened. */
  readonly scale: number;
  readonly withPeers: boolean;
  /** Measures to run; empty means all but the soak. */
  readonly measures: readonly string[];
  readonly only: string;
  readonly jsonPath: string | null;
  readonly writeDocs: boolean;
  /** Length of the soak in minutes; 0 means none. */
  readonly soakMinutes: number;
}

export const measures = ['planning', 'language', 'gates', 'throughput', 'ingress', 'ledger', 'workers', 'start'] as const;

export const usage = `npm run bench -- [options] [measure …]
  measures         ${measures.join(', ')}; default: all
  --quick          one round, shortened workloads: for development, not for the record
  --rounds <n>     rounds of everything that is compared; default 3
  --only <text>    only contenders whose name contains this
  --no-peers       without DBOS, graphile-worker and pg-boss
  --soak <min>     only the soak: memory under load for so many minutes
  --json <file>    everything measured, as JSON
  --write-docs     puts the tables of what was measured into docs/reference/benchmarks.md`;

/** Null when the arguments make no sense. */
export function readOptions(words: readonly string[]): Options | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      allowNegative: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string', default: '' },
        peers: { type: 'boolean', default: true },
        soak: { type: 'string', default: '0' },
        json: { type: 'string' },
        'write-docs': { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    const soakMinutes = Number(values.soak);
    if (!Number.isInteger(rounds) || rounds < 1 || !(soakMinutes >= 0)) return null;
    if (positionals.some((word) => !(measures as readonly string[]).includes(word))) return null;
    return { rounds, scale: values.quick ? 0.5 : 1, withPeers: values.peers, measures: positionals, only: values.only, jsonPath: values.json ?? null, writeDocs: values['write-docs'], soakMinutes };
  } catch {
    return null;
  }
}
