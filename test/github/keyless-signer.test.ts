import { createHash, verify, X509Certificate } from 'node:crypto';

import { mockFulcio, mockRekor } from '@sigstore/mock';
import { afterEach, describe, expect, it } from 'vitest';

import { readEnvelope, statementPayloadType } from '../../src/core/ledger/envelope.ts';
import { signedBytes } from '../../src/core/ledger/signing.ts';
import { createKeylessSigner } from '../../src/github/keyless-signer.ts';
import { idToken } from '../support/sigstore-servers.ts';

const fulcioUrl = 'https://fulcio.example.test';
const rekorUrl = 'https://rekor.example.test';
const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'commit', digest: { gitCommit: 'a'.repeat(40) } }], predicateType: 'https://missiongate.dev/attestation/decision/v1', predicate: {} }));

describe('signing without a key', () => {
  afterEach(() => {
    delete process.env.SIGSTORE_ID_TOKEN;
  });

  it('says what is missing where no workflow stands behind it', async () => {
    await expect(createKeylessSigner({ fulcioUrl, rekorUrl, env: {} }).attest(statementPayloadType, payload)).rejects.toThrow(/permissions: id-token: write/);
  });

  it('gives a bundle whose certificate, envelope and log entry belong together', async () => {
    process.env.SIGSTORE_ID_TOKEN = idToken();
    await mockFulcio({ baseURL: fulcioUrl });
    await mockRekor({ baseURL: rekorUrl });
    const text = await createKeylessSigner({ fulcioUrl, rekorUrl, env: process.env }).attest(statementPayloadType, payload);
    const bundle = JSON.parse(text) as { readonly verificationMaterial: { readonly certificate: { readonly rawBytes: string }; readonly tlogEntries: readonly { readonly canonicalizedBody: string }[] } };
    const envelope = readEnvelope(text);
    expect(Buffer.from(envelope?.payload ?? '', 'base64').equals(payload)).toBe(true);
    const certificate = new X509Certificate(Buffer.from(bundle.verificationMaterial.certificate.rawBytes, 'base64'));
    expect(verify('sha256', signedBytes(statementPayloadType, payload), certificate.publicKey, Buffer.from(envelope?.signatures[0]?.sig ?? '', 'base64'))).toBe(true);
    const entry = JSON.parse(Buffer.from(bundle.verificationMaterial.tlogEntries[0]?.canonicalizedBody ?? '', 'base64').toString()) as { readonly spec: { readonly payloadHash?: { readonly value: string } } };
    if (entry.spec.payloadHash) expect(entry.spec.payloadHash.value).toBe(createHash('sha256').update(payload).digest('hex'));
  });

  it('says so when the services do not answer', async () => {
    process.env.SIGSTORE_ID_TOKEN = idToken();
    await expect(createKeylessSigner({ fulcioUrl: 'http://127.0.0.1:9', rekorUrl, env: process.env }).attest(statementPayloadType, payload)).rejects.toThrow(/sigstore did not sign: .*unset MISSIONGATE_KEYLESS/);
  });
});
