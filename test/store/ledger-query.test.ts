import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isWanted } from '../../src/core/ledger/audit.ts';
import type { AuditFilter } from '../../src/core/ledger/audit.ts';
import type { LedgerEntry } from '../../src/core/ledger/chain.ts';
import { ledgerLine } from '../../src/core/ledger/chain.ts';
import { ledgerKinds } from '../../src/core/ledger/kinds.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { evolve } from '../../src/core/mission/evolve.ts';
import type { MissionState } from '../../src/core/mission/state.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import type { Database } from '../../src/store/database.ts';
import { queryLedger } from '../../src/store/ledger-query.ts';
import { createStore } from '../../src/store/store.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { linesOf, sealed, toldByMission } from '../support/sealed-ledger.ts';
import { newSigner } from '../support/signers.ts';

const signer = newSigner();
const told = toldByMission();
const missions = ['r10-i7', 'r10-i8'];

describe('the ledgers in a database', () => {
  let database: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    database = await emptyDatabase();
    const store = createStore(database, systemClock);
    close = () => store.close();
    for (const missionId of missions) {
      const events = sealed(told, signer, missionId);
      const state = { ...events.reduce<MissionState | null>(evolve, null), missionId } as Mission;
      await store.hold(missionId, (held) => held.commit({ events, state, settled: [], deferred: [], jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false, now: 0 }));
    }
  });
  afterAll(() => close());

  async function found(missionId: string | null, filter: AuditFilter): Promise<readonly LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for await (const entry of queryLedger(database, missionId, filter)) entries.push(entry);
    return entries;
  }

  it('are found by kind and time as a filter over their files finds them', async () => {
    const written = missions.flatMap((missionId) => linesOf(sealed(told, signer, missionId)).map((line) => JSON.parse(line) as LedgerEntry));
    const middle = Date.parse(written[Math.floor(written.length / 4)]?.at ?? '');
    const filters: readonly AuditFilter[] = [{}, ...ledgerKinds.map((kind) => ({ kinds: [kind] })), { kinds: ['decision', 'signature'], since: middle }, { until: middle }, { since: middle, until: middle + 1 }];
    for (const filter of filters) {
      const expected = written.filter((entry) => isWanted(filter, entry));
      expect((await found(null, filter)).map(ledgerLine)).toEqual(expected.map(ledgerLine));
      expect((await found('r10-i8', filter)).map(ledgerLine)).toEqual(expected.filter(({ mission }) => mission === 'r10-i8').map(ledgerLine));
    }
    expect(await found('r10-i9', {})).toEqual([]);
  });
});
