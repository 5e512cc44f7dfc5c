// `npm run demo`: sets a fresh clone up and runs the demo. Arguments after `--` go to `missiongate demo`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ensureReady } from './ensure-ready.mjs';

const root = ensureReady();
const child = spawn(process.execPath, [join(root, 'dist', 'main', 'cli.js'), 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// The demo gets the terminal's signals itself and cleans up; this process only waits and passes the exit code on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
