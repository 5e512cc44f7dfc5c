// `npm run bench`: what the documentation says about speed, measured in one run on one machine; what counts are ratios
// within that run. Exits with 1 and the names of the bars that were missed.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { ensureServers, startServers, stopServers } from '../../scripts/test-servers.mjs';
import { gates } from './guards.ts';
import { ingress } from './ingress.ts';
import { language } from './language.ts';
import { ledger } from './ledger.ts';
import { readOptions, usage } from './options.ts';
import { installPeers } from './peers.ts';
import { planning } from './planning.ts';
import { barText, betweenMarkers, emptyResults, markdown, missedBars } from './results.ts';
import type { Results } from './results.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';
import { throughput } from './throughput.ts';
import { workers } from './workers.ts';

const options = readOptions(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exit(2);
}
const about = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, PostgreSQL and Redis on the same machine, ${new Date().toISOString().slice(0, 10)}; ${options.rounds} round(s)${options.scale < 1 ? ', shortened (--quick)' : ''}.`;
console.log(`${about}\n`);
const wants = (measure: string): boolean => options.soakMinutes === 0 && (options.measures.length === 0 || options.measures.includes(measure));

await ensureServers();
if (options.withPeers && wants('throughput')) installPeers();
else if (wants('throughput')) console.log('WITHOUT DBOS, graphile-worker and pg-boss (--no-peers): the bars that need them are not checked.\n');
const servers = await startServers();
const measured: { readonly name: string; readonly results: Results }[] = [];
const run = async (name: string, measure: (results: Results) => Promise<void> | void): Promise<void> => {
  const results = emptyResults();
  await measure(results);
  measured.push({ name, results });
};
try {
  if (options.soakMinutes > 0) await run('soak', (results) => soak(servers, options.soakMinutes, results));
  if (wants('planning')) await run('planning', (results) => planning(options, results));
  if (wants('language')) await run('language', (results) => language(options, results));
  if (wants('gates')) await run('gates', (results) => gates(options, results));
  if (wants('throughput')) await run('throughput', (results) => throughput(servers, options, results));
  if (wants('ingress')) await run('ingress', (results) => ingress(servers, options, results));
  if (wants('ledger')) await run('ledger', (results) => ledger(servers, options, results));
  if (wants('workers')) await run('workers', (results) => workers(servers, options, results));
  if (wants('start')) await run('start', (results) => start(options, results));
} finally {
  await stopServers(servers);
}

for (const { results } of measured) console.log(`\n${markdown(results, about)}`);
if (options.jsonPath !== null) writeFileSync(options.jsonPath, `${JSON.stringify({ about, measures: Object.fromEntries(measured.map(({ name, results }) => [name, results])) }, null, 2)}\n`);
if (options.writeDocs) {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'benchmarks.md');
  writeFileSync(path, measured.filter(({ name }) => name !== 'soak').reduce((document, { name, results }) => betweenMarkers(document, name, markdown(results, about)), readFileSync(path, 'utf8')));
}
const bars = measured.flatMap(({ results }) => results.bars);
console.log();
for (const bar of bars) console.log(barText(bar));
const missed = missedBars(bars);
if (missed.length > 0) console.error(`\nMissed: ${missed.map(({ name }) => name).join('; ')}`);
process.exit(missed.length > 0 ? 1 : 0);
