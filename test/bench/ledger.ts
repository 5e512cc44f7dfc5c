import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chainEntry, genesisHash, ledgerLine, verifyChain } from '../../src/core/ledger/chain.ts';
import { keyRingText } from '../../src/core/ledger/key-ring.ts';
import { signHead } from '../../src/core/ledger/signed-head.ts';
import type { SignedHead } from '../../src/core/ledger/signed-head.ts';
import type { Signer } from '../../src/core/ledger/signing.ts';
import type { MissionEvent } from '../../src/core/mission/event.ts';
import { LedgerReading } from '../../src/engine/ledger-heads.ts';
import { sealAfter } from '../../src/engine/seal.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { PureWorld, missionId as pureMission } from '../support/pure-world.ts';
import { newSigner } from '../support/signers.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { peakMegabytes } from './memory.ts';
import { median, number, withRange } from './results.ts';
import type { Results } from './results.ts';

const measure = 'Ledger';

/** Appending to the ledger in PostgreSQL, one entry or many per commit, on one or many missions; and verifying an export. */
export async function ledger(servers: Servers, options: { readonly rounds: number; readonly scale: number }, results: Results): Promise<void> {
  await append(servers, options, results);
  const entries = Math.round(200_000 * options.scale);
  const lines = exported(entries);
  const rates: number[] = [];
  for (let round = 0; round <= options.rounds; round += 1) {
    const started = performance.now();
    const report = verifyChain(lines);
    if (report.fault !== null || report.entries !== entries) throw new Error('the ledger of the bench does not verify');
    if (round > 0) rates.push(entries / ((performance.now() - started) / 1000));
  }
  results.rows.push({ measure, what: `verifying ${number(entries)} exported entries (parse, canonical form, SHA-256, links)`, measured: `${withRange(rates)} entries/s` });
  results.details.ledgerVerify = rates;
  results.bars.push({ name: 'ledger: verified entries a second', value: median(rates), limit: 100_000, kind: 'at least' });
  await whole(options, results);
}

