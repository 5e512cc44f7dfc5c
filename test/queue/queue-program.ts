import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';

/** Where the program's queue is: servers by URL, the embedded database by its folder. */
export type Place = { readonly kind: 'redis' | 'postgres'; readonly url: string } | { readonly kind: 'embedded'; readonly folder: string };

/** Short enough for a test, long enough that a healthy process never loses a lock. */
export const FAST_LOCKS = { lockDurationMs: 1_500, stalledIntervalMs: 300 };

/**
 * Starts a process that adds one job (`embedded` only: nobody else could), takes a job of kind `run-attempt` and never
 * finishes it. Resolves once the job is running; `kill` is SIGKILL and resolves once the process is gone.
 */
export async function startStuckWorker(place: Place, prefix: string): Promise<{ kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), JSON.stringify(place), prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  await Promise.race([once(lines, 'line'), exited.then(() => Promise.reject(new Error('The worker ended before it took a job.')))]);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const place = JSON.parse(process.argv[2] ?? '') as Place;
  const prefix = process.argv[3] ?? '';
  const backend =
    place.kind === 'embedded' ? { kind: 'embedded' as const, pool: (await openEmbeddedDatabase({ dataDir: place.folder })).pool } : place;
  const queue = await createBullQueue({ backend, prefix, ...FAST_LOCKS });
  if (place.kind === 'embedded') await queue.add([{ kind: 'run-attempt', key: 'stuck', payload: { missionId: 'm', subject: 's', attempt: 1 } }]);
  queue.consume('run-attempt', (job) => (process.stdout.write(`${job.key}\n`), new Promise(() => {})), { concurrency: 1 });
}
