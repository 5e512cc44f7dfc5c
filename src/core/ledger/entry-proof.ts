import { isJsonObject } from '../../kit/json.ts';
import { findKey } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';
import { inclusionProof, leafHash, provesInclusion, rootOf } from './merkle.ts';
import { isHeadSignedBy, readSignedHead } from './signed-head.ts';
import type { SignedHead } from './signed-head.ts';

/** One entry of a ledger with what proves that it is in it: nothing else of the ledger has to be shown. */
export interface EntryProof {
  readonly schema: 'schema.ledger.proof.v1';
  /** The entry's line, as it stands in the ledger. */
  readonly line: string;
  /** Its place, from 1. */
  readonly seq: number;
  /** Hashes from the leaf to the root, the nearest first (RFC 9162, 2.1.3). */
  readonly path: readonly string[];
  readonly head: SignedHead;
}

/** Null when the lines are not those that the head speaks of, or there is no such entry. */
export function proveEntry(lines: Iterable<string>, seq: number, head: SignedHead): EntryProof | null {
  const leaves: Uint8Array[] = [];
  let line: string | null = null;
  for (const text of lines) {
    if (text === '' || leaves.length === head.size) continue;
    leaves.push(leafHash(text));
    if (leaves.length === seq) line = text;
  }
  if (line === null || leaves.length !== head.size || rootOf(leaves) !== head.root) return null;
  return { schema: 'schema.ledger.proof.v1', line, seq, path: inclusionProof(leaves, seq - 1), head };
}

/** Reads a proof; null for anything else. */
export function readEntryProof(value: unknown): EntryProof | null {
  if (!isJsonObject(value) || value.schema !== 'schema.ledger.proof.v1') return null;
  const { line, seq, path } = value;
  const head = readSignedHead(JSON.stringify(value.head ?? null));
  const isProof = typeof line === 'string' && typeof seq === 'number' && Array.isArray(path) && path.every((hash) => typeof hash === 'string') && head !== null;
  return isProof ? (value as unknown as EntryProof) : null;
}

export type EntryProofVerdict = { readonly kind: 'valid'; readonly remark: string | null } | { readonly kind: 'tampered' | 'wrong-key'; readonly message: string };

/** Checks a proof with nothing but public keys. */
export function verifyEntryProof({ line, seq, path, head }: EntryProof, keys: KeyRing): EntryProofVerdict {
  const found = findKey(keys, head.keyId, head.at);
  if (!found.known) return { kind: 'wrong-key', message: `its head is signed by a key that nobody vouches for: ${found.reason}` };
  if (!isHeadSignedBy(head, found.key)) return { kind: 'tampered', message: 'its head was changed after it was signed, or is signed with another key than it says' };
  if (!provesInclusion({ leaf: leafHash(line), index: seq - 1, size: head.size, root: head.root }, path)) return { kind: 'tampered', message: `the entry is not number ${seq} of the ${head.size} that the head speaks of` };
  return { kind: 'valid', remark: found.remark };
}
