import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runPostgres } from '../../../scripts/test-servers.mjs';
import { SmallDisk, unableToMount } from '../chaos-disk.ts';
import { progressOf } from '../chaos-record.ts';
import { pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const databaseMegabytes = 100;
const workerMegabytes = 16;

/** The disk of the database is full, then those of the workers; somebody makes room, and that is all that is done by hand. */
export const fullDisk: Scenario = {
  name: 'full-disk',
  breaks: 'the disk of PostgreSQL, then those of the workers, are full for 15 s',
  unable: async () => unableToMount(),
  async run({ seconds, ...terms }) {
    const parent = mkdtempSync(join(tmpdir(), 'missiongate-disk-'));
    // PostgreSQL runs as a user of its own.
    chmodSync(parent, 0o755);
    const databaseDisk = new SmallDisk(join(parent, 'database'), databaseMegabytes);
    const workerDisks: SmallDisk[] = [];
    const fullMs = (seconds ?? 15) * 1000;
    try {
      const world = await ChaosWorld.open({ ...terms, postgresData: join(databaseDisk.folder, 'data') });
      try {
        for (const name of ['worker-1', 'worker-2']) workerDisks.push(new SmallDisk(join(world.product.folder, name), workerMegabytes));
        await world.start(2);
        await world.plant({ missions: 4, tasksEach: 250, parallel: 25 });
        await world.untilShare(0.1);
        databaseDisk.fill();
        terms.report('the disk of the database is full');
        await pause(fullMs);
        databaseDisk.empty();
        // A database that found no room for its log has ended itself; its service manager starts it again.
        if ((await progressOf(world.servers.databaseUrl)) === null) await runPostgres(world.servers.folder);
        terms.report('there is room again');
        for (const disk of workerDisks) disk.fill();
        terms.report('the disks of the workers are full');
        await world.openIssues(1, 3);
        await pause(fullMs);
        for (const disk of workerDisks) disk.empty();
        await world.untilOver();
        return { ...(await world.verdict()), injected: { 'full disks': 3 }, late: null };
      } finally {
        for (const disk of workerDisks) disk.close();
        await world.close();
      }
    } finally {
      databaseDisk.close();
      rmSync(parent, { recursive: true, force: true });
    }
  },
};
