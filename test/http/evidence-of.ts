import { chainEntry, genesisHash } from '../../src/core/ledger/chain.ts';
import type { StoredEvent } from '../../src/engine/ports/store.ts';
import type { EvidenceStore } from '../../src/http/evidence/read-gate.ts';
import { missionId } from '../support/pure-world.ts';
import type { PureWorld } from '../support/pure-world.ts';

/** What a store would know of a mission that was played without one. */
export function evidenceOf(world: PureWorld, artifacts: ReadonlyMap<string, { readonly name: string; readonly mediaType: string; readonly text: string }> = new Map()): EvidenceStore {
  let head: string = genesisHash;
  const events = world.events.map(({ seq, at, body }): StoredEvent => {
    const { prev, hash } = chainEntry({ missionId, seq, at, body }, head);
    const stored = { missionId, seq, at, body, prevHash: prev, hash };
    head = hash;
    return stored;
  });
  return {
    read: async (id) => (id === missionId && world.state !== null ? { state: world.state, headHash: head } : null),
    events: async (id, after, limit) => (id === missionId ? events.filter(({ seq }) => seq > after).slice(0, limit) : []),
    evidencePack: async (id, phase, round) => (id === missionId ? (world.packs.find((pack) => pack.phase === phase && pack.round === round)?.pack ?? null) : null),
    artifact: async (id, digest) => {
      const found = artifacts.get(digest);
      return id === missionId && found !== undefined ? { digest, ...found } : null;
    },
  };
}
