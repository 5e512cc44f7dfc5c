// The peers' packages live in a folder of their own (../peers), so that installing Missiongate never installs them.
import { createRequire } from 'node:module';

const load = createRequire(new URL('../peers/package.json', import.meta.url));
const only = process.argv[1] ?? '';

export const { DBOS } = only.includes('dbos') ? load('@dbos-inc/dbos-sdk') : {};
export const { Logger, makeWorkerUtils, run } = only.includes('graphile') ? load('graphile-worker') : {};
export const PgBoss = only.includes('pg-boss') ? load('pg-boss') : undefined;
