import { describe, expect, it } from 'vitest';

import { chainEntry, genesisHash } from '../../src/core/ledger/chain.ts';
import { isSealSignedBy } from '../../src/core/ledger/signed-head.ts';
import type { EventBody, MissionEvent } from '../../src/core/mission/event.ts';
import { entriesPerSeal, sealAfter } from '../../src/engine/seal.ts';
import { ledgerHeads } from '../../src/engine/ledger-heads.ts';
import type { StoredEvent } from '../../src/engine/ports/store.ts';
import { linesOf, headOf, sealed, toldByMission } from '../support/sealed-ledger.ts';
import { newSigner } from '../support/signers.ts';

const signer = newSigner();
const missionId = 'r10-i7';
const note = (seq: number): MissionEvent => ({ missionId, seq, at: seq, body: { type: 'label.consumed', label: 'mission', key: `${seq}` } });
const by = { kind: 'person', login: 'reviewer' } as const;
const decision = (body: EventBody): readonly MissionEvent[] => [{ missionId, seq: 7, at: 7, body }];

describe('a seal', () => {
  it.each([
    { type: 'gate.rejected', phase: 'p', round: 1, by, via: 'comment', reason: 'no' },
    { type: 'gate.opened', phase: 'p', round: 1, head: 'c' },
    { type: 'approval.given', task: 't', attempt: 1, by, role: 'write', via: 'comment' },
    { type: 'mission.cancelled', by, reason: '' },
    { type: 'mission.completed' },
  ] as const)('stands behind $type in the same commit', (body) => {
    const seal = sealAfter(signer, genesisHash, decision(body), 9);
    expect(seal).toMatchObject({ seq: 8, at: 9, body: { type: 'ledger.sealed', size: 7, head: chainEntry({ missionId, seq: 7, at: 7, body }, genesisHash).hash } });
    if (seal?.body.type === 'ledger.sealed') expect(isSealSignedBy(missionId, seal.body, signer.publicKey)).toBe(true);
  });

  it('stands behind nothing else but every hundredth entry, and never behind itself', () => {
    let sealedAfter = 0;
    for (let seq = 1; seq <= 1000; seq += 1) if (sealAfter(signer, genesisHash, [note(seq)], 0) !== null) sealedAfter += 1;
    expect(sealedAfter).toBe(1000 / entriesPerSeal);
    const seal = sealAfter(signer, genesisHash, decision({ type: 'mission.completed' }), 9);
    expect(seal && sealAfter(signer, genesisHash, [seal], 9)).toBeNull();
  });

  it('is not made without a key, nor for a commit without entries', () => {
    expect(sealAfter(null, genesisHash, decision({ type: 'mission.completed' }), 9)).toBeNull();
    expect(sealAfter(signer, genesisHash, [], 9)).toBeNull();
  });

  it('is the same however often the commit is tried', () => {
    const events = decision({ type: 'mission.completed' });
    expect(sealAfter(signer, genesisHash, events, 9)).toEqual(sealAfter(signer, genesisHash, events, 9));
  });
});

describe('signed heads', () => {
  const events = sealed(toldByMission(), signer);
  let prev = genesisHash;
  const stored: readonly StoredEvent[] = events.map((event) => {
    const { hash } = chainEntry(event, prev);
    const one = { ...event, prevHash: prev, hash };
    prev = hash;
    return one;
  });
  let read = 0;
  const store = {
    events: (_mission: string, after: number, limit: number) => {
      const page = stored.slice(after, after + limit);
      read += page.length;
      return Promise.resolve(page);
    },
  };

  it('are those of the ledger at any size, and read each entry once while the ledger grows', async () => {
    const heads = ledgerHeads(store, signer);
    read = 0;
    for (let size = 1; size <= stored.length; size += 1) {
      expect(await heads.signed(missionId, size)).toMatchObject(headOf(linesOf(events).slice(0, size)));
    }
    expect(read).toBe(stored.length);
  });

  it('are the same whoever signs them and when, also for an earlier size', async () => {
    const heads = ledgerHeads(store, signer);
    const whole = await heads.signed(missionId, stored.length);
    expect(await heads.signed(missionId, 5)).toEqual(await ledgerHeads(store, signer).signed(missionId, 5));
    expect(await heads.signed(missionId, stored.length)).toEqual(whole);
    const both = await Promise.all([heads.signed(missionId, stored.length), heads.signed(missionId, stored.length)]);
    expect(both).toEqual([whole, whole]);
  });

  it('do not exist for entries that are not there, nor without a key', async () => {
    expect(await ledgerHeads(store, signer).signed(missionId, stored.length + 1)).toBeNull();
    expect(await ledgerHeads(store, null).signed(missionId, 1)).toBeNull();
  });
});
