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
import { soak } from './soak.ts';
import { start } from './start.ts';
import { throughput } from './throughput.ts';
import { workers } from './workers.ts';

const options = readOptions(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exit(2);
}
const results = emptyResults();
const about = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, PostgreSQL and Redis on the same machine, ${new Date().toISOString().slice(0, 10)}; ${options.rounds} round(s)${options.scale < 1 ? ', shortened (--quick)' : ''}.`;
console.log(`${about}\n`);
const wants = (measure: string): boolean => options.soakMinutes === 0 && (options.measures.length === 0 || options.measures.includes(measure));

await ensureServers();
if (options.withPeers && wants('throughput')) installPeers();
else if (wants('throughput')) console.log('WITHOUT DBOS, graphile-worker and pg-boss (--no-peers): the bars that need them are not checked.\n');
const servers = await startServers();
try {
  if (options.soakMinutes > 0) await soak(servers, options.soakMinutes, results);
  if (wants('planning')) planning(options, results);
  if (wants('language')) await language(options, results);
  if (wants('gates')) await gates(options, results);
  if (wants('throughput')) await throughput(servers, options, results);
  if (wants('ingress')) await ingress(servers, options, results);
  if (wants('ledger')) await ledger(servers, options, results);
  if (wants('workers')) await workers(servers, options, results);
  if (wants('start')) await start(options, results);
} finally {
  await stopServers(servers);
}

const text = markdown(results, about);
console.log(`\n${text}\n`);
if (options.jsonPath !== null) writeFileSync(options.jsonPath, `${JSON.stringify({ about, ...results }, null, 2)}\n`);
if (options.writeDocs) {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'benchmarks.md');
  writeFileSync(path, betweenMarkers(readFileSync(path, 'utf8'), text));
}
for (const bar of results.bars) console.log(barText(bar));
const missed = missedBars(results);
if (missed.length > 0) console.error(`\nMissed: ${missed.map(({ name }) => name).join('; ')}`);
process.exit(missed.length > 0 ? 1 : 0);
