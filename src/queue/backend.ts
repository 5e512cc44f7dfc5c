import { createPostgresBackend, createRedisBackend, runMigrations } from 'bullmq';
import type { BackendFactory, ConnectionOptions, KeepJobs } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

import { ANSWER_TIMEOUT_MS, COMPLETED_KEPT_ON_REDIS, COMPLETED_KEPT_SECONDS, FAILED_KEPT_ON_REDIS, FAILED_KEPT_SECONDS } from './settings.ts';
import { answered, settledWithin } from './queue-unavailable.ts';

/**
 * Where the jobs live.
 * - `redis`: Redis 6.2 or newer with `maxmemory-policy noeviction` and append-only persistence.
 * - `postgres`: a PostgreSQL 14+ server; BullMQ's tables live in the SQL schema `bullmq`.
 * - `embedded`: the pool of the embedded database, whose connections must have `search_path=bullmq`. It is not ended here.
 */
export type QueueBackend =
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'embedded'; readonly pool: pg.Pool };

/** What BullMQ's classes need, and what it takes to look after the connections. */
export interface Connections {
  readonly factory: BackendFactory;
  readonly forProducers: ConnectionOptions;
  readonly forWorkers: ConnectionOptions;
  readonly keepCompleted: KeepJobs;
  readonly keepFailed: KeepJobs;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Connections per process on a server: one for LISTEN per job kind, the rest for statements. Opened when needed. */
const POSTGRES_CONNECTIONS = 13;
/** Connecting to a server that does not answer is given up after this time (ms). */
const CONNECT_TIMEOUT_MS = 10_000;
/** Longest pause (ms) between two tries of Redis to reconnect. */
const RECONNECT_PAUSE_MS = 2_000;
const CLOSE_TIMEOUT_MS = 5_000;
/**
 * A connection that owes an answer for this long (ms) is given up: its other end may be gone without anybody saying so. Above
 * the time that a worker's waiting command takes.
 */
const SILENT_CONNECTION_MS = 20_000;

/** Opens the connections and makes sure that the backend answers. Rejects with `QueueUnavailable` and leaves nothing open. */
export async function connect(backend: QueueBackend, onError: (error: Error) => void): Promise<Connections> {
  const connections = backend.kind === 'redis' ? overRedis(backend.url, onError) : overPostgres(backend, onError);
  try {
    await answered(`connecting to ${backend.kind}`, ANSWER_TIMEOUT_MS + CONNECT_TIMEOUT_MS, connections.prepare());
    return connections;
  } catch (error) {
    await connections.close();
    throw error;
  }
}

type Preparable = Connections & { prepare(): Promise<void> };

function overRedis(url: string, onError: (error: Error) => void): Preparable {
  const retryStrategy = (times: number): number => Math.min(100 * 2 ** Math.min(times, 10), RECONNECT_PAUSE_MS);
  // Producers must hear that Redis is down instead of piling up requests in memory: the outbox is where they wait safely.
  const producers = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENT_CONNECTION_MS, retryStrategy });
  // Workers wait for ever: there is nothing better to do, and BullMQ insists on it. Each adds one connection of its own.
  const workers = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENT_CONNECTION_MS, retryStrategy });
  let lastError: Error | undefined;
  for (const client of [producers, workers]) {
    client.on('error', (error: Error) => {
      lastError = error;
      onError(error);
    });
  }
  return {
    factory: createRedisBackend,
    forProducers: producers,
    forWorkers: workers,
    keepCompleted: { age: COMPLETED_KEPT_SECONDS, count: COMPLETED_KEPT_ON_REDIS },
    keepFailed: { age: FAILED_KEPT_SECONDS, count: FAILED_KEPT_ON_REDIS },
    async prepare() {
      if (producers.status === 'ready') return;
      await new Promise<void>((resolve, reject) => {
        producers.once('ready', resolve);
        // The first refusal is enough: whoever starts a process wants to know now, not after a minute of retries.
        producers.once('close', () => reject(lastError ?? new Error('Redis closed the connection')));
      });
    },
    async ping() {
      await producers.ping();
    },
    async close() {
      for (const client of [producers, workers]) client.disconnect();
    },
  };
}

function overPostgres(backend: { kind: 'postgres'; url: string } | { kind: 'embedded'; pool: pg.Pool }, onError: (error: Error) => void): Preparable {
  const pool = backend.kind === 'embedded' ? backend.pool : openPool(backend.url, onError);
  const shared = sharedPool(pool) as unknown as ConnectionOptions;
  return {
    factory: createPostgresBackend as BackendFactory,
    forProducers: shared,
    forWorkers: shared,
    keepCompleted: { age: COMPLETED_KEPT_SECONDS },
    keepFailed: { age: FAILED_KEPT_SECONDS },
    async prepare() {
      const client = await pool.connect();
      try {
        await runMigrations(client);
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    async ping() {
      await pool.query('SELECT 1');
    },
    async close() {
      // Ending waits for connections in use; a worker that could not be closed must not hold the process.
      if (backend.kind === 'postgres') await settledWithin(CLOSE_TIMEOUT_MS, pool.end());
    },
  };
}

/**
 * The pool as BullMQ is given it. Every queue and worker listens for the pool's errors and never stops, so that one lost
 * connection would be reported by all of them, and the listeners would pile up: they are told nothing.
 */
function sharedPool(pool: pg.Pool): object {
  return {
    options: pool.options,
    connect: () => pool.connect(),
    query: (text: string, values?: unknown[]) => pool.query(text, values),
    end: async () => {},
    on: () => {},
  };
}

function openPool(url: string, onError: (error: Error) => void): pg.Pool {
  const { address, option } = separateOptions(url);
  const pool = new pg.Pool({
    connectionString: address,
    application_name: 'missiongate-queue',
    options: `${option} -c search_path=bullmq`.trim(),
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // A lost connection rejects what ran on it; its `error` event must not end the process.
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** `pg` lets an `options` parameter in the URL replace the program's: it is taken out here and joined with ours. */
function separateOptions(url: string): { address: string; option: string } {
  if (!URL.canParse(url)) return { address: url, option: '' };
  const parsed = new URL(url);
  const option = parsed.searchParams.get('options');
  if (option === null) return { address: url, option: '' };
  parsed.searchParams.delete('options');
  return { address: parsed.href, option };
}
