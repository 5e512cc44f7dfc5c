import { readFileSync } from 'node:fs';

import { runAction } from './action/run-action.ts';

// Beside the bundle, the only form in which this runs (`scripts/build-action.mjs`).
const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

process.exitCode = await runAction(process.env, version);
