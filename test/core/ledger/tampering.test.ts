import { describe, expect, it } from 'vitest';

import { readAnchor } from '../../../src/core/ledger/anchor.ts';
import { chainEntry, genesisHash, ledgerLine } from '../../../src/core/ledger/chain.ts';
import type { LedgerEntry } from '../../../src/core/ledger/chain.ts';
import { signHead } from '../../../src/core/ledger/signed-head.ts';
import { verifyMission } from '../../../src/core/ledger/verify.ts';
import type { MissionFiles } from '../../../src/core/ledger/verify.ts';
import type { EventBody } from '../../../src/core/mission/event.ts';
import { linesOf as linesOfBytes } from '../../../src/main/file-lines.ts';
import { seeded } from '../../support/random.ts';
import { exportedMission, headLine, headOf, linesOf, sealed, toldByMission, verdictOn } from '../../support/sealed-ledger.ts';
import { newSigner } from '../../support/signers.ts';

const signer = newSigner();
const stranger = newSigner();
const good = exportedMission(signer).files;
const lines = good.ledger;
const told = toldByMission();
const count = lines.length;

/** The lines with entry `at` changed by `change`, and every hash from there on made right again. */
function rewritten(at: number, change: (entry: LedgerEntry) => Partial<LedgerEntry>): string[] {
  let prev = genesisHash;
  return lines.map((line, index) => {
    const entry = JSON.parse(line) as LedgerEntry;
    const made = index === at ? { ...entry, ...change(entry) } : entry;
    const next = chainEntry({ missionId: made.mission, seq: made.seq, at: Date.parse(made.at), body: made.body }, prev);
    prev = next.hash;
    return ledgerLine(next);
  });
}

const otherAnswer = (entry: LedgerEntry): Partial<LedgerEntry> => ({ body: { ...entry.body, forged: true } as unknown as EventBody });
const earlier = (entry: LedgerEntry): Partial<LedgerEntry> => ({ at: new Date(Date.parse(entry.at) - 60_000).toISOString() });

/** What somebody can do to a ledger who has everything but the private key; `at` and `by` are drawn. */
const tamperings: { readonly [name: string]: (at: number, by: number) => MissionFiles } = {
  'changes a character': (at, by) => {
    const line = lines[at] ?? '';
    const position = by % line.length;
    const other = line[position] === 'x' ? 'y' : 'x';
    return { ...good, ledger: lines.with(at, line.slice(0, position) + other + line.slice(position + 1)) };
  },
  'changes a field and the hash of its entry': (at) => ({ ...good, ledger: lines.with(at, rewritten(at, otherAnswer)[at] ?? '') }),
  'takes out an entry': (at) => ({ ...good, ledger: lines.toSpliced(at, 1) }),
  'puts in an entry': (at) => {
    const prev = at === 0 ? genesisHash : (JSON.parse(lines[at - 1] ?? '') as LedgerEntry).hash;
    const made = ledgerLine(chainEntry({ missionId: 'r10-i7', seq: at + 1, at: 0, body: { type: 'label.consumed', label: 'mission', key: 'k' } }, prev));
    return { ...good, ledger: lines.toSpliced(at, 0, made) };
  },
  'puts an entry in twice': (at) => ({ ...good, ledger: lines.toSpliced(at, 0, lines[at] ?? '') }),
  'swaps two entries': (at, by) => {
    const other = (at + 1 + (by % (count - 1))) % count;
    return { ...good, ledger: lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '') };
  },
  'cuts off the end': (at) => ({ ...good, ledger: lines.slice(0, at) }),
  'cuts off the end and the signed head': (at) => ({ ...good, ledger: lines.slice(0, at), heads: null }),
  'cuts a line in its middle': (at, by) => ({ ...good, ledger: [...lines.slice(0, at), (lines[at] ?? '').slice(0, 1 + (by % ((lines[at] ?? '').length - 1)))] }),
  'writes history anew from an entry on': (at) => ({ ...good, ledger: rewritten(at, otherAnswer) }),
  'writes history anew and removes the signed head': (at) => ({ ...good, ledger: rewritten(at, otherAnswer), heads: null }),
  'turns the time of an entry back, with right hashes': (at) => ({ ...good, ledger: rewritten(at, earlier) }),
  'signs a history of its own with another key': (at) => {
    const forged = linesOf(sealed(told.toSpliced(at % told.length, 1), stranger));
    return { ...good, ledger: forged, heads: headLine(signHead(headOf(forged), stranger)) };
  },
  'signs a history of its own with another key under the name of the right one': (at) => {
    const forger = { publicKey: signer.publicKey, sign: (data: Uint8Array) => stranger.sign(data) };
    const forged = linesOf(sealed(told.toSpliced(at % told.length, 1), forger));
    return { ...good, ledger: forged, heads: headLine(signHead(headOf(forged), forger)) };
  },
  'signs the same head with another key': () => ({ ...good, heads: headLine(signHead(headOf(lines), stranger)) }),
  'replaces the head by one of fewer entries, signed by itself': (at) => ({ ...good, heads: headLine({ ...signHead(headOf(lines), signer), size: at }) }),
  'replaces the root in the head': (_at, by) => ({ ...good, heads: headLine({ ...signHead(headOf(lines), signer), root: by.toString(16).padStart(64, '0') }) }),
  'writes something beside the signed head': (_at, by) => ({ ...good, heads: headLine({ ...signHead(headOf(lines), signer), [`approved${by}`]: 'by the CEO' }) }),
  'writes a field of the signed head twice': (at) => ({ ...good, heads: headLine(signHead(headOf(lines), signer)).replace('{', `{"size":${at},`) }),
  'puts in an empty line': (at) => ({ ...good, ledger: lines.toSpliced(at, 0, '') }),
  'removes all signatures': () => ({ ...good, ledger: linesOf(sealed(told, null)), heads: null }),
  'replaces everything by another mission of the same installation': () => {
    const other = linesOf(sealed(told, signer, 'r10-i8'));
    return { ...good, ledger: other };
  },
};

