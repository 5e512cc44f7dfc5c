// Missiongate as it runs by itself, on the embedded database in a folder: one wide phase, every task of which is under way at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../../src/kit/system-clock.ts';
import { createBullQueue } from '../../../src/queue/bull-queue.ts';
import { noop } from '../../../src/steps/noop.ts';
import { createStepRegistry } from '../../../src/steps/registry.ts';
import type { StepType } from '../../../src/steps/step-type.ts';
import { openEmbeddedDatabase } from '../../../src/store/embedded-database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { createStore } from '../../../src/store/store.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { engineWorld } from '../../support/engine-world.ts';
import { person, source } from '../../support/pure-world.ts';

const { width } = JSON.parse(process.argv[2] ?? '{}') as { readonly width: number };
let inFlight = 0;
let most = 0;
let release = (): void => undefined;
const together = new Promise<void>((resolve) => (release = resolve));

/** Ends when all of them are under way: otherwise a fast worker would never have many at once. */
const waiting: StepType = {
  ...noop,
  async run(context) {
    inFlight += 1;
    most = Math.max(most, inFlight);
    if (inFlight === width) release();
    await together;
    inFlight -= 1;
    return noop.run(context);
  },
};

let megabytes = 0;
const watching = setInterval(() => (megabytes = Math.max(megabytes, process.memoryUsage.rss() / 1024 / 1024)), 50);
const folder = mkdtempSync(join(tmpdir(), 'bench-wide-'));
const database = await openEmbeddedDatabase({ dataDir: join(folder, 'data') });
await migrate(database, migrations);
const queue = await createBullQueue({ backend: { kind: 'embedded', pool: database.pool }, prefix: 'wide' });
const store = createStore(database, systemClock);
const written = definition([phase('p', Array.from({ length: width }, (_, index) => task(`t${index}`)), { gate: null })], { maxParallel: width });
const world = engineWorld({ store, queue, definition: written, concurrency: width });
const running = [world.engine.startApp(), world.engine.startWorker({ ...world.worker, steps: createStepRegistry([waiting]), concurrency: width }), world.engine.startSupervision()];
const missionId = 'r1-iwide';
const nowhere = { ...source, installationId: 0 };
await world.send(missionId, 'request', { kind: 'mission.requested', source: nowhere, title: '', body: '', actor: person('author') });
await world.until(missionId, (state) => state.status === 'planned');
const started = performance.now();
await world.send(missionId, 'queue', { kind: 'mission.queue-requested', source: nowhere, actor: person('author') });
await world.until(missionId, (state) => state.status === 'completed' || state.status === 'failed');
const seconds = (performance.now() - started) / 1000;
clearInterval(watching);
const state = (await store.read(missionId))?.state;
console.log(JSON.stringify({ seconds, most, megabytes, status: state?.status ?? 'none', attempts: state && 'tasks' in state ? [...state.tasks.values()].reduce((sum, { attempt }) => sum + attempt, 0) : 0 }));
await Promise.all(running.map((one) => one.close(5_000)));
await queue.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
