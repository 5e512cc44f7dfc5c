import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import pg from 'pg';

import type { Database } from './database.ts';
import { EmbeddedSocket } from './embedded-database-socket.ts';
import { ThreadLink } from './embedded-thread-link.ts';
import { lockFolder } from './folder-lock.ts';
import { findTemplate } from './pglite-template.ts';
import { PRODUCT_SCHEMA, databaseOverPool, surviveLostConnections } from './postgres-database.ts';

/** The PostgreSQL major version inside PGlite; a folder of another one cannot be opened. */
const POSTGRES_MAJOR = '18';
/** Virtual connections cost next to nothing, but more than a few in flight only lengthen the line for the one session. */
const PRODUCT_CONNECTIONS = 8;
/** BullMQ keeps one connection per consumer for LISTEN, besides those it sends statements on. */
const QUEUE_CONNECTIONS = 24;
/** Connections still in use when the database closes get this long (ms) to finish. */
const DRAIN_MS = 2_000;

export interface EmbeddedOptions {
  /** Data folder (created when missing; its parent too), or `memory` for a database that lives as long as the process. */
  readonly dataDir: string;
  /** Told, in sentences for an operator: durability on opening, slow first start, transactions that block everything. */
  readonly onNotice?: (text: string) => void;
  /** Called once if the database stops by itself; every statement rejects from then on. The process should end. */
  readonly onFailure?: (error: Error) => void;
  /** Where the template archive is kept when the program was not built with one; default: the user's cache folder. */
  readonly cacheFolder?: string;
}

export interface EmbeddedDatabase extends Database {
  readonly kind: 'embedded';
  /** A `pg.Pool` on the same database for BullMQ: its connections have `search_path=bullmq, public`. Not to be ended. */
  readonly pool: pg.Pool;
}

/**
 * PostgreSQL (PGlite) inside this process, in a thread of its own. The real `pg` client talks to it, so statements,
 * types, errors and transactions are those of production; all connections share one session, so that an open transaction
 * holds off everyone else, and row locks and advisory locks exclude nobody.
 *
 * A data folder is opened by one process at a time (`FolderInUse` otherwise). Committed data survives the death of the
 * process at any moment, but not a power failure: the database does not wait for the disk.
 */
export async function openEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const onNotice = options.onNotice ?? (() => {});
  const dataDir = options.dataDir === 'memory' ? undefined : resolve(options.dataDir);
  const lock = dataDir === undefined ? undefined : lockDataFolder(dataDir);
  try {
    const made = dataDir !== undefined && existsSync(join(dataDir, 'PG_VERSION'));
    const template = made ? undefined : await findTemplate(options.cacheFolder, onNotice);
    const link = new ThreadLink({ dataDir, template }, onNotice, options.onFailure ?? (() => {}));
    await link.ready;
    if (dataDir !== undefined) {
      onNotice(`Embedded database in ${dataDir}: survives a crash of the process, not a power failure. Set DATABASE_URL for production.`);
    }
    return overLink(link, () => lock?.release());
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function overLink(link: ThreadLink, release: () => void): EmbeddedDatabase {
  const products = openPool(link, PRODUCT_SCHEMA, PRODUCT_CONNECTIONS);
  const pool = openPool(link, 'bullmq, public', QUEUE_CONNECTIONS);
  surviveLostConnections(pool);
  const database = databaseOverPool(products, 'embedded', async () => {
    const drained = Promise.allSettled([products.end(), pool.ended ? undefined : pool.end()]);
    const timer = new Promise<void>((done) => void setTimeout(done, DRAIN_MS).unref());
    await Promise.race([drained, timer]);
    await link.close();
    release();
  });
  return { ...database, kind: 'embedded', pool };
}

function openPool(link: ThreadLink, searchPath: string, max: number): pg.Pool {
  return new pg.Pool({
    stream: () => new EmbeddedSocket(link, searchPath),
    // Nothing is read from the environment (PGHOST, PGSSLMODE, …): there is no server and no password.
    host: 'embedded',
    user: 'missiongate',
    database: 'postgres',
    password: '',
    ssl: false,
    max,
    // BullMQ reads this to learn that a lost connection would be noticed, and then polls less.
    keepAlive: true,
    idleTimeoutMillis: 0,
  });
}

function lockDataFolder(dataDir: string): { release(): void } {
  mkdirSync(dirname(dataDir), { recursive: true });
  const lock = lockFolder(dataDir);
  try {
    refuseForeignFolder(dataDir);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function refuseForeignFolder(dataDir: string): void {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return;
  const versionFile = join(dataDir, 'PG_VERSION');
  if (!existsSync(versionFile)) {
    throw new Error(`${dataDir} holds files that are not a database. Choose an empty or new folder.`);
  }
  const version = readFileSync(versionFile, 'utf8').trim();
  if (version !== POSTGRES_MAJOR) {
    throw new Error(`${dataDir} was made by PostgreSQL ${version}; this program needs ${POSTGRES_MAJOR}. Open it with the version that made it, and move its data with pg_dump.`);
  }
}
