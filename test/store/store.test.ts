import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/kit/system-clock.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { storeContract } from '../contracts/store-contract.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { PureWorld, missionId } from '../support/pure-world.ts';
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

describe.runIf(serversAvailable())('two processes on a PostgreSQL server', () => {
  it('stop an attempt whose lease was taken in the instant of the cancellation', async () => {
    const testDatabase = await createTestDatabase();
    const database = openPostgresDatabase({ url: testDatabase.url, applicationName: 'test' });
    await migrate(database, migrations);
    const app = createStore(database, systemClock);
    const worker = createStore(openPostgresDatabase({ url: testDatabase.url, applicationName: 'test' }), systemClock);
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    const now = systemClock.now();
    const batch = { settled: [], deferred: [], jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false, now };
    await app.hold(missionId, (held) => held.commit({ ...batch, events: world.events, state: world.state }));
    const claim = await app.hold(missionId, async (held) => {
      await held.commit({ ...batch, events: world.say('author', 'cancel'), state: world.state, cancelAttempts: true });
      // The cancellation is written, but nobody else can see it yet.
      return worker.claim({ missionId, subject: 'a', attempt: 1 }, 'w1', 30_000, now);
    });
    if (claim.outcome !== 'claimed') throw new Error(`the claim was ${claim.outcome}`);
    expect(await worker.heartbeat(claim.lease, 30_000, now + 1)).toBe('cancelled');
    await Promise.all([app.close(), worker.close()]);
    await testDatabase.drop();
  });
});

describe('the test run', () => {
  it('has servers when it runs in CI', () => {
    expect(serversAvailable() || process.env.CI !== 'true').toBe(true);
  });
});
