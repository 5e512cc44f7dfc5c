import { describe, expect, it } from 'vitest';

import type { LedgerEntry } from '../../src/core/ledger/chain.ts';
import { dossierOfStore } from '../../src/engine/dossier-of-store.ts';
import { dossierText } from '../../src/engine/dossier.ts';
import { exportMission } from '../../src/engine/export-mission.ts';
import type { Store, StoredEvent } from '../../src/engine/ports/store.ts';
import { sha256 } from '../../src/kit/hash.ts';
import { missionId } from '../support/pure-world.ts';
import { newSigner } from '../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../support/shipped-mission.ts';

const signer = newSigner();
const shipped = shippedMission();
const events = [...exportOf(shipped, signer).files().ledger].map((line): StoredEvent => {
  const { seq, at, body, prev, hash } = JSON.parse(line) as LedgerEntry;
  return { missionId, seq, at: Date.parse(at), body, prevHash: prev, hash };
});

/** As much of a store as an export asks for. */
const store = {
  events: async (id: string, after: number, limit: number) => (id === missionId ? events.filter(({ seq }) => seq > after).slice(0, limit) : []),
  evidencePacks: async () => shipped.world.packs.map(({ phase, round, digest, pack }) => ({ phase, round, digest, pack })),
  artifact: async (_id: string, digest: string) => {
    const text = shipped.artifacts.get(digest);
    return text === undefined ? null : { digest, name: 'artifact', mediaType: 'text/plain', text };
  },
} as unknown as Store;
const signing = { signer, keys: [{ ...signer.publicKey, state: 'active' as const }] };

describe('the dossier of a mission in a store', () => {
  it('is that of its export, byte for byte', async () => {
    const files = new Map<string, string>();
    for await (const { path, text } of exportMission(store, missionId, signing)) files.set(path, (files.get(path) ?? '') + text);
    const below = (folder: string) => [...files].filter(([path]) => path.startsWith(folder)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, text]) => ({ file, text }));
    const ofFiles = dossierOf({
      files: () => ({ ledger: (files.get('ledger.jsonl') ?? '').split('\n'), heads: files.get('heads.jsonl') ?? null, packs: below('evidence/'), artifacts: below('artifacts/').map((one) => ({ ...one, digest: sha256(one.text) })), statements: below('statements/'), keys: signing.keys, expectedHead: null }),
      artifact: (digest) => files.get(`artifacts/${digest}.txt`) ?? null,
    });
    const outcome = await dossierOfStore(store, missionId, signing);
    expect(outcome.ok && dossierText(outcome.dossier)).toBe(dossierText(ofFiles));
    expect(ofFiles.signatures.verification).toMatchObject({ verdict: 'valid', packs: 3, artifacts: 3 });
    expect(ofFiles.signatures.statements.length).toBeGreaterThan(5);
  });

  it('is none for a mission that is not there', async () => {
    expect(await dossierOfStore(store, 'r1-i1', signing)).toMatchObject({ ok: false });
  });
});
