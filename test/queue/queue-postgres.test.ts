import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Queue } from '../../src/engine/ports/queue.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { QueueUnavailable } from '../../src/queue/queue-unavailable.ts';
import { QUICK_RETRIES, queueContract } from '../contracts/queue-contract.ts';
import type { TestDatabase } from '../support/servers.ts';
import { createTestDatabase, serversAvailable, testPrefix } from '../support/servers.ts';
import { recoveryTests } from './queue-recovery.ts';

describe.skipIf(!serversAvailable())('BullMQ on a PostgreSQL server', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  function open(prefix: string, url = database.url): Promise<Queue> {
    return createBullQueue({ backend: { kind: 'postgres', url }, prefix, ...QUICK_RETRIES });
  }

  queueContract('BullMQ on a PostgreSQL server', async () => {
    const prefix = testPrefix();
    const queue = await open(prefix);
    return { queue, another: () => open(prefix), close: () => queue.close() };
  });

  recoveryTests({ kind: 'postgres', url: () => database.url });

  async function rows(sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const result = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return result.rows;
  }

  it('keeps all tables of BullMQ in the schema bullmq', async () => {
    await (await open(testPrefix())).close();
    expect(await rows(`SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)).toEqual([{ schemaname: 'bullmq' }]);
  });

  it('may be started by many processes at the same time on an empty database', async () => {
    const empty = await createTestDatabase();
    const queues = await Promise.all(Array.from({ length: 5 }, () => open(testPrefix(), empty.url)));
    expect(await Promise.all(queues.map((queue) => queue.counts('timer')))).toHaveLength(5);
    await Promise.all(queues.map((queue) => queue.close()));
    await empty.drop();
  });

  it('leaves no connection open when it is closed', async () => {
    const queue = await open(testPrefix());
    for (const kind of ['timer', 'integrate', 'sync-github', 'run-attempt'] as const) queue.consume(kind, async () => ({ outcome: 'done' }), { concurrency: 10 });
    await queue.add([{ kind: 'timer', key: 'one', payload: { timerId: 't' } }]);
    await queue.close();
    await vi.waitFor(async () => expect(await rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)).toEqual([]));
  });

  it('says that there is no server', async () => {
    await expect(open('none', 'postgres://nobody@127.0.0.1:1/none')).rejects.toBeInstanceOf(QueueUnavailable);
  });
});
