// pg-boss with fetch loops of its own: its `work()` looks for jobs twice a second at most, which would measure that pause.
import { PgBoss } from './peer-packages.mjs';
import { contend, onQueue } from './contend.mjs';

await contend(async ({ databaseUrl }) => {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 10 });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue('noop');
  const queue = onQueue(async (mission, ids) => {
    if (ids.length === 1) await boss.send('noop', { mission, id: ids[0] });
    else await boss.insert(ids.map((id) => ({ name: 'noop', data: { mission, id } })));
  });
  const stop = new AbortController();
  async function loop() {
    while (!stop.signal.aborted) {
      const jobs = (await boss.fetch('noop', { batchSize: 10 })) ?? [];
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        continue;
      }
      await boss.complete('noop', jobs.map(({ id }) => id));
      await Promise.all(jobs.map(({ data }) => queue.handled(data)));
    }
  }
  const loops = Promise.all(Array.from({ length: 5 }, loop));
  return {
    run: (workload) => queue.run(workload),
    async close() {
      stop.abort();
      await loops;
      await boss.stop({ graceful: false, wait: false });
    },
  };
});
