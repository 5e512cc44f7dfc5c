import { chainEntry, genesisHash, ledgerLine, verifyChain } from '../../src/core/ledger/chain.ts';
import type { MissionEvent } from '../../src/core/mission/event.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { PureWorld, missionId as pureMission } from '../support/pure-world.ts';
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
