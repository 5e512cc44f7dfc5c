import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';

import { afterAll, describe, expect, it, vi } from 'vitest';

import type { EmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { EmbeddedDatabaseFailed } from '../../src/store/embedded-thread-link.ts';
import { FolderInUse } from '../../src/store/folder-lock.ts';
import { databaseContract } from '../contracts/database-contract.ts';
import { startProgram } from './database-program.ts';

const home = mkdtempSync(join(tmpdir(), 'missiongate-embedded-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(home, `data-${folders}`);
}

databaseContract('the embedded database in memory', () => openEmbeddedDatabase({ dataDir: 'memory' }));
databaseContract('the embedded database in a folder', () => openEmbeddedDatabase({ dataDir: newFolder() }));

describe('the embedded database', () => {
  it('keeps what was committed when it is closed and opened again', async () => {
    const dataDir = newFolder();
    const first = await openEmbeddedDatabase({ dataDir });
    await first.query('CREATE SCHEMA missiongate; CREATE TABLE notes (text text)');
    await first.query('INSERT INTO notes VALUES ($1)', ['kept']);
    await first.close();
    const second = await openEmbeddedDatabase({ dataDir });
    expect((await second.query('SELECT text FROM notes')).rows).toEqual([{ text: 'kept' }]);
    await second.close();
  });

  it('loses nothing that was acknowledged when its process is killed, and can be opened again at once', async () => {
    const dataDir = newFolder();
    const program = startProgram('write', dataDir);
    const acknowledged = await program.linesUntil((lines) => lines.length >= 200);
    await program.kill();
    const database = await openEmbeddedDatabase({ dataDir });
    const { rows } = await database.query<{ n: number }>('SELECT n FROM written ORDER BY n');
    expect(rows.map((row) => String(row.n))).toEqual(expect.arrayContaining([...acknowledged]));
    await database.close();
  });

  it('refuses a folder that another process has open, and says which', async () => {
    const dataDir = newFolder();
    const program = startProgram('write', dataDir);
    await program.linesUntil((lines) => lines.length >= 1);
    const refused: unknown = await openEmbeddedDatabase({ dataDir }).catch((error: unknown) => error);
    await program.kill();
    expect(refused).toBeInstanceOf(FolderInUse);
    expect((refused as FolderInUse).pid).toBe(program.pid);
    expect((refused as Error).message).toContain(`kill ${program.pid}`);
  });

  it('refuses to be opened twice in one process', async () => {
    const dataDir = newFolder();
    const database = await openEmbeddedDatabase({ dataDir });
    await expect(openEmbeddedDatabase({ dataDir })).rejects.toThrow(/already open in this process/);
    await database.close();
    await (await openEmbeddedDatabase({ dataDir })).close();
  });

  it('refuses a folder that holds something else, and leaves it as it was', async () => {
    const dataDir = mkdtempSync(join(home, 'other-'));
    writeFileSync(join(dataDir, 'thesis.txt'), 'precious');
    await expect(openEmbeddedDatabase({ dataDir })).rejects.toThrow(/not a database/);
    expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
    writeFileSync(join(dataDir, 'PG_VERSION'), '17\n');
    await expect(openEmbeddedDatabase({ dataDir })).rejects.toThrow(/PostgreSQL 17.*needs 18/);
  });

  it('takes an empty folder that was made for it', async () => {
    const dataDir = mkdtempSync(join(home, 'empty-'));
    const database = await openEmbeddedDatabase({ dataDir });
    await database.close();
    expect(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()).toBe('18');
  });

  it('leaves nothing beside the data folder when it is closed', async () => {
    const parent = mkdtempSync(join(home, 'tidy-'));
    await (await openEmbeddedDatabase({ dataDir: join(parent, 'deep', 'data') })).close();
    expect(readdirSync(join(parent, 'deep'))).toEqual(['data']);
  });

  it('tells its operator that it does not survive a power failure', async () => {
    const notices: string[] = [];
    const database = await openEmbeddedDatabase({ dataDir: newFolder(), onNotice: (text) => notices.push(text) });
    await database.close();
    expect(notices.join()).toMatch(/power failure/);
  });
});

describe('the connections that share the embedded session', () => {
  async function withDatabase(work: (database: EmbeddedDatabase) => Promise<void>): Promise<void> {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    await database.query('CREATE SCHEMA missiongate; CREATE SCHEMA bullmq; CREATE TABLE bullmq.job (id text); CREATE TABLE missiongate.job (n int)');
    try {
      await work(database);
    } finally {
      await database.close();
    }
  }

  it('resolve one table name differently for the product and for the queue, however they alternate', () =>
    withDatabase(async (database) => {
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          await database.query('INSERT INTO job (n) VALUES ($1)', [i]);
          await database.pool.query('INSERT INTO job (id) VALUES ($1)', [`queue-${i}`]);
        }),
      );
      expect((await database.query('SELECT count(*)::int AS n FROM missiongate.job')).rows).toEqual([{ n: 40 }]);
      expect((await database.query('SELECT count(*)::int AS n FROM bullmq.job')).rows).toEqual([{ n: 40 }]);
    }));

  it('wake each other by NOTIFY, with the payload, only where someone listens', () =>
    withDatabase(async (database) => {
      const [listener, other] = [await database.pool.connect(), await database.pool.connect()];
      const heard: string[] = [];
      listener.on('notification', ({ channel, payload }) => heard.push(`${channel}:${payload}`));
      other.on('notification', () => heard.push('wrong connection'));
      await listener.query('LISTEN bells');
      await database.query(`SELECT pg_notify('bells', 'один 1')`);
      await database.transaction((sql) => sql.query(`SELECT pg_notify('bells', 'two')`));
      await vi.waitFor(() => expect(heard).toEqual(['bells:один 1', 'bells:two']));
      other.release();
      listener.release(true);
    }));

  it('give the session back when one of them leaves in the middle of a transaction', () =>
    withDatabase(async (database) => {
      const client = await database.pool.connect();
      await client.query('BEGIN');
      await client.query(`INSERT INTO job VALUES ('never')`);
      const waiting = database.query('SELECT count(*)::int AS n FROM bullmq.job');
      client.release(true);
      expect((await waiting).rows).toEqual([{ n: 0 }]);
    }));

  it('wait for an open transaction and are then served in the order in which they came', () =>
    withDatabase(async (database) => {
      const order: number[] = [];
      let waiting: Promise<unknown> = Promise.resolve();
      await database.transaction(async (sql) => {
        await sql.query('INSERT INTO job VALUES (1)');
        waiting = Promise.all([1, 2, 3, 4].map((i) => database.query('SELECT 1').then(() => order.push(i))));
        await sql.query('INSERT INTO job VALUES (2)');
        expect(order).toEqual([]);
      });
      await waiting;
      expect(order).toEqual([1, 2, 3, 4]);
    }));

  it('leave timers and other work of the process their turn under load', () =>
    withDatabase(async (database) => {
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 5);
      const from = performance.now();
      await Promise.all(Array.from({ length: 2_000 }, (_, i) => database.query('SELECT $1::int AS i', [i])));
      const elapsed = performance.now() - from;
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(Math.min(10, elapsed / 50));
    }));
});

