import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sha256 } from '../../src/kit/hash.ts';

const folder = join(import.meta.dirname, 'peers');

/**
 * Installs DBOS, graphile-worker and pg-boss into `peers/` where the locked versions are not there yet. They belong to the
 * bench alone: `npm ci` of the product never fetches them. Throws with the way out when they cannot be had.
 */
export function installPeers(): void {
  const mark = join(folder, 'node_modules', '.installed');
  const wanted = sha256(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.log('Installing what Missiongate is compared with (DBOS, graphile-worker, pg-boss) into test/bench/peers …');
  try {
    execFileSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel', 'error'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    throw new Error('DBOS, graphile-worker and pg-boss could not be installed into test/bench/peers (see above). Without them nothing is compared with them: `npm run bench -- --no-peers` measures the rest and says so.', { cause: error });
  }
  writeFileSync(mark, wanted);
}
