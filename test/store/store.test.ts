import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/kit/system-clock.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { storeContract } from '../contracts/store-contract.ts';
import { createTestDatabase, serversAvailable } from '../support/servers.ts';

storeContract('the embedded database', async () => {
  const database = await openEmbeddedDatabase({ dataDir: 'memory' });
  await migrate(database, migrations);
  const store = createStore(database, systemClock);
  return { store, second: createStore(database, systemClock), close: () => store.close() };
});

if (serversAvailable()) {
  storeContract('a PostgreSQL server', async () => {
    const testDatabase = await createTestDatabase();
    const first = openPostgresDatabase({ url: testDatabase.url, applicationName: 'test' });
    await migrate(first, migrations);
    const store = createStore(first, systemClock);
    const second = createStore(openPostgresDatabase({ url: testDatabase.url, applicationName: 'test' }), systemClock);
    return {
      store,
      second,
      async close() {
        await store.close();
        await second.close();
        await testDatabase.drop();
      },
    };
  });
}

describe('the test run', () => {
  it('has servers when it runs in CI', () => {
    expect(serversAvailable() || process.env.CI !== 'true').toBe(true);
  });
});
