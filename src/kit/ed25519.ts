import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { sha256 } from './hash.ts';

/** A public key and the name it is known by. */
export interface PublicKey {
  /** SHA-256 of the key's SPKI form, 64 hex digits: who knows the id knows whether a key is the one. */
  readonly keyId: string;
  /** SPKI, as PEM. */
  readonly pem: string;
}

/** Reads an Ed25519 public key in PEM; null for anything else. */
export function publicKeyOf(pem: string): PublicKey | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? describeKey(key) : null;
  } catch {
    return null;
  }
}

export function describeKey(key: KeyObject): PublicKey {
  return { keyId: sha256(key.export({ type: 'spki', format: 'der' })), pem: key.export({ type: 'spki', format: 'pem' }).toString() };
}

/** Reading a key takes twice as long as checking a signature with it. */
const known = new WeakMap<PublicKey, KeyObject>();

function keyObjectOf(key: PublicKey): KeyObject {
  const object = known.get(key) ?? createPublicKey(key.pem);
  known.set(key, object);
  return object;
}

/** True when `signature` (base64) is this key's for these bytes. Never throws: what is no signature is a wrong one. */
export function isSignedBy(key: PublicKey, data: Uint8Array, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  // One text for one signature: what decodes to the same bytes is not the same text.
  if (bytes.length !== 64 || bytes.toString('base64') !== signature) return false;
  try {
    return verify(null, data, keyObjectOf(key), bytes);
  } catch {
    return false;
  }
}
