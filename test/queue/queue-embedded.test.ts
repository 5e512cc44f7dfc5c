import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it, vi } from 'vitest';

import type { Job } from '../../src/engine/ports/queue.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { QUICK_RETRIES, queueContract } from '../contracts/queue-contract.ts';
import { FAST_LOCKS, startStuckWorker } from './queue-program.ts';

queueContract('BullMQ on the embedded database', async () => {
  const database = await openEmbeddedDatabase({ dataDir: 'memory' });
  const backend = { kind: 'embedded' as const, pool: database.pool };
  const queue = await createBullQueue({ backend, ...QUICK_RETRIES });
  return {
    queue,
    another: () => createBullQueue({ backend, ...QUICK_RETRIES }),
    async close() {
      await queue.close();
      await database.close();
    },
  };
});

describe('BullMQ on the embedded database', () => {
  const home = mkdtempSync(join(tmpdir(), 'missiongate-queue-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('hands the job of a killed process out again when the folder is opened anew', async () => {
    const folder = join(home, 'killed');
    const worker = await startStuckWorker({ kind: 'embedded', folder }, 'missiongate');
    await worker.kill();
    const database = await openEmbeddedDatabase({ dataDir: folder });
    const queue = await createBullQueue({ backend: { kind: 'embedded', pool: database.pool }, ...FAST_LOCKS });
    const seen: Job<'run-attempt'>[] = [];
    queue.consume('run-attempt', async (job) => (seen.push(job), { outcome: 'done' }), { concurrency: 1 });
    await vi.waitFor(() => expect(seen).toMatchObject([{ key: 'stuck', previousRuns: 1 }]), { timeout: 25_000, interval: 20 });
    await queue.close();
    await database.close();
  }, 60_000);

  it('keeps its tables apart from those of the product', async () => {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    const queue = await createBullQueue({ backend: { kind: 'embedded', pool: database.pool } });
    // The names that BullMQ uses, taken by the product as well.
    await database.query('CREATE SCHEMA missiongate; CREATE TABLE job (id int); CREATE TABLE event (id int); CREATE TABLE meta (id int); CREATE TABLE metrics (id int)');
    const done: string[] = [];
    queue.consume('timer', async (job) => (done.push(job.key), { outcome: 'done' }), { concurrency: 1 });
    await queue.add([{ kind: 'timer', key: 'apart', payload: { timerId: 't' } }]);
    await vi.waitFor(() => expect(done).toEqual(['apart']));
    await queue.close();
    const { rows } = await database.query(`SELECT DISTINCT schemaname FROM pg_catalog.pg_tables WHERE schemaname !~ '^pg_|information_schema' ORDER BY 1`);
    expect(rows).toEqual([{ schemaname: 'bullmq' }, { schemaname: 'missiongate' }]);
    expect((await database.query('SELECT * FROM job')).rowCount).toBe(0);
    await database.close();
  });
});
