import pg from 'pg';

import type { Database, Sql, SqlResult, SqlValue } from './database.ts';
import { DatabaseUnavailable, toDatabaseError } from './postgres-database-error.ts';

/** Connecting takes milliseconds; a server that does not answer in this time (ms) is reported as unavailable. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Idle connections are closed after this time (ms), so that quiet processes do not hold the server's connections. */
const IDLE_TIMEOUT_MS = 30_000;
/**
 * A statement without an answer for this long (ms) is given up with its connection, which may lead nowhere (a server that lost
 * power, a router that forgot it) without anybody saying so. Far above what any statement of the product takes.
 */
const ANSWER_TIMEOUT_MS = 30_000;
/**
 * A transaction whose process says nothing for this long (ms) is ended by the server: a process that froze, or is cut off,
 * must not hold a mission's row against everybody else.
 */
const SILENT_TRANSACTION_MS = 10_000;
/** The SQL schema that holds every table of the product; statements name tables without it. */
export const PRODUCT_SCHEMA = 'missiongate';

/**
 * Statements are prepared, and a plan made while the tables are empty would scan them for as long as it lives. Every
 * statement here finds its rows by an index, few at a time: so it is told to, and no time is lost on compiling it.
 */
const STEADY_PLANS = ['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off', 'jit=off'].map((setting) => `-c ${setting}`);

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Shown in `pg_stat_activity`, for operators. */
  readonly applicationName: string;
  /** Upper limit of open connections of this process; default 10. */
  readonly maxConnections?: number;
  /** A statement without an answer for this long is given up; default 30,000 ms. */
  readonly answerTimeoutMs?: number;
}

/**
 * A PostgreSQL server behind the `Database` interface. Every connection has `search_path=missiongate` and the time zone
 * UTC. Opening does not connect: the first statement does, and rejects with `DatabaseUnavailable` when it cannot. A lost
 * connection rejects what was running on it and is replaced; it never ends the process.
 *
 * The settings travel as start-up options, which transaction poolers such as PgBouncer ignore unless told otherwise:
 * connect to the server itself, or set the search path on the role.
 */
export function openPostgresDatabase(options: PostgresOptions): Database {
  const { url, option } = separateOptions(options.url);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    query_timeout: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    options: [option, `-c search_path=${PRODUCT_SCHEMA}`, '-c timezone=UTC', `-c idle_in_transaction_session_timeout=${SILENT_TRANSACTION_MS}`, ...STEADY_PLANS].filter((part) => part !== '').join(' '),
  });
  return databaseOverPool(pool, 'server', () => pool.end());
}

/**
 * The `Database` interface over a `pg.Pool` whose connections resolve the product's unqualified table names. `close` is
 * called at most once.
 */
export function databaseOverPool(pool: pg.Pool, kind: Database['kind'], close: () => Promise<void>): Database {
  surviveLostConnections(pool);
  // Embedded connections share one session, and with it the names of prepared statements.
  const named = kind === 'server';
  let closing: Promise<void> | undefined;
  return {
    kind,
    async query<Row>(text: string, values?: readonly SqlValue[]): Promise<SqlResult<Row>> {
      return run<Row>(pool, text, values, named);
    },
    transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
      return transaction(pool, work, named);
    },
    close(): Promise<void> {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * A connection that breaks is reported as an `error` event, which ends the process when nobody listens. What was running
 * on it is rejected anyway and the pool replaces it, so the event itself holds no news.
 */
export function surviveLostConnections(pool: pg.Pool): void {
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
}

async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>, named: boolean): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error, 'BEGIN');
  });
  let over = false;
  // One statement at a time: a client's queue is not meant to be filled, and order inside a transaction matters.
  let last: Promise<unknown> = Promise.resolve();
  const sql: Sql = {
    query<Row>(text: string, values?: readonly SqlValue[]): Promise<SqlResult<Row>> {
      const next = last.then(() => {
        if (over) throw new Error(`This transaction is over; the statement came too late: ${text.slice(0, 80)}`);
        return run<Row>(client, text, values, named);
      });
      last = next.catch(ignore);
      return next;
    },
  };
  let broken = false;
  try {
    await run(client, 'BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(sql);
    await last;
    over = true;
    await commit(client);
    return result;
  } catch (error) {
    await last;
    over = true;
    // After an error on the connection itself, or a failed ROLLBACK, its state is unknown: it must not go back to the pool.
    broken = error instanceof DatabaseUnavailable;
    if (!broken) await run(client, 'ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** COMMIT answers ROLLBACK, without an error, when an earlier statement failed and `work` swallowed its error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw toDatabaseError(error, 'COMMIT');
  });
  if (command === 'ROLLBACK') {
    throw new Error('The transaction was rolled back: one of its statements had failed, although its work went on. Let the error through.');
  }
}

async function run<Row>(target: pg.Pool | pg.PoolClient, text: string, values: readonly SqlValue[] = [], named = false): Promise<SqlResult<Row>> {
  try {
    // Without values the simple protocol is used, which allows several statements; their last result counts.
    const answer: unknown = values.length === 0 ? await target.query(text) : await target.query({ text, values: [...values], ...(named && { name: nameOf(text) }) });
    const result = (Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryResult;
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? result.rows.length };
  } catch (error) {
    throw toDatabaseError(error, text);
  }
}

const names = new Map<string, string>();

/** Statements with values are prepared, each once per connection: the longer ones take the server longer to plan than to run. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `mg${names.size + 1}`;
    names.set(text, name);
  }
  return name;
}

/** `pg` lets an `options` parameter in the URL replace the program's: it is taken out here and joined with ours. */
function separateOptions(url: string): { url: string; option: string } {
  if (!URL.canParse(url)) return { url, option: '' };
  const parsed = new URL(url);
  const option = parsed.searchParams.get('options');
  if (option === null) return { url, option: '' };
  parsed.searchParams.delete('options');
  return { url: parsed.href, option };
}

function ignore(): void {}
