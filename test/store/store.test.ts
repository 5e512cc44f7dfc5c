import { describe, expect, it } from 'vitest';

import { field } from '../../src/github/webhooks/reading.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { routinesContract } from '../contracts/routines-contract.ts';
import { storeContract } from '../contracts/store-contract.ts';
import { watchesContract } from '../contracts/watches-contract.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { PureWorld, missionId } from '../support/pure-world.ts';
import { createTestDatabase, serversAvailable } from '../support/servers.ts';

async function embedded() {
  const database = await emptyDatabase();
  const store = createStore(database, systemClock);
  return { store, second: createStore(database, systemClock), close: () => store.close() };
}

storeContract('the embedded database', embedded);
watchesContract('the embedded database', embedded);
routinesContract('the embedded database', embedded);

async function onServer() {
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
}

if (serversAvailable()) {
  storeContract('a PostgreSQL server', onServer);
  watchesContract('a PostgreSQL server', onServer);
  routinesContract('a PostgreSQL server', onServer);
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

describe('a database from before there was an agenda', () => {
  it('has its missions re-read from now on, and not what was told long ago', async () => {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    await migrate(database, migrations.slice(0, 1));
    const run = (id: string, status: string) =>
      database.query(`INSERT INTO runs (id, seq, installation_id, status, created_at, updated_at) VALUES ($1, 1, 7, $2, now(), now())`, [id, status]);
    for (const [id, status] of [['r1-i1', 'running'], ['r1-i2', 'completed'], ['r1-i3', 'none']] as const) await run(id, status);
    const before = Date.now() - 1_000;
    await migrate(database, migrations);
    const store = createStore(database, systemClock);
    const taken = await store.watches.take('one', 1_000, Date.now() + 60_000, 10);
    expect(taken.map(({ subject }) => subject)).toEqual(['mission:r1-i1']);
    const since = String(field(taken[0]?.memory, 'since'));
    expect(Date.parse(since)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
    await store.close();
  });
});

describe('the test run', () => {
  it('has servers when it runs in CI', () => {
    expect(serversAvailable() || process.env.CI !== 'true').toBe(true);
  });
});
