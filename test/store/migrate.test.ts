import { afterAll, describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import type { Migration } from '../../src/store/migrate.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import type { TestDatabase } from '../support/servers.ts';
import { createTestDatabase, serversAvailable } from '../support/servers.ts';

const FIRST: Migration = { number: 1, name: 'missions', sql: 'CREATE TABLE missions (id text PRIMARY KEY);\nCREATE INDEX missions_by_id ON missions (id);' };
const SECOND: Migration = { number: 2, name: 'tasks', sql: `CREATE TABLE tasks (id text); INSERT INTO tasks VALUES ('seed')` };
const BROKEN: Migration = { number: 3, name: 'broken', sql: 'CREATE TABLE half (id text); SELECT 1/0;' };

function migrationTests(where: string, open: () => Promise<Database>): void {
  describe(`migrating ${where}`, () => {
    async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
      const database = await open();
      try {
        await work(database);
      } finally {
        await database.close();
      }
    }

    it('creates the schema, applies what is missing in order, and does nothing the second time', () =>
      withDatabase(async (database) => {
        expect(await migrate(database, [FIRST])).toEqual({ applied: [1], version: 1 });
        expect(await migrate(database, [FIRST, SECOND])).toEqual({ applied: [2], version: 2 });
        expect(await migrate(database, [FIRST, SECOND])).toEqual({ applied: [], version: 2 });
        expect((await database.query('SELECT id FROM tasks')).rows).toEqual([{ id: 'seed' }]);
        expect((await database.query(`SELECT to_regclass('missiongate.missions') IS NOT NULL AS there`)).rows).toEqual([{ there: true }]);
      }));

    it('applies each migration once when many start at the same time', () =>
      withDatabase(async (database) => {
        const others = await Promise.all([1, 2, 3].map(() => migrate(database, [FIRST, SECOND])));
        expect(others.flatMap((outcome) => outcome.applied).toSorted((a, b) => a - b)).toEqual([1, 2]);
        expect((await database.query('SELECT id FROM tasks')).rowCount).toBe(1);
      }));

    it('leaves the schema at the version before a migration that fails', () =>
      withDatabase(async (database) => {
        await expect(migrate(database, [FIRST, SECOND, BROKEN])).rejects.toMatchObject({ sqlstate: '22012' });
        expect((await database.query(`SELECT max(number) AS version, to_regclass('half') AS half FROM schema_migrations`)).rows).toEqual([{ version: 2, half: null }]);
        expect(await migrate(database, [FIRST, SECOND, { ...BROKEN, sql: 'SELECT 1' }])).toEqual({ applied: [3], version: 3 });
      }));

    it('refuses a schema that a newer program has migrated, and says what to do', () =>
      withDatabase(async (database) => {
        await migrate(database, [FIRST, SECOND]);
        const attempt = migrate(database, [FIRST]);
        await expect(attempt).rejects.toMatchObject({ code: 'schema_too_new', found: 2, known: 1 });
        await expect(attempt).rejects.toThrow(/version 2.*up to 1.*newer program/);
      }));

    it('refuses a migration that was changed after it was applied, but not one with other line ends', () =>
      withDatabase(async (database) => {
        await migrate(database, [FIRST]);
        await migrate(database, [{ ...FIRST, sql: FIRST.sql.replaceAll('\n', '\r\n') }]);
        const attempt = migrate(database, [{ ...FIRST, sql: `${FIRST.sql} -- edited` }, SECOND]);
        await expect(attempt).rejects.toMatchObject({ code: 'migration_changed', number: 1 });
        expect((await database.query(`SELECT to_regclass('tasks') AS tasks`)).rows).toEqual([{ tasks: null }]);
      }));

    it('refuses bookkeeping with a hole in it', () =>
      withDatabase(async (database) => {
        await migrate(database, [FIRST, SECOND]);
        await database.query('DELETE FROM schema_migrations WHERE number = 1');
        await expect(migrate(database, [FIRST, SECOND])).rejects.toMatchObject({ code: 'migration_changed', number: 1 });
      }));

    it('refuses a list of migrations that is not numbered 1, 2, 3', () =>
      withDatabase(async (database) => {
        await expect(migrate(database, [SECOND])).rejects.toThrow(/numbered 1, 2, 3.*"tasks" has 2 at position 1/);
      }));
  });
}

migrationTests('the embedded database', () => openEmbeddedDatabase({ dataDir: 'memory' }));

describe.skipIf(!serversAvailable())('a PostgreSQL server', () => {
  const made: TestDatabase[] = [];
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  migrationTests('a PostgreSQL server', async () => {
    const test = await createTestDatabase();
    made.push(test);
    return openPostgresDatabase({ url: test.url, applicationName: 'migrate', maxConnections: 5 });
  });

  it('lets processes with connections of their own start at the same time', async () => {
    const test = await createTestDatabase();
    made.push(test);
    const databases = Array.from({ length: 5 }, () => openPostgresDatabase({ url: test.url, applicationName: 'starter', maxConnections: 2 }));
    const outcomes = await Promise.all(databases.map((database) => migrate(database, [FIRST, SECOND])));
    expect(outcomes.flatMap((outcome) => outcome.applied).toSorted((a, b) => a - b)).toEqual([1, 2]);
    await Promise.all(databases.map((database) => database.close()));
  });
});
