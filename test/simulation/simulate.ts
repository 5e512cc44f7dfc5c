import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { Bundle } from './bundle.ts';
import type { SeedRange, SeedReport } from './run-seeds.ts';
import type { WorkerMessage } from './seed-worker.ts';
import type { WorldKind } from './common-world.ts';

export interface SimulateOptions {
  readonly from: number;
  readonly count: number;
  /** Stops after about so many broken worlds. */
  readonly enough: number;
  readonly threads?: number;
  /** Only worlds of this kind. */
  readonly kind?: WorldKind;
  /** Seeds to leave out. */
  readonly without?: readonly number[];
  readonly progress?: (worlds: number) => void;
}

/** Runs a range of seeds on several threads. Rejects when a thread dies: a world that takes its process along is a finding too. */
export async function simulate(bundle: Bundle, options: SimulateOptions): Promise<SeedReport> {
  const threads = Math.min(options.threads ?? availableParallelism(), options.count);
  const worlds = Array.from({ length: threads }, () => 0);
  const reports = await Promise.all(
    worlds.map((_, index) =>
      inThread(bundle, { from: options.from + index, count: options.count - index, stride: threads, enough: options.enough, without: options.without ?? [], ...(options.kind === undefined ? {} : { kind: options.kind }) }, (done) => {
        worlds[index] = done;
        options.progress?.(worlds.reduce((sum, each) => sum + each, 0));
      }),
    ),
  );
  return together(reports);
}

function inThread(bundle: Bundle, range: SeedRange, progress: (worlds: number) => void): Promise<SeedReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(bundle.file, { workerData: range, resourceLimits: { maxYoungGenerationSizeMb: 96 } });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') progress(message.worlds);
      else resolve(message.report);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a thread of the simulator ended with ${code} before its report`)));
  });
}

function together(reports: readonly SeedReport[]): SeedReport {
  const statuses: Record<string, number> = {};
  for (const report of reports) for (const [status, count] of Object.entries(report.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
  const sum = (of: (report: SeedReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  return {
    worlds: sum((report) => report.worlds),
    steps: sum((report) => report.steps),
    simulatedMs: sum((report) => report.simulatedMs),
    statuses,
    broken: reports.flatMap((report) => report.broken).toSorted((a, b) => a.seed - b.seed),
    fingerprints: reports.flatMap((report) => report.fingerprints).toSorted(([a], [b]) => a - b),
  };
}
