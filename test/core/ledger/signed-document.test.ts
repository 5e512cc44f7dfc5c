import { describe, expect, it } from 'vitest';

import { signDocument, verifyDocument } from '../../../src/core/ledger/signed-document.ts';
import type { JsonObject } from '../../../src/kit/json.ts';
import { newSigner } from '../../support/signers.ts';

const signer = newSigner();
const keys = [{ ...signer.publicKey, state: 'active' as const }];
const dossier = { schema: 'schema.mission.dossier.v1', mission: 'r1-i1', decisions: [{ by: 'reviewer' }] };
const signed = signDocument(dossier, { name: 'dossier.json', predicateType: 'https://missiongate.dev/attestation/dossier/v1', at: '2026-03-01T00:00:00.000Z' }, signer);
const judged = (document: JsonObject, ring = keys, given = true) => verifyDocument(document, 'dossier.json', ring, given);

describe('a document that carries its signature', () => {
  it('is valid whatever the order of its fields, and says what it is', () => {
    const turned = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(signed)) as JsonObject).toReversed());
    expect(judged(turned)).toMatchObject({ verdict: { kind: 'valid' }, keyId: signer.publicKey.keyId, predicateType: 'https://missiongate.dev/attestation/dossier/v1' });
  });

  it('keeps its content as it was, and is signed anew without its earlier signature', () => {
    const { envelope: _envelope, ...content } = signed;
    expect(content).toEqual(dossier);
    expect(judged(signDocument(signed, { name: 'dossier.json', predicateType: 't', at: '2026-03-02T00:00:00.000Z' }, signer)).verdict.kind).toBe('valid');
  });

  it('is found to be changed, cut out, or signed by somebody else', () => {
    expect(judged({ ...signed, decisions: [{ by: 'stranger' }] }).verdict.kind).toBe('tampered');
    expect(judged({ ...signed, more: true }).verdict.kind).toBe('tampered');
    expect(judged({ ...signed, envelope: {} }).verdict.kind).toBe('tampered');
    expect(judged(signed, [{ ...newSigner().publicKey, state: 'active' }]).verdict.kind).toBe('wrong-key');
    expect(judged(dossier).verdict.kind).toBe('wrong-key');
    expect(judged(dossier, [], false)).toMatchObject({ verdict: { kind: 'valid' }, remarks: [expect.stringContaining('unsigned')] });
  });
});
