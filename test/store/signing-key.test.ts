import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { describeKey, isSignedBy } from '../../src/kit/ed25519.ts';
import { SigningKeyUnusable, signingKeyFromPem, signingKeyOf } from '../../src/store/signing-key.ts';
import { createRedactor } from '../../src/telemetry/redactor.ts';

const folder = mkdtempSync(join(tmpdir(), 'missiongate-key-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the signing key of a data folder', () => {
  it('is made once, for its owner alone, with the public key beside it', () => {
    const data = join(folder, 'data');
    const first = signingKeyOf(data);
    expect(statSync(join(data, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    const beside = describeKey(createPublicKey(readFileSync(join(data, 'signing-key.pub.pem'), 'utf8')));
    expect(beside.keyId).toBe(first.signer.publicKey.keyId);
    expect(signingKeyOf(data).signer.publicKey.keyId).toBe(first.signer.publicKey.keyId);
    expect(readdirSync(data).sort()).toEqual(['signing-key.pem', 'signing-key.pub.pem']);
  });

  it('gets its public key back where the process that made it died in between', () => {
    const data = join(folder, 'cut-off');
    const { signer } = signingKeyOf(data);
    rmSync(join(data, 'signing-key.pub.pem'));
    signingKeyOf(data);
    expect(readFileSync(join(data, 'signing-key.pub.pem'), 'utf8')).toBe(signer.publicKey.pem);
  });

  it('signs what its public key verifies, and nothing else', () => {
    const { signer } = signingKeyOf(join(folder, 'data'));
    const signature = signer.sign(Buffer.from('entry'));
    expect(isSignedBy(signer.publicKey, Buffer.from('entry'), signature)).toBe(true);
    expect(isSignedBy(signer.publicKey, Buffer.from('entri'), signature)).toBe(false);
    expect(isSignedBy(signer.publicKey, Buffer.from('entry'), `${signature}=`)).toBe(false);
    expect(isSignedBy(signer.publicKey, Buffer.from('entry'), 'no signature')).toBe(false);
  });

  it('is refused when others may read it', () => {
    const data = join(folder, 'open');
    signingKeyOf(data);
    chmodSync(join(data, 'signing-key.pem'), 0o644);
    expect(() => signingKeyOf(data)).toThrow(/can be read by others \(mode 644\): chmod 600/);
  });

  it('leaves no text of a program, in whatever form', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const seed = privateKey.export({ format: 'jwk' }).d ?? '';
    const { secrets } = signingKeyFromPem(pem, 'a setting');
    const redactor = createRedactor({ secrets: () => secrets });
    const body = pem.split('\n')[1] ?? '';
    for (const form of [pem, body, seed, Buffer.from(seed, 'base64url').toString('hex'), JSON.stringify({ pem })]) {
      const { text } = redactor.redact(`before ${form} after`);
      expect(text).not.toContain(body);
      expect(text).not.toContain(seed);
      expect(text).toMatch(/^before [\s\S]* after$/);
    }
  });

  it('is told from other keys without ever being repeated', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => signingKeyFromPem(pem, 'MISSIONGATE_SIGNING_KEY')).toThrow(SigningKeyUnusable);
    expect(() => signingKeyFromPem(pem, 'MISSIONGATE_SIGNING_KEY')).toThrow(/^MISSIONGATE_SIGNING_KEY holds no Ed25519 private key: make one with `openssl genpkey -algorithm ed25519`$/);
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });
});
