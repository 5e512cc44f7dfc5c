import { parentPort, workerData } from 'node:worker_threads';

import { runSeeds } from './run-seeds.ts';
import type { SeedRange, SeedReport } from './run-seeds.ts';

/** What a worker tells: how far it is, and at last its report. */
export type WorkerMessage = { readonly kind: 'progress'; readonly worlds: number } | { readonly kind: 'report'; readonly report: SeedReport };

const toldEvery = 50;

/** Entry of the bundle: runs a range of seeds in a thread of its own. */
async function work(): Promise<void> {
  const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
  const report = await runSeeds(workerData as SeedRange, (worlds) => {
    if (worlds % toldEvery === 0) tell({ kind: 'progress', worlds });
  });
  tell({ kind: 'report', report });
}

await work();
