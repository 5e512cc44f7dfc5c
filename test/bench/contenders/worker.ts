// One worker process of Missiongate, as `missiongate worker` is; its steps wait `stepMs` instead of working.
import { systemClock } from '../../../src/kit/system-clock.ts';
import { createBullQueue } from '../../../src/queue/bull-queue.ts';
import { noop } from '../../../src/steps/noop.ts';
import { createStepRegistry } from '../../../src/steps/registry.ts';
import type { StepType } from '../../../src/steps/step-type.ts';
import { openPostgresDatabase } from '../../../src/store/postgres-database.ts';
import { createStore } from '../../../src/store/store.ts';
import { definition } from '../../support/definitions.ts';
import { engineWorld } from '../../support/engine-world.ts';

interface WorkerBrief {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly stepMs: number;
}

const { databaseUrl, redisUrl, prefix, concurrency, stepMs } = JSON.parse(process.argv[2] ?? '{}') as WorkerBrief;
const waiting: StepType = {
  ...noop,
  async run(context) {
    if (stepMs > 0) await new Promise((resolve) => setTimeout(resolve, stepMs));
    return noop.run(context);
  },
};
const store = createStore(openPostgresDatabase({ url: databaseUrl, applicationName: 'bench-worker', maxConnections: 5 }), systemClock);
const queue = await createBullQueue({ backend: { kind: 'redis', url: redisUrl }, prefix });
const world = engineWorld({ store, queue, definition: definition([]) });
const running = [world.engine.startWorker({ ...world.worker, worker: `worker-${process.pid}`, steps: createStepRegistry([waiting]), concurrency }), world.engine.startSupervision()];
console.log(JSON.stringify({ ready: true }));
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('end', resolve));
await Promise.all(running.map((one) => one.close(2_000)));
await queue.close();
await store.close();
process.exit(0);
