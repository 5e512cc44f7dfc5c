import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildTemplate } from './pglite-template.ts';

// Run by the build (`node dist/main/pglite-template-build.js`): puts the template archive beside the built program.
const path = await buildTemplate(dirname(fileURLToPath(import.meta.url)));
process.stdout.write(`${path}\n`);
