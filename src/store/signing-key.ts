import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describeKey } from '../kit/ed25519.ts';
import type { Signer } from '../engine/ports/signer.ts';

/** The key of a data folder cannot be used. */
export class SigningKeyUnusable extends Error {
  override readonly name = 'SigningKeyUnusable';
  readonly code = 'signing_key_unusable';
}

export interface SigningKey {
  readonly signer: Signer;
  /** Texts that must never leave: for the redactor. */
  readonly secrets: readonly string[];
}

const privateName = 'signing-key.pem';
const publicName = 'signing-key.pub.pem';

/** A key from its PEM text. Throws `SigningKeyUnusable` when it is no Ed25519 private key; the text is never part of the message. */
export function signingKeyFromPem(pem: string, place: string): SigningKey {
  const key = readPrivate(pem);
  if (key === null) throw new SigningKeyUnusable(`${place} holds no Ed25519 private key: make one with \`openssl genpkey -algorithm ed25519\``);
  const publicKey = describeKey(createPublicKey(key));
  return { signer: { publicKey, sign: (data) => sign(null, data, key).toString('base64') }, secrets: secretsOf(pem, key) };
}

/**
 * The key of a data folder, made at the first call: `signing-key.pem` for the owner alone, the public key beside it. Several processes that
 * start at once agree on one. Throws `SigningKeyUnusable` when others may read the file.
 */
export function signingKeyOf(dataDir: string): SigningKey {
  const file = join(dataDir, privateName);
  try {
    return withPublicKey(dataDir, readKeyFile(file));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  // Not named after this process alone: one that died here may have had the same number, and left its draft.
  const draft = `${file}.${randomUUID()}.new`;
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    // Linked and not renamed: the first one stays, and whoever comes later takes it.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return withPublicKey(dataDir, readKeyFile(file));
}

/** Whoever finds the public key missing or cut off writes it: the process that made the key may have died before. */
function withPublicKey(dataDir: string, key: SigningKey): SigningKey {
  const file = join(dataDir, publicName);
  const { pem } = key.signer.publicKey;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== pem) writeFileSync(file, pem);
  return key;
}

function readKeyFile(file: string): SigningKey {
  const mode = statSync(file).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new SigningKeyUnusable(`${file} can be read by others (mode ${mode.toString(8)}): chmod 600 it, and replace the key if that may have been used`);
  return signingKeyFromPem(readFileSync(file, 'utf8'), file);
}

function readPrivate(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/** The text as it stands, its base64 without the frame, and the 32 bytes that are the key itself. */
function secretsOf(pem: string, key: KeyObject): readonly string[] {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const seed = key.export({ format: 'jwk' }).d ?? '';
  return [pem.trim(), der.toString('base64'), seed, Buffer.from(seed, 'base64url').toString('hex')].filter((text) => text !== '');
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
