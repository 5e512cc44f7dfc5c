import { describe, expect, it } from 'vitest';

import { readDossierFile, verifyDossier } from '../../../src/core/dossier/verify-dossier.ts';
import type { DossierFiles } from '../../../src/core/dossier/verify-dossier.ts';
import { readEnvelope } from '../../../src/core/ledger/envelope.ts';
import { dossierText, signDossier } from '../../../src/engine/dossier.ts';
import * as fc from '../../support/fast-check.ts';
import { newSigner } from '../../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../../support/shipped-mission.ts';

const signer = newSigner();
const keys = [{ ...signer.publicKey, state: 'active' as const }];
const dossier = dossierOf(exportOf(shippedMission(), signer));
const text = dossierText(dossier);
const envelope = readEnvelope(signDossier(dossier, signer));
const signed: DossierFiles = { dossier, isCanonical: true, envelope, keys, remade: null };

function verdictOn(shown: string, more: Partial<DossierFiles> = {}) {
  const reading = readDossierFile(shown);
  return reading === null ? null : (verifyDossier({ ...signed, dossier: reading.dossier, isCanonical: reading.isCanonical, ...more })?.verdict ?? null);
}

describe('verifying a dossier', () => {
  it('finds one that was signed and not touched since valid, with its file or with the envelope alone', () => {
    expect(verifyDossier(signed)).toMatchObject({ valid: true, verdict: 'valid', keyId: signer.publicKey.keyId, head: dossier.signatures.head, faults: [] });
    const alone = readDossierFile(signDossier(dossier, signer));
    expect(alone?.envelope && verifyDossier({ ...signed, dossier: null, envelope: alone.envelope })).toMatchObject({ valid: true, mission: 'r10-i7' });
  });

  it('finds any change of a character in it', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'x', '}', ' '), (at, character) => {
        fc.pre(text[at] !== character);
        expect([null, 'tampered']).toContain(verdictOn(text.slice(0, at) + character + text.slice(at + 1)));
      }),
      { numRuns: 60 },
    );
  });

  it('finds another dossier put in its place, and one that was only written anew', () => {
    const other = dossierOf(exportOf(shippedMission({ title: 'Something else' }), signer));
    expect(verdictOn(dossierText(other))).toBe('tampered');
    expect(verdictOn(JSON.stringify(dossier, null, 2))).toBe('tampered');
  });

  it('says when it is signed by a key that nobody vouches for', () => {
    expect(verifyDossier({ ...signed, keys: [{ ...newSigner().publicKey, state: 'active' }] })).toMatchObject({ valid: false, verdict: 'wrong-key' });
  });

  it('says that one without a signature is unsigned, unless the export beside it gives the same', () => {
    expect(verifyDossier({ ...signed, envelope: null })).toMatchObject({ valid: false, verdict: 'unsigned', keyId: null, remarks: [expect.stringContaining('nobody vouches')] });
    expect(verifyDossier({ ...signed, envelope: null, remade: dossier })).toMatchObject({ valid: true, verdict: 'unsigned' });
    const other = { ...dossier, mission: { ...dossier.mission, status: 'failed' } };
    expect(verifyDossier({ ...signed, envelope: null, remade: other })).toMatchObject({ valid: false, verdict: 'tampered' });
  });

  it('does not call one valid whose own record does not verify', () => {
    const bad = { ...dossier, signatures: { ...dossier.signatures, verification: { ...dossier.signatures.verification, verdict: 'tampered', faults: ['ledger.jsonl:3: changed'] } } };
    expect(verifyDossier({ ...signed, dossier: bad, envelope: readEnvelope(signDossier(bad, signer)) })).toMatchObject({ valid: false, verdict: 'tampered', faults: [expect.stringContaining('ledger.jsonl:3')] });
  });

  it('leaves other files to others', () => {
    for (const other of ['', '{}', '[]', '{"schema":"schema.release.dossier.v1"}', 'no json', '{"payloadType":"x","payload":"","signatures":[{"sig":"a"}]}']) expect(readDossierFile(other)).toBeNull();
  });
});
