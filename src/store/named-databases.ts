import pg from 'pg';
import Cursor from 'pg-cursor';

import type { Json, JsonObject } from '../kit/json.ts';
import type { Databases, SqlAnswer, SqlRequest } from '../steps/outside.ts';
import { StepError, type FailureClass } from '../steps/step-type.ts';

export interface NamedDatabase {
  readonly url: string;
  /** Whether statements may change data. */
  readonly write: boolean;
}

/** Rows fetched at once: what is held in memory beyond what is wanted. */
const batch = 100;

/**
 * Databases of other people that steps may ask, each statement in a connection and a transaction of its own. The extended protocol
 * takes one statement, so nothing can end the transaction and go on; values are bound; rows come through a cursor.
 */
export function createNamedDatabases(databases: Readonly<Record<string, NamedDatabase>>): Databases {
  return {
    names: () => Object.keys(databases).toSorted(),
    async query(request) {
      const database = databases[request.connection];
      if (!database) throw new StepError('environment', `No database ${JSON.stringify(request.connection)} is configured on this worker.`);
      if (request.write && !database.write) throw new StepError('permission', `The database ${JSON.stringify(request.connection)} is configured for reading only. Whoever runs the worker can say "write: true" there.`);
      const client = new pg.Client({ connectionString: database.url, application_name: 'missiongate step', connectionTimeoutMillis: Math.min(request.timeoutMs, 30_000), query_timeout: request.timeoutMs + 5000, types: asText });
      // A connection that breaks between two statements must not end the process.
      client.on('error', () => undefined);
      const onAbort = (): void => void client.end().catch(() => undefined);
      try {
        await client.connect();
        request.signal.throwIfAborted();
        request.signal.addEventListener('abort', onAbort, { once: true });
        return await inTransaction(client, request);
      } catch (error) {
        throw failureOf(error, request);
      } finally {
        request.signal.removeEventListener('abort', onAbort);
        await client.end().catch(() => undefined);
      }
    },
  };
}

async function inTransaction(client: pg.Client, request: SqlRequest): Promise<SqlAnswer> {
  await client.query(`begin transaction ${request.write ? 'read write' : 'read only'}`);
  await client.query(`set local statement_timeout = ${Math.trunc(request.timeoutMs)}`);
  const cursor = client.query(new Cursor<JsonObject>(request.text, request.values.map(bound), { types: asText }));
  const rows: JsonObject[] = [];
  let bytes = 0;
  let truncated = false;
  let facts: pg.QueryResult | null = null;
  for (let done = false; !done && !truncated; ) {
    const { read, result } = await readBatch(cursor);
    facts = result;
    done = read.length < batch;
    for (const row of read) {
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (rows.length >= request.maximumRows || bytes > request.maximumBytes) truncated = true;
      else rows.push(row);
    }
  }
  // A statement that changes data has done all of it only when its cursor was read to the end.
  if (truncated && request.write) throw new StepError('input', `The statement gives more rows than are taken (${request.maximumRows}, ${request.maximumBytes} bytes), so it was not carried out. Return less.`);
  await cursor.close();
  await client.query(request.write ? 'commit' : 'rollback');
  const affected = facts?.rowCount ?? null;
  return { columns: (facts?.fields ?? []).map((field) => field.name), rows, truncated, affected: request.write ? affected : null };
}

function readBatch(cursor: Cursor<JsonObject>): Promise<{ read: JsonObject[]; result: pg.QueryResult }> {
  return new Promise((resolve, reject) => {
    cursor.read(batch, (error: Error | undefined, read, result) => {
      if (error) reject(error);
      else resolve({ read, result });
    });
  });
}

/** Objects become JSON (for json and jsonb); lists of scalars stay lists, which are PostgreSQL's arrays. */
function bound(value: Json): unknown {
  if (Array.isArray(value)) return value.some((one) => typeof one === 'object' && one !== null) ? JSON.stringify(value) : value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** Numbers that JSON holds exactly, booleans and JSON become values; everything else stays the server's text (times with their zone, big numbers to the last digit). */
const asText = {
  getTypeParser(oid: number, format?: string): unknown {
    const { BOOL, INT2, INT4, FLOAT4, FLOAT8, JSON: json, JSONB } = pg.types.builtins;
    const kept = new Map<number, typeof BOOL>([BOOL, INT2, INT4, FLOAT4, FLOAT8, json, JSONB].map((type) => [type, type])).get(oid);
    return kept === undefined ? (text: string) => text : pg.types.getTypeParser(kept, format as 'text');
  },
} as unknown as typeof pg.types;

function failureOf(error: unknown, request: SqlRequest): StepError {
  if (error instanceof StepError) return error;
  const name = JSON.stringify(request.connection);
  if (request.signal.aborted) return new StepError('cancelled', `The statement on ${name} was ended because the attempt was cancelled.`);
  const { code = '', message } = error as Error & { code?: string };
  const failure = classOf(code);
  const reason = failure === 'network' ? (code || message.slice(0, 200)) : `${message.slice(0, 500)} (${code})`;
  if (code === '25006') return new StepError('permission', `The statement on ${name} changes data, and it may only read. Say "write: true" if that is meant.`);
  if (failure === 'timeout') return new StepError('timeout', `The statement on ${name} did not finish within ${request.timeoutMs / 1000} s. Make it faster, or raise "timeout-seconds".`);
  return new StepError(failure, `The statement on ${name} failed: ${reason}.`);
}

/** By SQLSTATE: see PostgreSQL's appendix A. Without one the connection failed. */
function classOf(code: string): FailureClass {
  if (code === '57014') return 'timeout';
  if (code === '40001' || code === '40P01') return 'conflict';
  if (code.startsWith('28') || code === '42501' || code === '25006') return 'permission';
  if (/^(?:08|53|57P)/.test(code)) return 'network';
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? 'input' : 'network';
}
