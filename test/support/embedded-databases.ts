import type { Database } from '../../src/store/database.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { DatabaseUnavailable } from '../../src/store/postgres-database-error.ts';
import { PRODUCT_SCHEMA } from '../../src/store/postgres-database.ts';

/** Opened by earlier tests of this process, migrated, and used by nobody just now. */
const unused: Database[] = [];

/**
 * An embedded database with the product's tables and nothing in them. Opening one costs most of a second, emptying one that an earlier test
 * gave back costs milliseconds. `close` gives it back; whoever still writes afterwards is refused, as by a database that is closed.
 */
export async function emptyDatabase(): Promise<Database> {
  const database = unused.pop() ?? (await openMigrated());
  await database.query(await emptying(database));
  let isClosed = false;
  const open = (): Database => {
    if (isClosed) throw new DatabaseUnavailable(new Error('it was closed'), undefined, '');
    return database;
  };
  return {
    kind: database.kind,
    query: async (text, values) => open().query(text, values),
    transaction: async (work) => open().transaction((sql) => work({ query: async (text, values) => (open(), sql.query(text, values)) })),
    async close() {
      if (!isClosed) unused.push(database);
      isClosed = true;
    },
  };
}

async function openMigrated(): Promise<Database> {
  const database = await openEmbeddedDatabase({ dataDir: 'memory' });
  await migrate(database, migrations);
  return database;
}

async function emptying(database: Database): Promise<string> {
  const { rows } = await database.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = '${PRODUCT_SCHEMA}' AND tablename <> 'schema_migrations'`);
  return `TRUNCATE ${rows.map(({ name }) => `${PRODUCT_SCHEMA}.${name}`).join(', ')} RESTART IDENTITY CASCADE`;
}