describe('a ledger, its signed head and a public key', () => {
  it('are valid together', () => {
    const report = verifyMission(good);
    expect(report).toMatchObject({ valid: true, verdict: { kind: 'valid' }, remarks: [] });
    // Two approvals, two gates that open, the end, and the head.
    expect(report.signatures.map((one) => one.good)).toEqual(Array(6).fill(true));
  });

  it.each(Object.keys(tamperings))('convict whoever %s, wherever', (name) => {
    const random = seeded(name.length);
    const missed: number[] = [];
    for (let round = 0; round < 70; round += 1) {
      const at = Math.floor(random() * count);
      const report = verifyMission(tamperings[name]?.(at, Math.floor(random() * 1_000_000)) ?? good);
      if (report.valid || report.verdict.kind === 'valid') missed.push(at);
    }
    expect(missed).toEqual([]);
  });

  it('name the first entry that was changed', () => {
    for (let at = 0; at < count; at += 1) {
      const { verdict } = verifyMission({ ...good, ledger: lines.with(at, rewritten(at, otherAnswer)[at] ?? '') });
      // The entry itself holds together; the next one does not follow it. The last one is missed by the head alone.
      expect(verdict).toMatchObject({ kind: 'tampered' });
      if (verdict.kind !== 'valid') expect(Math.abs((verdict.entry ?? 0) - (at + 1))).toBeLessThanOrEqual(1);
    }
  });

  it('tell what was done', () => {
    expect(verdictOn({ ...good, ledger: lines.slice(0, -3) })).toBe('truncated');
    expect(verdictOn({ ...good, ledger: [...lines.slice(0, -1), (lines.at(-1) ?? '').slice(0, -5)] })).toBe('truncated');
    expect(verdictOn({ ...good, heads: null })).toBe('truncated');
    expect(verdictOn(tamperings['signs the same head with another key']?.(0, 0) ?? good)).toBe('wrong-key');
    expect(verdictOn(tamperings['signs a history of its own with another key']?.(4, 0) ?? good)).toBe('wrong-key');
    expect(verdictOn(tamperings['removes all signatures']?.(0, 0) ?? good)).toBe('wrong-key');
    expect(verdictOn(tamperings['writes history anew from an entry on']?.(4, 0) ?? good)).toBe('tampered');
  });

  it('say that an unsigned ledger is unsigned, which is no fault while nobody asked for a signature', () => {
    const report = verifyMission({ ...good, ledger: linesOf(sealed(told, null)), heads: null, keys: [], keysAreGiven: false });
    expect(report).toMatchObject({ valid: true, remarks: [expect.stringContaining('unsigned')] });
  });

  it('say that signatures were not checked where no public key is at hand, and still find what does not fit', () => {
    const alone = { ...good, keys: [], keysAreGiven: false };
    expect(verifyMission(alone)).toMatchObject({ valid: true, remarks: [expect.stringContaining('signatures were not checked')] });
    expect(verdictOn({ ...alone, ledger: rewritten(4, otherAnswer) })).toBe('tampered');
    expect(verdictOn({ ...alone, ledger: lines.slice(0, 9) })).toBe('truncated');
  });

  it('show every flipped bit of a ledger', () => {
    const events = [...told.slice(0, 1), { at: 1, body: { type: 'label.consumed', label: 'mission — ünïcode', key: 'delivery-1' } as const }];
    const small = linesOf(sealed([{ at: 0, body: { type: 'label.consumed', label: 'mission:queue', key: 'delivery-0' } }, ...events.slice(1)], signer));
    const bytes = Buffer.from(`${small.join('\n')}\n`);
    const files = { ...good, packs: [], heads: headLine(signHead(headOf(small), signer)) };
    const missed: string[] = [];
    expect(verdictOn({ ...files, ledger: linesOfBytes(bytes) })).toBe('valid');
    for (let position = 0; position < bytes.length; position += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[position] = (flipped[position] ?? 0) ^ (1 << bit);
        if (verdictOn({ ...files, ledger: linesOfBytes(flipped) }) === 'valid') missed.push(`${position}.${bit}`);
      }
    }
    expect(missed).toEqual([]);
  });
});

