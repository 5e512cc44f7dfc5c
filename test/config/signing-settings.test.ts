import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { readSettings } from '../../src/config/settings.ts';
import { describeKey } from '../../src/kit/ed25519.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const shown = describeKey(publicKey);

function signing(env: Record<string, string>, files: Record<string, string> = {}) {
  const result = readSettings(env, (path) => files[path] ?? fail(path));
  return result.ok ? result.settings.signing : result.problems;
}

function fail(path: string): never {
  throw Object.assign(new Error(path), { code: 'ENOENT' });
}

describe('the settings of signing', () => {
  it.each([
    ['as it is', pem],
    ['with its line breaks written out', pem.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(pem).toString('base64')],
  ])('take the key %s', (_how, text) => {
    expect(signing({ MISSIONGATE_SIGNING_KEY: text })).toMatchObject({ privateKey: expect.stringContaining('PRIVATE KEY') });
  });

  it('take the key from a file, and earlier keys from a ring', () => {
    const ring = JSON.stringify({ keys: [{ publicKey: shown.pem, state: 'retired', until: '2026-01-01T00:00:00Z' }] });
    expect(signing({ MISSIONGATE_SIGNING_KEY_PATH: '/k', MISSIONGATE_SIGNING_KEYRING: '/r' }, { '/k': pem, '/r': ring })).toMatchObject({ privateKey: pem, keyRing: [{ keyId: shown.keyId, state: 'retired' }], keyless: null });
    expect(signing({ MISSIONGATE_SIGNING_KEYRING: '/r' }, { '/r': `${shown.pem}${shown.pem}` })).toMatchObject({ keyRing: [{ state: 'active' }, {}] });
  });

  it('say everything that is wrong, and never the key', () => {
    const ring = JSON.stringify({ keys: [{ publicKey: 'x', state: 'lost', from: 'yesterday' }, { publicKey: shown.pem, keyId: 'ff' }] });
    const problems = signing({ MISSIONGATE_SIGNING_KEY: 'AAAA-not-a-key', MISSIONGATE_SIGNING_KEYRING: '/r', MISSIONGATE_KEYLESS: 'yes', MISSIONGATE_SIGSTORE_FULCIO_URL: 'ftp://x' }, { '/r': ring });
    expect(problems).toEqual([
      { name: 'MISSIONGATE_SIGNING_KEY', message: expect.stringContaining('holds no Ed25519 private key') },
      { name: 'MISSIONGATE_SIGNING_KEYRING', message: 'keys[0].publicKey: expected an Ed25519 public key in PEM' },
      { name: 'MISSIONGATE_SIGNING_KEYRING', message: 'keys[0].state: found "lost", expected active, retired or revoked' },
      { name: 'MISSIONGATE_SIGNING_KEYRING', message: expect.stringContaining('keys[0].from: found "yesterday"') },
      { name: 'MISSIONGATE_SIGNING_KEYRING', message: `keys[1].keyId: the public key gives ${shown.keyId}` },
      { name: 'MISSIONGATE_KEYLESS', message: 'found "yes", expected off or sigstore' },
      { name: 'MISSIONGATE_SIGSTORE_FULCIO_URL', message: 'expected a URL that starts with https://' },
    ]);
    expect(JSON.stringify(problems)).not.toContain('AAAA');
    expect(signing({ MISSIONGATE_SIGNING_KEY_PATH: '/none' })).toEqual([{ name: 'MISSIONGATE_SIGNING_KEY_PATH', message: 'cannot read "/none": ENOENT' }]);
    expect(signing({ MISSIONGATE_SIGNING_KEYRING: '/r' }, { '/r': pem })).toEqual([{ name: 'MISSIONGATE_SIGNING_KEYRING', message: expect.stringContaining('found a private key, expected a public one') }]);
  });
});
