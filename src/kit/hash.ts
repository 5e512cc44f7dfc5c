import { hash } from 'node:crypto';

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
