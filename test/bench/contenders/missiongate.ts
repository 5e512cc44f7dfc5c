// Missiongate: app and worker in one process, ledger, policy, outbox and dedupe on; fifty attempts at a time.
import { randomUUID } from 'node:crypto';

import { systemClock } from '../../../src/kit/system-clock.ts';
import type { Definition } from '../../../src/core/mission/definition.ts';
import type { Store } from '../../../src/engine/ports/store.ts';
import { createBullQueue } from '../../../src/queue/bull-queue.ts';
import type { QueueBackend } from '../../../src/queue/backend.ts';
import type { Database } from '../../../src/store/database.ts';
import { openEmbeddedDatabase } from '../../../src/store/embedded-database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../../src/store/postgres-database.ts';
import { createStore } from '../../../src/store/store.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { engineWorld } from '../../support/engine-world.ts';
import { person, source } from '../../support/pure-world.ts';
import type { Workload } from '../workloads.ts';
import { contend } from './contend.mjs';
import type { Brief } from './contend.mjs';

/** Missions that live nowhere on GitHub: nothing is shown, so that engine, store and queue are what is measured. */
const nowhere = { ...source, installationId: 0 };

const tellMemoryEveryMs = 5_000;

/** What is resident when nothing but what is in use is: garbage between two collections says nothing about a leak. */
function tellMemory(): void {
  globalThis.gc?.();
  console.log(JSON.stringify({ megabytes: process.memoryUsage.rss() / 1024 / 1024 }));
}

await contend(async (brief) => {
  const { database, backend } = await open(brief);
  await migrate(database, migrations);
  const queue = await createBullQueue({ backend, prefix: `bench-${randomUUID().slice(0, 8)}` });
  const ends = new Map<string, () => void>();
  const store = tellingEnds(createStore(database, systemClock), (missionId) => ends.get(missionId)?.());
  let written: Definition = definition([]);
  const world = engineWorld({
    store,
    queue,
    get definition() {
      return written;
    },
    concurrency: 50,
  });
  const running = [world.engine.startApp(), world.engine.startWorker(world.worker), world.engine.startSupervision()];

  async function group(workload: Workload): Promise<number> {
    const ids = Array.from({ length: workload.together }, () => `r1-i${randomUUID().slice(0, 13)}`);
    await Promise.all(ids.map((id) => world.send(id, 'request', { kind: 'mission.requested', source: nowhere, title: '', body: '', actor: person('author') })));
    await Promise.all(ids.map((id) => world.until(id, (state) => state.status === 'planned')));
    const over = ids.map((id) => new Promise<void>((resolve) => ends.set(id, resolve)));
    const started = performance.now();
    await Promise.all(ids.map((id) => world.send(id, 'queue', { kind: 'mission.queue-requested', source: nowhere, actor: person('author') })));
    await Promise.all(over);
    for (const id of ids) ends.delete(id);
    return (performance.now() - started) / 1000;
  }

  return {
    async run(workload) {
      written = definition([phase('p', workload.tasks.map(({ id, needs }) => task(id, { needs })), { gate: null })], { maxParallel: 100 });
      const until = performance.now() + (workload.forSeconds ?? 0) * 1000;
      let seconds = 0;
      let groups = 0;
      let told = 0;
      while (groups < workload.groups || performance.now() < until) {
        seconds += await group(workload);
        groups += 1;
        if (workload.forSeconds !== undefined && performance.now() - told >= tellMemoryEveryMs) {
          told = performance.now();
          tellMemory();
        }
        if (workload.pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, workload.pauseMs));
      }
      return { seconds, groups };
    },
    async close() {
      await Promise.all(running.map((one) => one.close(5_000)));
      await queue.close();
      await store.close();
    },
  };
});

async function open({ profile, databaseUrl, redisUrl }: Brief): Promise<{ database: Database; backend: QueueBackend }> {
  if (profile === 'embedded') {
    const database = await openEmbeddedDatabase({ dataDir: 'memory' });
    return { database, backend: { kind: 'embedded', pool: database.pool } };
  }
  const database = openPostgresDatabase({ url: databaseUrl, applicationName: 'bench' });
  return { database, backend: profile === 'redis' ? { kind: 'redis', url: redisUrl } : { kind: 'postgres', url: databaseUrl } };
}

/** The store, telling when the completion of a mission is durable: polling for it would cost what is measured. */
function tellingEnds(store: Store, ended: (missionId: string) => void): Store {
  return {
    ...store,
    async hold(missionId, work, reading) {
      let completed = false;
      const result = await store.hold(missionId, (held) =>
        work({
          ...held,
          async commit(batch) {
            await held.commit(batch);
            completed = batch.state?.status === 'completed';
          },
        }),
        reading,
      );
      if (completed) ended(missionId);
      return result;
    },
  };
}
