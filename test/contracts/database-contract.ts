import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { StatementError, isUniqueViolation } from '../../src/store/postgres-database-error.ts';

/**
 * What every `Database` promises, called by each implementation's test. `open` gives a fresh, empty database; `close` is
 * the contract's to call.
 */
export function databaseContract(name: string, open: () => Promise<Database>): void {
  describe(`${name} is a Database`, () => {
    let database: Database;

    beforeAll(async () => {
      database = await open();
      await database.query('CREATE SCHEMA missiongate');
      await database.query('CREATE TABLE words (id text PRIMARY KEY, n int NOT NULL DEFAULT 0)');
    });

    afterAll(() => database.close());

    it('gives values the JavaScript types that the product counts on', async () => {
      const { rows } = await database.query(
        `SELECT 9007199254740993::int8 AS big, 1.50::numeric AS exact, '2024-02-29T12:00:00.123Z'::timestamptz AS at,
                '{"a":[1,null]}'::jsonb AS data, true AS yes, NULL AS nothing, ARRAY['x','y'] AS list, '\\x00ff'::bytea AS bytes, 7::int4 AS small`,
      );
      expect(rows).toEqual([
        { big: '9007199254740993', exact: '1.50', at: new Date('2024-02-29T12:00:00.123Z'), data: { a: [1, null] }, yes: true, nothing: null, list: ['x', 'y'], bytes: Buffer.from([0, 255]), small: 7 },
      ]);
    });

    it('takes parameters of every allowed type and gives them back unchanged', async () => {
      const at = new Date('2031-12-31T23:59:59.999Z');
      const { rows } = await database.query(
        'SELECT $1::text AS t, $2::int8 AS i, $3::bool AS b, $4::timestamptz AS d, $5::jsonb AS j, $6::text[] AS l, $7::bytea AS y, $8::text AS n, $9::int[] AS z',
        ['x', 12345678901234567890n / 10n, false, at, JSON.stringify({ deep: { è: '✓' } }), ['a,b', '"q"', ''], new Uint8Array([1, 2, 0]), null, [1, 2]],
      );
      expect(rows).toEqual([{ t: 'x', i: '1234567890123456789', b: false, d: at, j: { deep: { è: '✓' } }, l: ['a,b', '"q"', ''], y: Buffer.from([1, 2, 0]), n: null, z: [1, 2] }]);
    });

    it('keeps every script, emoji and direction of text', async () => {
      const text = 'ключ 🔑 مرحبا בעולם 你好 e\u0301 \u{1F469}\u200D\u{1F680} \\ \' " $1 %s';
      const { rows } = await database.query<{ text: string }>('SELECT $1::text AS text', [text]);
      expect(rows[0]?.text).toBe(text);
    });

    it('carries a large value and many rows', async () => {
      const large = 'ä'.repeat(2_000_000);
      const { rows } = await database.query<{ size: number; text: string }>('SELECT length($1::text) AS size, $1::text AS text', [large]);
      expect(rows[0]?.size).toBe(2_000_000);
      expect(rows[0]?.text === large).toBe(true);
      const many = await database.query<{ i: number }>('SELECT i FROM generate_series(1, 20000) AS i');
      expect(many.rowCount).toBe(20_000);
      expect(many.rows.at(-1)?.i).toBe(20_000);
    });

    it('counts the rows that a write touched', async () => {
      await database.query(`INSERT INTO words (id) VALUES ('count-1'), ('count-2')`);
      expect((await database.query(`UPDATE words SET n = 1 WHERE id LIKE 'count-%'`)).rowCount).toBe(2);
      expect((await database.query(`DELETE FROM words WHERE id = 'nobody'`)).rowCount).toBe(0);
      expect(await database.query(`DELETE FROM words WHERE id LIKE 'count-%' RETURNING id`)).toMatchObject({ rowCount: 2, rows: [{}, {}] });
    });

    it('refuses a bad statement with its SQLSTATE and goes on working', async () => {
      await expect(database.query('SELEC 1')).rejects.toMatchObject({ name: 'StatementError', sqlstate: '42601' });
      await expect(database.query('SELECT 1 / $1::int', [0])).rejects.toMatchObject({ sqlstate: '22012' });
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    });

    it('names the constraint that a write violates, and keeps the values out of the message', async () => {
      await database.query(`INSERT INTO words (id) VALUES ('secret-value')`);
      const error: unknown = await database.query('INSERT INTO words (id) VALUES ($1)', ['secret-value']).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StatementError);
      expect(isUniqueViolation(error, 'words_pkey')).toBe(true);
      expect(isUniqueViolation(error, 'other')).toBe(false);
      expect((error as Error).message).not.toContain('secret-value');
    });

    it('commits a transaction whose work resolves and returns its result', async () => {
      const result = await database.transaction(async (sql) => {
        await sql.query(`INSERT INTO words (id) VALUES ('committed')`);
        return 'result';
      });
      expect(result).toBe('result');
      expect((await database.query(`SELECT 1 FROM words WHERE id = 'committed'`)).rowCount).toBe(1);
    });

    it('rolls back a transaction whose work rejects, and rejects with the very same error', async () => {
      const reason = new Error('no');
      const attempt = database.transaction(async (sql) => {
        await sql.query(`INSERT INTO words (id) VALUES ('undone')`);
        throw reason;
      });
      await expect(attempt).rejects.toBe(reason);
      expect((await database.query(`SELECT 1 FROM words WHERE id = 'undone'`)).rowCount).toBe(0);
    });

    it('does not pretend to have committed when the work swallowed a failed statement', async () => {
      const attempt = database.transaction(async (sql) => {
        await sql.query(`INSERT INTO words (id) VALUES ('half')`);
        await sql.query('SELECT 1/0').catch(() => {});
      });
      await expect(attempt).rejects.toThrow(/rolled back/);
      expect((await database.query(`SELECT 1 FROM words WHERE id = 'half'`)).rowCount).toBe(0);
    });

    it('never shows others what a transaction has not committed', async () => {
      let seen: Promise<{ rowCount: number }> | undefined;
      await database
        .transaction(async (sql) => {
          await sql.query(`INSERT INTO words (id) VALUES ('hidden')`);
          seen = database.query(`SELECT 1 FROM words WHERE id = 'hidden'`);
          await sql.query('SELECT 1');
          throw new Error('rolled back');
        })
        .catch(() => {});
      expect((await seen)?.rowCount).toBe(0);
    });

    it('runs the statements of a transaction in order, even when they are sent at once', async () => {
      const order = await database.transaction(async (sql) => {
        await sql.query('CREATE TEMP TABLE sent (i int, at serial) ON COMMIT DROP');
        await Promise.all([1, 2, 3, 4, 5].map((i) => sql.query('INSERT INTO sent (i) VALUES ($1)', [i])));
        return (await sql.query<{ i: number }>('SELECT i FROM sent ORDER BY at')).rows.map((row) => row.i);
      });
      expect(order).toEqual([1, 2, 3, 4, 5]);
    });

    it('refuses a statement that comes after its transaction has ended', async () => {
      const sql = await database.transaction(async (inner) => inner);
      await expect(sql.query('SELECT 1')).rejects.toThrow(/is over/);
    });

    it('loses no update of many transactions at the same time', async () => {
      await database.query(`INSERT INTO words (id, n) VALUES ('counter', 0)`);
      await Promise.all(
        Array.from({ length: 60 }, () =>
          database.transaction(async (sql) => {
            const { rows } = await sql.query<{ n: number }>(`SELECT n FROM words WHERE id = 'counter' FOR UPDATE`);
            await sql.query(`UPDATE words SET n = $1 WHERE id = 'counter'`, [(rows[0]?.n ?? 0) + 1]);
          }),
        ),
      );
      expect((await database.query(`SELECT n FROM words WHERE id = 'counter'`)).rows).toEqual([{ n: 60 }]);
    });

    it('resolves unqualified names in the schema missiongate and tells the time in UTC', async () => {
      const { rows } = await database.query(`SELECT to_regclass('words') = to_regclass('missiongate.words') AS here, current_setting('TimeZone') AS zone, current_schema() AS schema`);
      expect(rows).toEqual([{ here: true, zone: 'UTC', schema: 'missiongate' }]);
    });

    it('closes once, however often it is told to, and refuses statements afterwards', async () => {
      const other = await open();
      await other.query('SELECT 1');
      await Promise.all([other.close(), other.close()]);
      await expect(other.query('SELECT 1')).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
      await expect(other.transaction(async () => {})).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
    });
  });
}
