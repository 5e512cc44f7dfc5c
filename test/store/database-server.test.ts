import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { systemClock } from '../../src/kit/system-clock.ts';
import { databaseClock } from '../../src/store/database-clock.ts';
import type { Database } from '../../src/store/database.ts';
import { DatabaseUnavailable } from '../../src/store/postgres-database-error.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { openFaultProxy } from '../chaos/chaos-proxy.ts';
import type { Fate } from '../chaos/chaos-proxy.ts';
import { databaseContract } from '../contracts/database-contract.ts';
import type { Proxy, TestDatabase } from '../support/servers.ts';
import { createTestDatabase, openProxy, serversAvailable, statement } from '../support/servers.ts';

describe.skipIf(!serversAvailable())('a PostgreSQL server', () => {
  const made: TestDatabase[] = [];
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  databaseContract('a PostgreSQL server', async () => {
    const test = await createTestDatabase();
    made.push(test);
    return openPostgresDatabase({ url: test.url, applicationName: 'contract', maxConnections: 5 });
  });

  describe('when connections are lost', () => {
    let test: TestDatabase;
    let proxy: Proxy;
    let database: Database;

    beforeAll(async () => {
      test = await createTestDatabase();
      proxy = await openProxy(test.url);
      database = openPostgresDatabase({ url: proxy.url, applicationName: 'lost-connections', maxConnections: 4 });
      await statement(test.url, 'CREATE SCHEMA missiongate; CREATE TABLE missiongate.notes (text text)');
    });

    afterAll(async () => {
      await database.close();
      await proxy.close();
      await test.drop();
    });

    it('survives the server ending its idle connections', async () => {
      await Promise.all([1, 2, 3].map(() => database.query('SELECT pg_sleep(0.01)')));
      await statement(test.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost-connections'`);
      await vi.waitFor(async () => expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]), 5_000);
    });

    it('rejects a statement that the server ends in the middle, and works again at once', async () => {
      const slow = database.query('SELECT pg_sleep(20)');
      slow.catch(() => {});
      await vi.waitFor(async () => {
        await statement(test.url, `DO $$ BEGIN
          IF (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND application_name = 'lost-connections') = 0
          THEN RAISE 'not running yet'; END IF; END $$`);
      }, 5_000);
      await expect(slow).rejects.toBeInstanceOf(DatabaseUnavailable);
      expect((await database.query('SELECT 1')).rowCount).toBe(1);
    });

    it('rejects while the server is away, rolls back what was open, and recovers when it is back', async () => {
      const open = database.transaction(async (sql) => {
        await sql.query(`INSERT INTO notes VALUES ('lost')`);
        await proxy.cut();
        await sql.query(`INSERT INTO notes VALUES ('lost too')`);
      });
      await expect(open).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect(database.query('SELECT 1')).rejects.toBeInstanceOf(DatabaseUnavailable);
      await proxy.restore();
      await vi.waitFor(() => database.query('SELECT 1'), 5_000);
      expect((await database.query('SELECT * FROM notes')).rowCount).toBe(0);
    });

    it('lets an option in the URL stand beside its own settings', async () => {
      const url = `${proxy.url}?options=${encodeURIComponent('-c statement_timeout=1234')}`;
      const other = openPostgresDatabase({ url, applicationName: 'options' });
      const { rows } = await other.query(`SELECT current_setting('statement_timeout') AS timeout, current_setting('search_path') AS path, current_setting('application_name') AS name`);
      expect(rows).toEqual([{ timeout: '1234ms', path: 'missiongate', name: 'options' }]);
      await other.close();
    });
  });

  it('gives up a connection that leads nowhere any more, and works again on the next', async () => {
    const test = await createTestDatabase();
    made.push(test);
    const fates: Fate[] = [{ kind: 'silent', afterBytes: 1_500 }];
    const proxy = await openFaultProxy(test.url, () => fates.pop() ?? { kind: 'spared' });
    const database = openPostgresDatabase({ url: proxy.url, applicationName: 'silent', answerTimeoutMs: 300 });
    const work = database.transaction(async (sql) => {
      for (;;) await sql.query(`SELECT repeat('x', 500)`);
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(proxy.struck).toBe(1);
    await database.close();
    await proxy.close();
  });

  it('counts a server without room as one that is away: the statement may be fine', async () => {
    const test = await createTestDatabase();
    made.push(test);
    const database = openPostgresDatabase({ url: test.url, applicationName: 'full' });
    await expect(database.query(`DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$`)).rejects.toThrow(DatabaseUnavailable);
    await database.close();
  });

  it('ends a transaction whose process says nothing, so that its locks hold up nobody', async () => {
    const test = await createTestDatabase();
    made.push(test);
    const database = openPostgresDatabase({ url: test.url, applicationName: 'settings' });
    expect((await database.query('SHOW idle_in_transaction_session_timeout')).rows).toEqual([{ idle_in_transaction_session_timeout: '10s' }]);
    await database.close();
  });

  it('gives all processes one clock, whatever the clock of their machine says', async () => {
    const test = await createTestDatabase();
    made.push(test);
    const database = openPostgresDatabase({ url: test.url, applicationName: 'clock' });
    let stopwatch = 5_000;
    const before = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: before + 10 * 24 * 3_600_000 });
    const clock = await databaseClock(database, systemClock, () => stopwatch);
    vi.useRealTimers();
    const first = clock.now();
    expect(first).toBeGreaterThanOrEqual(before - 1);
    expect(first).toBeLessThanOrEqual(Date.now() + 1);
    stopwatch += 60_000;
    expect(clock.now() - first).toBe(60_000);
    clock.stop();
    await database.close();
  });

  it('says what it could not reach when there is no server', async () => {
    const database = openPostgresDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'none' });
    await expect(database.query('SELECT 1')).rejects.toThrow(/unavailable.*ECONNREFUSED/);
    await database.close();
  });
});
