import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';

import { PGlite } from '@electric-sql/pglite';

import { reasonOf } from '../kit/reason-of.ts';
import type { FromThread, ThreadStart, ToThread } from './embedded-thread-protocol.ts';
import { SharedSession } from './embedded-thread-session.ts';
import { dueMaintenance } from './maintenance.ts';
import { bundledProgram } from './pglite-program.ts';
import { extractTar } from './pglite-tar.ts';

/**
 * Entry of the database thread: owns the one PGlite instance and serves units from the main thread, one after the other,
 * synchronously. A trap inside the database cannot be recovered from: it is reported as `failed` and the thread ends.
 */

/** Small buffers keep the process small (tens of MB); a small WAL keeps the data folder small. */
const START_PARAMETERS = [
  ...PGlite.defaultStartParams,
  ...['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=32MB'].flatMap((setting) => ['-c', setting]),
];
/**
 * Keeps WebAssembly on V8's fast compiler. The optimising one compiles the database in the background for its first
 * seconds: start-up takes up to twice as long and 120 MB more, for a sixth more throughput later (see the decision record).
 */
const COMPILER_FLAGS = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];
/** How often it is checked whether maintenance is due: after so many units, and after so much time (ms). */
const MAINTENANCE_UNITS = 2_000;
const MAINTENANCE_INTERVAL_MS = 60_000;
/** A transaction that makes others wait longer than this (ms) is reported once per check. */
const LONG_TRANSACTION_MS = 10_000;
const WATCH_INTERVAL_MS = 5_000;

async function openDatabase({ dataDir, template }: ThreadStart): Promise<PGlite> {
  if (dataDir !== undefined) {
    if (template !== undefined && !existsSync(join(dataDir, 'PG_VERSION'))) createFolder(dataDir, template);
    return PGlite.create({ ...bundledProgram(), dataDir, startParams: START_PARAMETERS });
  }
  if (template === undefined) return PGlite.create({ ...bundledProgram(), startParams: START_PARAMETERS });
  const archive = new File([new Uint8Array(gunzipSync(readFileSync(template)))], 'template.tar', { type: 'application/x-tar' });
  return PGlite.create({ ...bundledProgram(), startParams: START_PARAMETERS, loadDataDir: archive });
}

/** The folder appears complete or not at all: a process that dies here leaves a folder of another name. */
function createFolder(dataDir: string, template: string): void {
  const making = mkdtempSync(join(dirname(dataDir), `.${basename(dataDir)}-`));
  try {
    extractTar(gunzipSync(readFileSync(template)), making);
    // An empty folder that was made for us gives way; anything else in it makes this throw, with the path in the message.
    if (existsSync(dataDir)) rmdirSync(dataDir);
    renameSync(making, dataDir);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

async function serve(start: ThreadStart, port: NonNullable<typeof parentPort>): Promise<void> {
  const tell = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const database = await openDatabase(start);
  const session = new SharedSession((unit) => database.execProtocolRawSync(unit), {
    answer: (channel, bytes) => tell({ kind: 'answer', channel, bytes }, [bytes.buffer]),
    notification: (channels, bytes) => tell({ kind: 'notification', channels, bytes }, [bytes.buffer]),
  });
  session.statement("SET timezone TO 'UTC'");
  session.statement("SET client_encoding TO 'UTF8'");

  let checkedAt = 0;
  let due: string[] = [];
  /** One statement at a time, with the messages that came in meanwhile served in between. */
  function maintain(): void {
    if (!session.idle) return;
    if (due.length === 0) {
      if (session.units === checkedAt) return;
      checkedAt = session.units;
      due = dueMaintenance(session);
    }
    const statement = due.shift();
    if (statement !== undefined) session.statement(statement);
    if (due.length > 0) setImmediate(guarded(maintain));
  }

  function guarded(work: () => void): () => void {
    return () => {
      try {
        work();
      } catch (error) {
        fail(error);
      }
    };
  }

  function fail(error: unknown): void {
    tell({ kind: 'failed', message: reasonOf(error), stack: error instanceof Error ? error.stack : undefined });
    port.close();
    clearInterval(maintenance);
    clearInterval(watch);
  }

  const maintenance = setInterval(guarded(maintain), MAINTENANCE_INTERVAL_MS);
  const watch = setInterval(() => {
    const since = session.blockedSince;
    if (since === undefined) return;
    const seconds = Math.round((performance.now() - since) / 1000);
    if (seconds * 1000 >= LONG_TRANSACTION_MS) tell({ kind: 'notice', text: `One transaction has held the embedded database for ${seconds} s; everything else waits for it.` });
  }, WATCH_INTERVAL_MS);

  async function close(): Promise<void> {
    clearInterval(maintenance);
    clearInterval(watch);
    if (!session.idle) session.statement('ROLLBACK');
    session.statement('CHECKPOINT');
    await database.close();
    tell({ kind: 'closed' });
    port.close();
  }

  port.on('message', (message: ToThread) => {
    guarded(() => {
      if (message.kind === 'open') session.open(message.channel, message.searchPath);
      else if (message.kind === 'unit') {
        session.submit(message.channel, message.bytes);
        if (session.units - checkedAt >= MAINTENANCE_UNITS && due.length === 0) maintain();
      } else if (message.kind === 'gone') session.gone(message.channel);
      else close().catch(fail);
    })();
  });
  tell({ kind: 'ready' });
}

/** `initdb` in memory, packed: done once per machine or once per build. */
async function writeTemplate(path: string): Promise<void> {
  const database = await PGlite.create({ ...bundledProgram(), startParams: START_PARAMETERS });
  // Only `postgres` is ever used; without the two databases that new ones are copied from, a folder is 40 % smaller.
  await database.exec('UPDATE pg_database SET datistemplate = false');
  for (const unused of ['template0', 'template1']) await database.exec(`DROP DATABASE ${unused}`);
  await database.exec('VACUUM FREEZE');
  await database.exec('CHECKPOINT');
  const archive = await database.dumpDataDir('gzip');
  await database.close();
  // Written under another name first, so that nobody ever reads half an archive.
  const making = `${path}.${process.pid}-${Date.now()}`;
  writeFileSync(making, Buffer.from(await archive.arrayBuffer()), { mode: 0o600 });
  renameSync(making, path);
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  for (const flag of COMPILER_FLAGS) setFlagsFromString(flag);
  const start = workerData as ThreadStart;
  const work =
    start.writeTemplateTo === undefined
      ? serve(start, port)
      : writeTemplate(start.writeTemplateTo).then(() => port.postMessage({ kind: 'closed' } satisfies FromThread));
  work.catch((error: unknown) => {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    port.postMessage({ kind: 'failed', message, stack } satisfies FromThread);
    port.close();
  });
}
