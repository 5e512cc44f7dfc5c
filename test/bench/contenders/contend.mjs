// What a contender's program has in common with the others: it is told its workloads and addresses as JSON, prepares
// itself, runs the warm-up, then each workload, and prints one line of JSON per result.

/**
 * @typedef {{ name: string, tasks: { id: string, needs: string[] }[], together: number, groups: number }} Workload
 * @typedef {{ workloads: Workload[], warmUp: Workload, databaseUrl: string, redisUrl: string, profile: string }} Brief
 */

/** @param {(brief: Brief) => Promise<{ run(workload: Workload): Promise<void>, close(): Promise<void> }>} open */
export async function contend(open) {
  const brief = JSON.parse(process.argv[2] ?? '{}');
  const contender = await open(brief);
  await contender.run(brief.warmUp);
  for (const workload of brief.workloads) {
    const tasks = workload.tasks.length * workload.together * workload.groups;
    const started = performance.now();
    const cpu = process.cpuUsage();
    const own = (await contender.run(workload)) ?? undefined;
    // A contender that prepares missions before it starts them says itself how long the running took.
    const seconds = own?.seconds ?? (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ workload: workload.name, groups: own?.groups ?? workload.groups, tasks, seconds, cpuSeconds: (user + system) / 1e6 }));
  }
  await contender.close();
  process.exit(0);
}

/**
 * The scheduling that a bare queue lacks, in memory: says which tasks a finished task releases. Nothing of it survives a
 * crash; it costs next to nothing, so that the queue itself is what is measured.
 *
 * @param {Workload} workload
 */
export function inMemoryPlan({ tasks }) {
  /** @type {Map<string, string[]>} */
  const dependents = new Map(tasks.map(({ id }) => [id, []]));
  for (const { id, needs } of tasks) for (const need of needs) dependents.get(need)?.push(id);
  return {
    first: tasks.filter(({ needs }) => needs.length === 0).map(({ id }) => id),
    /** One mission's run: call `finished` once per task. */
    mission() {
      const open = new Map(tasks.map(({ id, needs }) => [id, needs.length]));
      let left = tasks.length;
      return {
        /** @param {string} id @returns {{ released: string[], over: boolean }} */
        finished(id) {
          left -= 1;
          const released = [];
          for (const dependent of dependents.get(id) ?? []) {
            const missing = (open.get(dependent) ?? 0) - 1;
            open.set(dependent, missing);
            if (missing === 0) released.push(dependent);
          }
          return { released, over: left === 0 };
        },
      };
    },
  };
}

/**
 * Runs a workload on a queue: `add(missionNumber, ids)` sends tasks, and whoever handles one calls the returned function.
 *
 * @param {(missionNumber: number, ids: string[]) => Promise<void>} add
 */
export function onQueue(add) {
  /** @type {Map<number, { mission: ReturnType<ReturnType<typeof inMemoryPlan>['mission']>, over: () => void }>} */
  const missions = new Map();
  let serial = 0;
  return {
    /** @param {Workload} workload */
    async run(workload) {
      const plan = inMemoryPlan(workload);
      for (let group = 0; group < workload.groups; group += 1) {
        await Promise.all(
          Array.from({ length: workload.together }, async () => {
            serial += 1;
            const number = serial;
            const over = new Promise((resolve) => missions.set(number, { mission: plan.mission(), over: () => resolve(undefined) }));
            await add(number, plan.first);
            await over;
            missions.delete(number);
          }),
        );
      }
    },
    /** A task was handled: sends what it releases. @param {{ mission: number, id: string }} task */
    async handled({ mission, id }) {
      const entry = missions.get(mission);
      if (entry === undefined) throw new Error(`task ${id} of unknown mission ${mission}`);
      const { released, over } = entry.mission.finished(id);
      if (released.length > 0) await add(mission, released);
      if (over) entry.over();
    },
  };
}
