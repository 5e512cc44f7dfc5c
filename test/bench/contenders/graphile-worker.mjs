// graphile-worker: a task's handler adds the jobs of the tasks it releases. Fifty at a time, woken by LISTEN.
import { Logger, makeWorkerUtils, run } from './peer-packages.mjs';
import { contend, onQueue } from './contend.mjs';

await contend(async ({ databaseUrl }) => {
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger });
  await utils.migrate();
  const queue = onQueue(async (mission, ids) => {
    if (ids.length === 1) await utils.addJob('noop', { mission, id: ids[0] });
    else await utils.addJobs(ids.map((id) => ({ identifier: 'noop', payload: { mission, id } })));
  });
  const runner = await run({ connectionString: databaseUrl, concurrency: 50, maxPoolSize: 10, noHandleSignals: true, logger, taskList: { noop: (task) => queue.handled(task) } });
  return {
    run: (workload) => queue.run(workload),
    async close() {
      await runner.stop();
      await utils.release();
    },
  };
});
