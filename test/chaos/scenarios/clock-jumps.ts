import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { WaitingPlace, waitingFiles } from '../chaos-load.ts';
import { monkey, pause } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'));
const offsets = ['+10d', '-1h', '+90s', '-20s', '+0'] as const;
/** Tasks that run through all the jumps. */
const longTasks = 6;

/** Processes whose clocks are set, forth and back, each for itself, while all work on the same missions. */
export const clockJumps: Scenario = {
  name: 'clock-jumps',
  breaks: 'the clocks of the app and of a worker jump by days, hours and seconds, forth and back, every 2–4 s',
  async unable() {
    if (found() === undefined && process.getuid?.() === 0) await promisify(execFile)('apt-get', ['install', '-y', '--no-install-recommends', 'libfaketime']).catch(() => undefined);
    return found() === undefined ? 'libfaketime is missing: "apt-get install libfaketime" (Debian, Ubuntu) as root' : null;
  },
  async run({ random, seconds, ...terms }) {
    const world = await ChaosWorld.open({ ...terms, files: waitingFiles });
    const place = new WaitingPlace(world.product.folder);
    try {
      const clocks = ['app', 'worker-1'].map((name) => join(world.product.folder, `clock-of-${name}`));
      for (const clock of clocks) await writeFile(clock, '+0\n');
      const faked = (clock: string | undefined) => ({ LD_PRELOAD: found() ?? '', FAKETIME_TIMESTAMP_FILE: clock ?? '', FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' });
      await world.fleet.add('app', ['start', '--no-worker'], faked(clocks[0]));
      await world.fleet.add('worker-1', ['worker'], faked(clocks[1]));
      await world.fleet.add('worker-2', ['worker']);
      await world.openIssue(place.issue(longTasks), longTasks);
      await world.until('the long tasks run', async () => (await world.held()) === longTasks);
      const jumps = monkey(2_000, 4_000, random, async () => {
        await writeFile(clocks[Math.floor(random() * clocks.length)] ?? '', `${offsets[Math.floor(random() * offsets.length)]}\n`);
      });
      await world.openIssues(1, 4);
      await world.plant({ missions: 4, tasksEach: 250, parallel: 25 });
      await pause((seconds ?? 30) * 1000);
      place.release();
      await world.untilOver();
      await jumps.stop();
      const verdict = await world.verdict();
      const lost = (await world.leases()).filter(({ status }) => status === 'lost').map(({ subject, attempt }) => `a clock took attempt ${attempt} of ${subject} from its holder`);
      return { ...verdict, faults: [...verdict.faults, ...lost], injected: { 'clock jumps': jumps.times }, late: null };
    } finally {
      place.release();
      await world.close();
    }
  },
};

function found(): string | undefined {
  return library.find((path) => existsSync(path));
}
