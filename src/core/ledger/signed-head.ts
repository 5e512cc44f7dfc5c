import { canonicalJson } from '../../kit/canonical-json.ts';
import { isSignedBy } from '../../kit/ed25519.ts';
import type { PublicKey } from '../../kit/ed25519.ts';
import { isJsonObject } from '../../kit/json.ts';
import { signedBytes } from './signing.ts';
import type { Signer } from './signing.ts';

/** Where a ledger stands: what a signature, a gate check and a tag speak of. */
export interface LedgerHead {
  readonly mission: string;
  /** Number of entries. */
  readonly size: number;
  /** Root of the Merkle tree over the entries' lines (`merkle.ts`). */
  readonly root: string;
  /** Hash of the last entry. */
  readonly head: string;
  /** Time of the last entry: the same ledger has the same head, whenever it is signed. */
  readonly at: string;
}

export interface SignedHead extends LedgerHead {
  readonly schema: 'schema.ledger.head.v1';
  readonly keyId: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

export const headPayloadType = 'application/vnd.missiongate.ledger-head.v1+json';
export const sealPayloadType = 'application/vnd.missiongate.ledger-seal.v1+json';

function headBytes({ mission, size, root, head, at }: LedgerHead, keyId: string): Uint8Array {
  return signedBytes(headPayloadType, Buffer.from(canonicalJson({ schema: 'schema.ledger.head.v1', mission, size, root, head, at, keyId })));
}

export function signHead(head: LedgerHead, signer: Signer): SignedHead {
  const { mission, size, root, at } = head;
  const { keyId } = signer.publicKey;
  return { schema: 'schema.ledger.head.v1', mission, size, root, head: head.head, at, keyId, signature: signer.sign(headBytes(head, keyId)) };
}

export function isHeadSignedBy(head: SignedHead, key: PublicKey): boolean {
  return head.keyId === key.keyId && isSignedBy(key, headBytes(head, key.keyId), head.signature);
}

/** What an entry `ledger.sealed` says of the entries before it. Its own hash makes the root superfluous. */
export interface Seal {
  readonly size: number;
  readonly head: string;
  readonly keyId: string;
  readonly signature: string;
}

function sealBytes(mission: string, { size, head, keyId }: Omit<Seal, 'signature'>): Uint8Array {
  return signedBytes(sealPayloadType, Buffer.from(canonicalJson({ schema: 'schema.ledger.seal.v1', mission, size, head, keyId })));
}

export function sealLedger(mission: string, size: number, head: string, signer: Signer): Seal {
  const { keyId } = signer.publicKey;
  return { size, head, keyId, signature: signer.sign(sealBytes(mission, { size, head, keyId })) };
}

export function isSealSignedBy(mission: string, seal: Seal, key: PublicKey): boolean {
  return seal.keyId === key.keyId && isSignedBy(key, sealBytes(mission, seal), seal.signature);
}

/** Reads a signed head from JSON; null when it is none. */
export function readSignedHead(text: string): SignedHead | null {
  try {
    const value: unknown = JSON.parse(text);
    return isSignedHead(value) && Object.keys(value).length === 8 ? value : null;
  } catch {
    return null;
  }
}

function isSignedHead(value: unknown): value is SignedHead {
  if (!isJsonObject(value)) return false;
  const { schema, mission, size, root, head, at, keyId, signature } = value;
  const isText = [mission, at, signature].every((field) => typeof field === 'string');
  return schema === 'schema.ledger.head.v1' && isText && Number.isSafeInteger(size) && Number(size) >= 0 && [root, head, keyId].every((field) => typeof field === 'string' && /^[0-9a-f]{64}$/.test(field));
}
