// DBOS: one workflow per mission, one durable step per task, in the order and with the parallelism of the plan.
import { DBOS } from './peer-packages.mjs';
import { contend } from './contend.mjs';

await contend(async ({ databaseUrl }) => {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: 10, runAdminServer: false, logLevel: 'error', enableOTLP: false });
  /** Tasks level by level: each level's tasks at once, as the plan allows. */
  const mission = DBOS.registerWorkflow(
    async (levels) => {
      for (const level of levels) await Promise.all(level.map((id) => DBOS.runStep(async () => null, { name: id })));
    },
    { name: 'mission' },
  );
  await DBOS.launch();
  return {
    async run(workload) {
      const levels = levelsOf(workload.tasks);
      for (let group = 0; group < workload.groups; group += 1) {
        await Promise.all(
          Array.from({ length: workload.together }, async () => {
            const handle = await DBOS.startWorkflow(mission)(levels);
            await handle.getResult();
          }),
        );
      }
    },
    close: () => DBOS.shutdown(),
  };
});

/** @param {{ id: string, needs: string[] }[]} tasks in an order that respects their needs */
function levelsOf(tasks) {
  const levelOf = new Map();
  const levels = [];
  for (const { id, needs } of tasks) {
    const level = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => levelOf.get(need)));
    levelOf.set(id, level);
    (levels[level] ??= []).push(id);
  }
  return levels;
}
