import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';

import type { Json } from './json.ts';

// The package ships CommonJS with a default export; under NodeNext the types wrap it once more.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** SHA-256 of a UTF-8 text or of bytes, as 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** RFC 8785 canonical JSON: the only form that is hashed or signed. Throws on values JSON cannot hold. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalJson: the value has no JSON form');
  return text;
}

/** Digest of a JSON value, independent of key order: SHA-256 over its RFC 8785 form. */
export function digest(value: Json): string {
  return sha256(canonicalJson(value));
}
