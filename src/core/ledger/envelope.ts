import { isSignedBy } from '../../kit/ed25519.ts';
import { isJsonObject } from '../../kit/json.ts';
import { findKey } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';
import { signedBytes } from './signing.ts';
import type { Signer } from './signing.ts';
import { readStatement, statementBytes, timeOf } from './statement.ts';
import type { Statement } from './statement.ts';

/** A DSSE envelope: a payload and the signatures over its type and bytes. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; /** Base64. */ readonly sig: string }[];
}

export const statementPayloadType = 'application/vnd.in-toto+json';

export function signStatement(statement: Statement, signer: Signer): Envelope {
  const payload = statementBytes(statement);
  return { payloadType: statementPayloadType, payload: Buffer.from(payload).toString('base64'), signatures: [{ keyid: signer.publicKey.keyId, sig: signer.sign(signedBytes(statementPayloadType, payload)) }] };
}

/** Reads an envelope, also one inside a sigstore bundle (`dsseEnvelope`); null for anything else. */
export function readEnvelope(text: string): Envelope | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const envelope = isJsonObject(value) && isJsonObject(value.dsseEnvelope) ? value.dsseEnvelope : value;
  if (!isJsonObject(envelope)) return null;
  const { payloadType, payload } = envelope;
  if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(envelope.signatures)) return null;
  const signatures = (envelope.signatures as readonly unknown[]).flatMap((one) => (isJsonObject(one) && typeof one.sig === 'string' ? [{ keyid: typeof one.keyid === 'string' ? one.keyid : '', sig: one.sig }] : []));
  return signatures.length === 0 ? null : { payloadType, payload, signatures };
}

export type EnvelopeVerdict =
  | { readonly kind: 'valid'; readonly statement: Statement; readonly keyId: string; readonly at: string; readonly remark: string | null }
  | { readonly kind: 'wrong-key' | 'tampered'; readonly message: string };

/** Checks an envelope with nothing but public keys: one signature by a known key is enough. */
export function verifyEnvelope(envelope: Envelope, keys: KeyRing): EnvelopeVerdict {
  const payload = Buffer.from(envelope.payload, 'base64');
  if (payload.toString('base64') !== envelope.payload) return { kind: 'tampered', message: 'its payload is no base64' };
  const statement = readStatement(payload);
  if (envelope.payloadType !== statementPayloadType || statement === null) return { kind: 'tampered', message: `it holds no in-toto statement, but ${JSON.stringify(envelope.payloadType.slice(0, 80))}` };
  const at = timeOf(statement);
  const data = signedBytes(envelope.payloadType, payload);
  let unknown: string | null = null;
  for (const { keyid, sig } of envelope.signatures) {
    const found = findKey(keys, keyid, at);
    if (!found.known) unknown ??= found.reason;
    else if (isSignedBy(found.key, data, sig)) return { kind: 'valid', statement, keyId: found.key.keyId, at, remark: found.remark };
  }
  return unknown === null ? { kind: 'tampered', message: 'it was changed after it was signed, or is signed with another key than it says' } : { kind: 'wrong-key', message: `it is signed by a key that nobody vouches for: ${unknown}` };
}