describe('an anchor that was kept elsewhere', () => {
  const shown = headOf(lines.slice(0, 12));
  const anchor = (text: string) => {
    const read = readAnchor('gate check', text);
    if (read === null) throw new Error(`no anchor: ${text}`);
    return read;
  };
  const ours = { ...good, anchors: [anchor(`${shown.size}:${shown.head}`)] };

  it('is found in the ledger it was taken from, whatever was added since', () => {
    expect(verdictOn(ours)).toBe('valid');
    expect(verdictOn({ ...good, expectedHead: shown.head.slice(0, 12) })).toBe('valid');
  });

  it('convicts the owner of database and key who writes history anew', () => {
    const missed: number[] = [];
    for (let at = 0; at < 100; at += 1) {
      const forged = linesOf(sealed(told.map((one, index) => (index === at % 9 ? { ...one, body: { ...one.body, forged: at } as unknown as EventBody } : one)), signer));
      const files = { ...ours, packs: good.packs, ledger: forged, heads: headLine(signHead(headOf(forged), signer)) };
      expect(verdictOn({ ...files, anchors: [] })).toBe('valid');
      if (verdictOn(files) !== 'forked') missed.push(at);
    }
    expect(missed).toEqual([]);
  });

  it('with a signature proves to anybody that the key signed two histories', () => {
    const forged = linesOf(sealed(told.map((one, index) => (index === 3 ? { ...one, body: { ...one.body, forged: true } as unknown as EventBody } : one)), signer));
    const signed = signHead(headOf(lines), signer);
    const other = signHead(headOf(forged), signer);
    const report = verifyMission({ ...good, ledger: forged, heads: headLine(other), anchors: [anchor(`Ledger of the mission:\n\n${JSON.stringify(signed)}\n`)] });
    expect(report.verdict).toMatchObject({ kind: 'forked', proof: [expect.objectContaining({ size: count }), expect.objectContaining({ size: count })] });
  });

  it('of another mission is told to be that, and convicts nobody', () => {
    for (const size of [4, count, count + 9]) {
      const other = signHead({ ...headOf(lines), mission: 'r10-i8', size, head: 'ab'.repeat(32) }, signer);
      const report = verifyMission({ ...good, anchors: [anchor(JSON.stringify(other))] });
      expect(report).toMatchObject({ verdict: { kind: 'tampered' }, faults: ['gate check: it is of another mission: it speaks of r10-i8, the ledger is of r10-i7'] });
      expect(report.verdict).not.toHaveProperty('proof');
    }
  });

  it('shows a ledger that was cut off before it', () => {
    expect(verdictOn({ ...ours, ledger: lines.slice(0, 8), heads: null, keys: [], keysAreGiven: false })).toBe('truncated');
  });

  it('is read from the text of a gate check', () => {
    expect(anchor(`<sub>round 1 · ledger \`${shown.size}:${shown.head}\` · root \`${shown.root}\` · signed by key \`0011\`</sub>`)).toMatchObject({ size: shown.size, head: shown.head, root: shown.root, signed: null });
    expect(readAnchor('a text', 'nothing of the kind')).toBeNull();
  });
});
