import { ProductWorld } from '../support/product-world.ts';
import { residentMegabytes } from './memory.ts';
import { median, number } from './results.ts';
import type { Results } from './results.ts';

/** The product as people start it, app and worker in one process on the embedded database: time to ready, memory when idle. */
export async function start(options: { readonly rounds: number; readonly scale: number }, results: Results): Promise<void> {
  const cold: number[] = [];
  const warm: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const world = await ProductWorld.open();
    try {
      const first = await timed(world);
      cold.push(first.ms);
      first.app.child.kill('SIGTERM');
      await first.app.exited;
      const second = await timed(world);
      warm.push(second.ms);
      await new Promise((resolve) => setTimeout(resolve, 20_000 * options.scale));
      idle.push(residentMegabytes(second.app.child.pid ?? 0));
    } finally {
      await world.close();
    }
  }
  const measure = 'Start and memory, embedded, app and worker in one process';
  results.rows.push({ measure, what: 'start to ready, empty data folder', measured: `${number(median(cold))} ms` });
  results.rows.push({ measure, what: 'start to ready, existing data folder', measured: `${number(median(warm))} ms` });
  results.rows.push({ measure, what: 'resident memory, idle', measured: `${number(median(idle))} MB` });
  results.bars.push({ name: 'start to ready, embedded, ms', value: median(cold), limit: 3_000, kind: 'at most' });
  results.bars.push({ name: 'resident memory, idle, embedded, MB', value: median(idle), limit: 200, kind: 'at most' });
}

async function timed(world: ProductWorld) {
  const from = performance.now();
  const app = await world.startApp({ LOG_LEVEL: 'error' });
  return { app, ms: performance.now() - from };
}
