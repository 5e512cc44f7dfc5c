// `npm run crash-matrix`: kills the product at every place where it makes something durable, and counts what is lost or doubled.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureServers, startServers, stopServers } from '../../scripts/test-servers.mjs';
import { DATABASE_VARIABLE, REDIS_VARIABLE, serversAvailable } from '../support/servers.ts';
import { crashMatrix, nameOf } from './crash-matrix-batch.ts';
import type { KillResult } from './crash-matrix-batch.ts';
import { backends } from './crash-matrix-run.ts';
import type { Backend } from './crash-matrix-run.ts';
import { KillRecord } from './crash-matrix-record.ts';
import { isFlawless, tableOf, withMeasured } from './crash-matrix-table.ts';

const { values } = parseArgs({
  options: { backend: { type: 'string' }, only: { type: 'string' }, deaths: { type: 'string', default: '4' }, parallel: { type: 'string', default: '2' }, record: { type: 'string' }, 'write-docs': { type: 'boolean', default: false } },
});
const chosen = backends.filter((backend) => values.backend === undefined || values.backend === backend);
const deathsPerRun = Number(values.deaths);
const parallel = Number(values.parallel);
if (chosen.length === 0 || !(deathsPerRun >= 1 && deathsPerRun <= 4) || !(parallel >= 1)) {
  console.error('Usage: npm run crash-matrix [-- --backend embedded|servers] [--only <parts of places, with commas>] [--deaths 1…4 in one run] [--parallel <runs at a time>] [--record <file to go on from>] [--write-docs]');
  process.exit(2);
}

const started = Date.now();
const minutes = () => `${((Date.now() - started) / 60_000).toFixed(1)} min`;
const record = new KillRecord(values.record ?? null);
const measured = new Map<Backend, readonly KillResult[]>();
let isGood = true;
for (const backend of chosen) isGood = (await withServers(backend, () => matrixOf(backend))) && isGood;
if (values['write-docs']) writeDocs();
console.log(`${isGood ? 'Nothing lost, nothing doubled' : 'FAILED'} after ${minutes()}.`);
process.exit(isGood ? 0 : 1);

function isWanted(place: string): boolean {
  return values.only === undefined || values.only.split(',').some((part) => place.includes(part));
}

async function matrixOf(backend: Backend): Promise<boolean> {
  const results: KillResult[] = [...record.of(backend)];
  const unreached = await crashMatrix({
    backend,
    deathsPerRun,
    parallel,
    wanted: (kill) => isWanted(kill.place) && !record.has(backend, kill),
    tell: (line) => console.log(line),
    onResult(result) {
      results.push(result);
      record.add(backend, result);
      const { kill, happened, verdict, failure } = result;
      const found = [...(happened ? [] : ['the place was not reached']), ...(failure === null ? [] : [failure.slice(0, 2000)]), ...verdict.lost.map((line) => `lost: ${line}`), ...verdict.doubled.map((line) => `doubled: ${line}`)];
      console.log(`  ${found.length === 0 ? '✔' : '✖'} ${String(results.length).padStart(3)} ${minutes()}  ${nameOf(kill)}${found.map((line) => `\n      ${line}`).join('')}`);
    },
  });
  const gaps = values.only === undefined ? unreached : [];
  measured.set(backend, results);
  console.log(tableOf(backend, results, gaps));
  return isFlawless(results) && gaps.length === 0;
}

async function withServers<T>(backend: Backend, work: () => Promise<T>): Promise<T> {
  if (backend === 'embedded' || serversAvailable()) return work();
  await ensureServers();
  const { redisUrl, databaseUrl, folder } = await startServers();
  process.env[REDIS_VARIABLE] = redisUrl;
  process.env[DATABASE_VARIABLE] = databaseUrl;
  try {
    return await work();
  } finally {
    await stopServers({ folder });
  }
}

/** Puts what was measured into the page about it; a part of the kills is no measurement. */
function writeDocs(): void {
  if (values.only !== undefined || measured.size < backends.length) throw new Error('--write-docs wants every place and both backends');
  const page = join(import.meta.dirname, '../../docs/reference/crash-matrix.md');
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), measured));
}