/** The same as people do it: `missiongate verify` of a file with seals, against the public key and the signed head. */
async function whole({ rounds, scale }: { readonly rounds: number; readonly scale: number }, results: Results): Promise<void> {
  const signer = newSigner();
  const entries = Math.round(1_000_000 * scale);
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-bench-'));
  const file = (name: string) => join(folder, name);
  try {
    const head = writeSealed(file('ledger.jsonl'), entries, signer);
    writeFileSync(file('head.json'), JSON.stringify(head));
    writeFileSync(file('keys.json'), keyRingText([{ ...signer.publicKey, state: 'active' }]));
    const runs: { readonly seconds: number; readonly megabytes: number }[] = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1) runs.push(await verified(['verify', file('ledger.jsonl'), '--key', file('keys.json'), '--anchor', file('head.json')]));
    const seconds = median(runs.map((run) => run.seconds));
    const megabytes = Math.max(...runs.map((run) => run.megabytes));
    results.rows.push({ measure, what: `\`missiongate verify\` of ${number(entries)} entries with ${number(entries / 100)} seals, Merkle root and signed head, process start included`, measured: `${number(seconds)} s, ${number(entries / seconds)} entries/s, ${number(megabytes)} MB resident at most` });
    results.bars.push({ name: `ledger: seconds to verify ${number(entries)} entries`, value: seconds, limit: 15 * scale, kind: 'at most' });
    results.bars.push({ name: `ledger: resident while verifying ${number(entries)} entries, MB`, value: megabytes, limit: 300, kind: 'at most' });
    results.details.ledgerVerifySigned = runs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One run of the command line as it ships; what its memory was at most is read as long as it lives. */
async function verified(words: readonly string[]): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js'), ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  let megabytes = 0;
  const look = setInterval(() => { megabytes = Math.max(megabytes, peakMegabytes(child.pid ?? 0) || 0); }, 50);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (code !== 0) throw new Error(`the sealed ledger of the bench does not verify: missiongate verify ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, megabytes };
}

/** A ledger whose every hundredth entry is a seal, in a file; its signed head. */
function writeSealed(path: string, entries: number, signer: Signer): SignedHead {
  const reading = new LedgerReading();
  const file = openSync(path, 'w');
  let batch: string[] = [];
  let prev = genesisHash;
  const put = (event: MissionEvent) => {
    const { hash } = chainEntry(event, prev);
    batch.push(`${reading.take({ ...event, prevHash: prev, hash })}\n`);
    prev = hash;
  };
  for (let seq = 1; seq <= entries; seq += 1) {
    const event = note(pureMission, seq);
    const seal = sealAfter(signer, prev, [event], event.at);
    put(event);
    if (seal !== null && seq < entries) {
      seq += 1;
      put(seal);
    }
    if (batch.length < 10_000) continue;
    writeSync(file, batch.join(''));
    batch = [];
  }
  writeSync(file, batch.join(''));
  closeSync(file);
  return signHead(reading.head(pureMission), signer);
}

async function append(servers: Servers, { rounds, scale }: { readonly rounds: number; readonly scale: number }, results: Results): Promise<void> {
  const shapes = [
    { what: 'one entry per commit, one mission', missions: 1, perCommit: 1, commits: Math.round(500 * scale) },
    { what: 'one entry per commit, 20 missions at once', missions: 20, perCommit: 1, commits: Math.round(100 * scale) },
    { what: '100 entries per commit, one mission', missions: 1, perCommit: 100, commits: Math.round(50 * scale) },
  ];
  await onFreshServers(servers, async ({ databaseUrl }) => {
    const database = openPostgresDatabase({ url: databaseUrl, applicationName: 'bench' });
    await migrate(database, migrations);
    const store = createStore(database, systemClock);
    for (const { what, missions, perCommit, commits } of shapes) {
      const rates: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const started = performance.now();
        await Promise.all(Array.from({ length: missions }, (_, index) => writer(store, `r1-i${round}${what.length}${index}`, perCommit, commits)));
        if (round > 0) rates.push((missions * perCommit * commits) / ((performance.now() - started) / 1000));
      }
      results.rows.push({ measure, what: `durable append, ${what}`, measured: `${withRange(rates)} entries/s` });
      if (perCommit > 1) results.bars.push({ name: 'ledger: entries appended a second, batched', value: median(rates), limit: 10_000, kind: 'at least' });
    }
    await store.close();
  });
}

/** Appends to one mission through the store's own hold and commit: state read, chain continued, projections written. */
async function writer(store: ReturnType<typeof createStore>, missionId: string, perCommit: number, commits: number): Promise<void> {
  const world = new PureWorld(definition([phase('p', [task('a')])])).start();
  const first = world.events.map((event) => ({ ...event, missionId }));
  const empty = { settled: [], deferred: [], jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false } as const;
  let state = { ...world.state, missionId } as NonNullable<typeof world.state>;
  await store.hold(missionId, (held) => held.commit({ ...empty, events: first, state, now: systemClock.now() }));
  for (let commit = 0; commit < commits; commit += 1) {
    const from = state.seq;
    const events = Array.from({ length: perCommit }, (_, index) => note(missionId, from + index + 1));
    state = { ...state, seq: from + perCommit };
    const next = state;
    await store.hold(missionId, (held) => held.commit({ ...empty, events, state: next, now: systemClock.now() }));
  }
}

/** An event of usual size that changes no task: a label that was read. */
function note(missionId: string, seq: number): MissionEvent {
  return { missionId, seq, at: 1_700_000_000_000 + seq, body: { type: 'label.consumed', label: 'mission:queue', key: `label:${seq}:the-id-of-a-delivery-0123456789` } };
}

function exported(entries: number): readonly string[] {
  const lines: string[] = [];
  let head = genesisHash;
  for (let seq = 1; seq <= entries; seq += 1) {
    const entry = chainEntry(note(pureMission, seq), head);
    head = entry.hash;
    lines.push(ledgerLine(entry));
  }
  return lines;
}
