// `npm test`: sets a fresh clone up, then runs every suite. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { ensureReady } from './ensure-ready.mjs';

const root = ensureReady();
const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
