// Bare BullMQ: no ledger, no state, no dedupe; the scheduling is in memory. What a queue alone costs.
import { Queue, Worker, createPostgresBackend, createRedisBackend, runMigrations } from 'bullmq';
import type { BackendFactory, ConnectionOptions } from 'bullmq';
import pg from 'pg';

import { openEmbeddedDatabase } from '../../../src/store/embedded-database.ts';
import { contend, onQueue } from './contend.mjs';
import type { Brief } from './contend.mjs';

await contend(async (brief) => {
  const connected = await connect(brief);
  const { connection } = connected;
  // BullMQ's types bind a queue to its backend; here any backend will do.
  const factory = connected.factory as never;
  const name = `bare-${process.pid}`;
  const bull = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: 1000 } }, factory);
  const queue = onQueue(async (mission, ids) => {
    const [only] = ids;
    if (only !== undefined && ids.length === 1) await bull.add('noop', { mission, id: only });
    else await bull.addBulk(ids.map((id) => ({ name: 'noop', data: { mission, id } })));
  });
  const worker = new Worker<{ mission: number; id: string }>(name, (job) => queue.handled(job.data), { connection, concurrency: 50 }, factory);
  await worker.waitUntilReady();
  return {
    run: (workload) => queue.run(workload),
    async close() {
      await worker.close(true);
      await bull.close();
      await connected.end();
    },
  };
});

async function connect({ profile, redisUrl, databaseUrl }: Brief): Promise<{ connection: ConnectionOptions; factory: BackendFactory; end(): Promise<void> }> {
  if (profile === 'redis') {
    const { hostname, port } = new URL(redisUrl);
    return { connection: { host: hostname, port: Number(port), maxRetriesPerRequest: null }, factory: createRedisBackend, end: async () => undefined };
  }
  if (profile === 'embedded') {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    return onPool(database.pool, () => database.close());
  }
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 13, keepAlive: true, options: '-c search_path=bullmq' });
  return onPool(pool, () => pool.end());
}

async function onPool(pool: pg.Pool, end: () => Promise<void>) {
  const client = await pool.connect();
  await runMigrations(client);
  client.release();
  return { connection: pool as unknown as ConnectionOptions, factory: createPostgresBackend as BackendFactory, end };
}
