import { createHash, hash } from 'node:crypto';

import { canonicalJson } from './canonical-json.ts';
import type { Json } from './json.ts';

/** SHA-256 of a UTF-8 text or of bytes, as 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  // The one-shot form is four times as fast as a hash object for the short texts of a ledger.
  return hash('sha256', data, 'hex');
}

/** Digest of a JSON value, independent of key order: SHA-256 over its RFC 8785 form. */
export function digest(value: Json): string {
  return sha256(canonicalJson(value));
}

/** The id git gives to a file of this content; `like` is an id of the same repository, which tells the algorithm. */
export function gitBlobId(content: Uint8Array, like: string): string {
  return createHash(like.length === 64 ? 'sha256' : 'sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}