describe('the housekeeping of the embedded database', () => {
  it('vacuums what has many dead rows and writes checkpoints, without being asked', async () => {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    await database.query('CREATE SCHEMA missiongate; CREATE TABLE busy (id int, text text)');
    const checkpoint = async (): Promise<unknown> => (await database.query('SELECT redo_lsn FROM pg_catalog.pg_control_checkpoint()')).rows[0];
    const before = await checkpoint();
    await database.query(`INSERT INTO busy SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) AS i`);
    await database.query('DELETE FROM busy WHERE id > 10');
    // Maintenance is looked at after so many statements.
    await Promise.all(Array.from({ length: 2_100 }, () => database.query('SELECT 1')));
    await vi.waitFor(async () => {
      const { rows } = await database.query(`SELECT n_dead_tup FROM pg_catalog.pg_stat_all_tables WHERE relname = 'busy' AND vacuum_count > 0`);
      expect(rows).toEqual([{ n_dead_tup: '0' }]);
      expect(await checkpoint()).not.toEqual(before);
    }, 5_000);
    await database.close();
  });
});

describe('an embedded database whose thread dies', () => {
  it('rejects everything under way and everything later, says so once, and frees the folder', async () => {
    const failures: Error[] = [];
    const dataDir = newFolder();
    const threads: Worker[] = [];
    process.on('worker', (worker) => threads.push(worker));
    const database = await openEmbeddedDatabase({ dataDir, onFailure: (error) => failures.push(error) });
    process.removeAllListeners('worker');
    const underWay = [database.query('SELECT pg_sleep(0.2)'), database.transaction((sql) => sql.query('SELECT 1')), database.query('SELECT 1')];
    const outcomes = Promise.allSettled(underWay);
    await threads.at(-1)?.terminate();
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(EmbeddedDatabaseFailed);
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ name: 'DatabaseUnavailable', cause: failures[0] });
    await expect(database.transaction(async () => {})).rejects.toThrow(/has stopped/);
    await database.close();
    await (await openEmbeddedDatabase({ dataDir })).close();
  });

  it('answers with errors, not silence, when its files are deleted under it', async () => {
    const dataDir = newFolder();
    const database = await openEmbeddedDatabase({ dataDir });
    rmSync(dataDir, { recursive: true });
    await expect(database.query('CREATE SCHEMA missiongate')).rejects.toBeInstanceOf(Error);
    await database.close();
  });
});
