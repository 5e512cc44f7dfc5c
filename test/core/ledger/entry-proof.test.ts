import { describe, expect, it } from 'vitest';

import { proveEntry, readEntryProof, verifyEntryProof } from '../../../src/core/ledger/entry-proof.ts';
import type { EntryProof } from '../../../src/core/ledger/entry-proof.ts';
import { signHead } from '../../../src/core/ledger/signed-head.ts';
import { exportedMission, headOf } from '../../support/sealed-ledger.ts';
import { newSigner } from '../../support/signers.ts';

const signer = newSigner();
const keys = [{ ...signer.publicKey, state: 'active' as const }];
const lines = exportedMission(signer).files.ledger;
const head = signHead(headOf(lines), signer);
const proofOf = (seq: number) => proveEntry(lines, seq, head) as EntryProof;

describe('the proof of one entry', () => {
  it('is made for every entry, and is checked with the public key alone', () => {
    for (let seq = 1; seq <= lines.length; seq += 1) {
      const proof = readEntryProof(JSON.parse(JSON.stringify(proofOf(seq))));
      expect(proof && verifyEntryProof(proof, keys)).toEqual({ kind: 'valid', remark: null });
    }
  });

  it('is not made for an entry that is not there, nor from a ledger the head does not speak of', () => {
    expect(proveEntry(lines, lines.length + 1, head)).toBeNull();
    expect(proveEntry(lines.slice(0, -1), 3, head)).toBeNull();
    expect(proveEntry(lines.with(2, lines[3] ?? ''), 3, head)).toBeNull();
  });

  it('is refused for another entry, another place, another head, another key', () => {
    const good = proofOf(5);
    const kind = (proof: EntryProof) => verifyEntryProof(proof, keys).kind;
    expect(kind({ ...good, line: lines[6] ?? '' })).toBe('tampered');
    expect(kind({ ...good, seq: 6 })).toBe('tampered');
    expect(kind({ ...good, path: good.path.slice(1) })).toBe('tampered');
    expect(kind({ ...good, head: { ...head, size: head.size - 1 } })).toBe('tampered');
    expect(verifyEntryProof({ ...good, head: signHead(headOf(lines), newSigner()) }, keys).kind).toBe('wrong-key');
    expect(readEntryProof({ ...good, path: 'none' })).toBeNull();
  });
});
