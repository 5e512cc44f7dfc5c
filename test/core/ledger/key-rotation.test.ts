import { describe, expect, it } from 'vitest';

import { keyRingText, readKeyRing } from '../../../src/core/ledger/key-ring.ts';
import type { KeyRing, KnownKey } from '../../../src/core/ledger/key-ring.ts';
import { signHead } from '../../../src/core/ledger/signed-head.ts';
import { verifyMission } from '../../../src/core/ledger/verify.ts';
import { exportedMission, headLine, headOf } from '../../support/sealed-ledger.ts';
import { newSigner } from '../../support/signers.ts';

const earlier = newSigner();
const present = newSigner();
const { files } = exportedMission(earlier);
const lastAt = headOf(files.ledger).at;
const after = (ms: number) => new Date(Date.parse(lastAt) + ms).toISOString();
const judged = (keys: KeyRing, heads: string = files.heads) => verifyMission({ ...files, heads, keys, keysAreGiven: true });
const known = (state: KnownKey['state'], more: Partial<KnownKey> = {}): KnownKey => ({ ...earlier.publicKey, state, ...more });
const now: KnownKey = { ...present.publicKey, state: 'active' };

describe('a ledger whose key was changed', () => {
  it('verifies with a ring that knows both keys, the head signed with the new one', () => {
    const head = headLine(signHead(headOf(files.ledger), present));
    expect(judged([now, known('retired', { until: after(1000) })], head)).toMatchObject({ valid: true, remarks: [] });
    expect(judged([now], head).verdict.kind).toBe('wrong-key');
  });

  it('does not verify with what a key signed outside its time', () => {
    expect(judged([known('retired', { until: after(-60_000_000) })]).verdict).toMatchObject({ kind: 'wrong-key', message: expect.stringContaining('was out of use from') });
    const never = headLine(signHead({ ...headOf(files.ledger), at: 'some day' }, earlier));
    expect(judged([known('retired', { until: after(1000) })], never).verdict).toMatchObject({ kind: 'wrong-key', message: expect.stringContaining('signed for no time') });
    expect(judged([known('active', { from: after(60_000) })]).verdict).toMatchObject({ kind: 'wrong-key', message: expect.stringContaining('was not in use before') });
  });

  it('verifies with what a revoked key signed before, and warns of it', () => {
    expect(judged([known('revoked', { until: after(1000) })])).toMatchObject({ valid: true, remarks: [expect.stringContaining('compare with an anchor')] });
    expect(judged([known('revoked', { until: after(-60_000_000) })]).verdict.kind).toBe('wrong-key');
    expect(judged([known('revoked')]).verdict.kind).toBe('wrong-key');
  });

  it('takes its keys along in a form that reads back', () => {
    const ring: KeyRing = [now, known('retired', { from: after(-5), until: after(5) })];
    expect(readKeyRing(keyRingText(ring))).toEqual({ ok: true, keys: ring });
  });
});
