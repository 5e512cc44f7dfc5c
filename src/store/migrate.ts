import { sha256 } from '../kit/hash.ts';
import type { Database, Sql } from './database.ts';
import { PRODUCT_SCHEMA } from './postgres-database.ts';
import { StatementError } from './postgres-database-error.ts';

/** One step of the schema. Once released it is never edited: a change is a new migration with the next number. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly number: number;
  readonly name: string;
  /** Statements that are allowed in a transaction (no `CREATE INDEX CONCURRENTLY`, no `VACUUM`). */
  readonly sql: string;
}

export interface MigrationOutcome {
  /** Numbers applied by this call, in order; empty when the schema was up to date. */
  readonly applied: readonly number[];
  /** The schema's version afterwards. */
  readonly version: number;
}

/** The database was migrated by a newer program. Writing to it could destroy what the newer program relies on. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
  readonly code = 'schema_too_new';
  readonly found: number;
  readonly known: number;

  constructor(found: number, known: number) {
    super(
      `The database schema is at version ${found}, this program knows versions up to ${known}. Start the newer program that migrated it, or restore the backup made before that.`,
    );
    this.found = found;
    this.known = known;
  }
}

/** A migration that was applied once is not the one the program has under this number. */
export class MigrationChanged extends Error {
  override readonly name = 'MigrationChanged';
  readonly code = 'migration_changed';
  readonly number: number;

  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

/** Two starters may both find the schema missing and create it; the loser sees one of these and goes on. */
const ALREADY_THERE: ReadonlySet<string> = new Set(['23505', '42P06', '42P07', '42710']);

/**
 * Creates the schema `missiongate` and applies the missing migrations in order, each in a transaction of its own that
 * also records it with a checksum in `schema_migrations`. Any number of processes may call this at the same time: they
 * take turns by a table lock. Throws `SchemaTooNew` or `MigrationChanged` before anything is applied; a migration that
 * fails leaves the schema at the version before it.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<MigrationOutcome> {
  checkNumbers(migrations);
  await createBookkeeping(database);
  const applied: number[] = [];
  for (;;) {
    const number = await applyNext(database, migrations);
    if (number === undefined) return { applied, version: migrations.length };
    applied.push(number);
  }
}

function checkNumbers(migrations: readonly Migration[]): void {
  for (const [index, migration] of migrations.entries()) {
    if (migration.number !== index + 1) {
      throw new TypeError(`Migrations must be numbered 1, 2, 3, … in order; "${migration.name}" has ${migration.number} at position ${index + 1}.`);
    }
  }
}

async function createBookkeeping(database: Database): Promise<void> {
  // Asked first, because IF NOT EXISTS needs the right to create even when there is nothing to create.
  const { rows } = await database.query<{ has_schema: boolean; has_table: boolean }>(
    `SELECT to_regnamespace('${PRODUCT_SCHEMA}') IS NOT NULL AS has_schema,
            to_regclass('${PRODUCT_SCHEMA}.schema_migrations') IS NOT NULL AS has_table`,
  );
  if (rows[0]?.has_schema !== true) await createUnlessThere(database, `CREATE SCHEMA IF NOT EXISTS ${PRODUCT_SCHEMA}`);
  if (rows[0]?.has_table === true) return;
  await createUnlessThere(
    database,
    `CREATE TABLE IF NOT EXISTS ${PRODUCT_SCHEMA}.schema_migrations (
       number     integer     PRIMARY KEY,
       name       text        NOT NULL,
       checksum   text        NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  );
}

async function createUnlessThere(database: Database, statement: string): Promise<void> {
  try {
    await database.query(statement);
  } catch (error) {
    if (!(error instanceof StatementError && ALREADY_THERE.has(error.sqlstate))) throw error;
  }
}

/** Applies the first missing migration; undefined when there is none. */
async function applyNext(database: Database, migrations: readonly Migration[]): Promise<number | undefined> {
  return database.transaction(async (sql) => {
    // Held to the end of the transaction: another starter waits here and then sees what this one did.
    await sql.query(`LOCK TABLE ${PRODUCT_SCHEMA}.schema_migrations IN EXCLUSIVE MODE`);
    const version = await checkApplied(sql, migrations);
    const next = migrations[version];
    if (next === undefined) return undefined;
    await sql.query(next.sql);
    await sql.query(`INSERT INTO ${PRODUCT_SCHEMA}.schema_migrations (number, name, checksum) VALUES ($1, $2, $3)`, [next.number, next.name, checksum(next)]);
    return next.number;
  });
}

/** How many of the program's migrations are applied. Throws when the database holds others. */
async function checkApplied(sql: Sql, migrations: readonly Migration[]): Promise<number> {
  const { rows } = await sql.query<{ number: number; name: string; checksum: string }>(
    `SELECT number, name, checksum FROM ${PRODUCT_SCHEMA}.schema_migrations ORDER BY number`,
  );
  const found = rows.at(-1)?.number ?? 0;
  if (found > migrations.length) throw new SchemaTooNew(found, migrations.length);
  for (const [index, row] of rows.entries()) {
    const known = migrations[index];
    if (known === undefined || row.number !== known.number) {
      throw new MigrationChanged(index + 1, `Migration ${index + 1} is missing in schema_migrations although ${row.number} (${row.name}) was applied: the table was edited. Restore a backup.`);
    }
    if (row.checksum !== checksum(known)) {
      throw new MigrationChanged(known.number, `Migration ${known.number} (${known.name}) was changed after it was applied as "${row.name}". Undo the change and put it into a new migration.`);
    }
  }
  return rows.length;
}

/** Line ends do not count: a checkout on another system must not look like a changed migration. */
function checksum(migration: Migration): string {
  return sha256(migration.sql.replaceAll('\r\n', '\n'));
}
