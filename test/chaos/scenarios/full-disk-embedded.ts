import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ProductWorld } from '../../support/product-world.ts';
import { SmallDisk, unableToMount } from '../chaos-disk.ts';
import { Fleet } from '../chaos-fleet.ts';
import { issueText } from '../chaos-load.ts';
import { pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';

const megabytes = 200;
const tasks = 12;
const patienceMs = 180_000;
const cli = join(import.meta.dirname, '..', '..', '..', 'dist', 'main', 'cli.js');

/** One process with everything in one folder, whose disk is full in the middle of a mission. */
export const fullDiskEmbedded: Scenario = {
  name: 'full-disk-embedded',
  breaks: 'the disk of the data folder is full for 15 s, embedded database and worktrees included',
  unable: async () => unableToMount(),
  async run({ seconds, report }) {
    const parent = mkdtempSync(join(tmpdir(), 'missiongate-disk-'));
    const disk = new SmallDisk(join(parent, 'data'), megabytes);
    const world = await ProductWorld.open();
    const fleet = new Fleet(world);
    try {
      // Started again when it ends, as a service manager would: an embedded database that failed ends its process.
      const app = await fleet.add('app', ['start'], { MISSIONGATE_DATA_DIR: disk.folder });
      const issue = await world.mission('Files', issueText(tasks));
      await world.until('some tasks are done', () => (world.repository.issue(issue).body?.match(/- \[x\]/g)?.length ?? 0) >= 2);
      disk.fill();
      report('the disk is full');
      await pause((seconds ?? 15) * 1000);
      disk.empty();
      report('there is room again');
      const deadline = Date.now() + patienceMs;
      while (world.repository.issue(issue).state !== 'closed' && Date.now() < deadline) await pause(250);
      await fleet.close();
      const body = world.repository.issue(issue).body ?? '';
      const finished = body.match(/- \[x\]/g)?.length ?? 0;
      const faults = app.problems.filter((problem) => !problem.includes('the embedded database stopped'));
      const mission = /<!-- mg:[^>]*?(r\d+-i\d+)/.exec(world.comments(issue).join('\n') + body)?.[1] ?? `r${world.repository.id}-i${issue}`;
      const env = { PATH: process.env.PATH, HOME: parent, MISSIONGATE_DATA_DIR: disk.folder };
      const exported = spawnSync(process.execPath, [cli, 'export', mission, join(parent, 'out')], { encoding: 'utf8', env });
      const verified = spawnSync(process.execPath, [cli, 'verify', join(parent, 'out')], { encoding: 'utf8', env });
      if (verified.status !== 0) faults.push(`the ledger does not verify: ${exported.stderr}${verified.stdout}${verified.stderr}`);
      const lost = world.repository.issue(issue).state === 'closed' ? [] : [`the mission did not end within ${patienceMs / 1000} s:\n${app.process.output().slice(-2000)}`];
      return { tasks, finished, lost, doubled: world.doubles(), faults, injected: { 'full disk': 1 }, late: null };
    } finally {
      for (const member of fleet.members) member.retire();
      await world.close();
      disk.close();
      rmSync(parent, { recursive: true, force: true });
    }
  },
};
