import { chainEntry, genesisHash, ledgerLine, verifyChain } from '../../src/core/ledger/chain.ts';
import { signHead } from '../../src/core/ledger/signed-head.ts';
import type { SignedHead } from '../../src/core/ledger/signed-head.ts';
import type { Signer } from '../../src/core/ledger/signing.ts';
import { verifyMission } from '../../src/core/ledger/verify.ts';
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
import { number, withRange } from './results.ts';
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
  whole(options, results);
}

/** The same with everything that a signed export holds: seals, the root over all entries, the signed head; read from a generator, as from a file. */
function whole({ rounds, scale }: { readonly rounds: number; readonly scale: number }, results: Results): void {
  const signer = newSigner();
  const entries = Math.round(1_000_000 * scale);
  const { lines, head } = sealedLines(entries, signer);
  const rates: number[] = [];
  for (let round = 0; round <= Math.min(rounds, 2); round += 1) {
    const started = performance.now();
    const report = verifyMission({ ledger: lines.values(), packs: [], artifacts: [], expectedHead: null, heads: JSON.stringify(head), keys: [{ ...signer.publicKey, state: 'active' }], keysAreGiven: true });
    if (!report.valid || report.entries !== entries) throw new Error(`the sealed ledger of the bench does not verify: ${report.faults.join('; ')}`);
    if (round > 0) rates.push(entries / ((performance.now() - started) / 1000));
  }
  results.rows.push({ measure, what: `verifying ${number(entries)} exported entries with ${number(entries / 100)} seals, Merkle root and signed head`, measured: `${withRange(rates)} entries/s` });
  results.details.ledgerVerifySigned = rates;
}

function sealedLines(entries: number, signer: Signer): { readonly lines: readonly string[]; readonly head: SignedHead } {
  const reading = new LedgerReading();
  const lines: string[] = [];
  let prev = genesisHash;
  const put = (event: MissionEvent) => {
    const { hash } = chainEntry(event, prev);
    lines.push(reading.take({ ...event, prevHash: prev, hash }));
    prev = hash;
  };
  while (lines.length < entries) {
    const event = note(pureMission, lines.length + 1);
    const seal = sealAfter(signer, prev, [event], event.at);
    put(event);
    if (seal !== null && lines.length < entries) put(seal);
  }
  return { lines, head: signHead(reading.head(pureMission), signer) };
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
