import { digest } from '../../kit/hash.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { readEnvelope, signStatement, verifyEnvelope } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import type { Signer } from './signing.ts';
import type { Verdict } from './verdict.ts';

/** What a signature on a whole JSON document says of it. */
export interface DocumentNaming {
  /** What the document is called in the statement. */
  readonly name: string;
  readonly predicateType: string;
  /** When it was made, ISO 8601. */
  readonly at: string;
}

/**
 * The document with its signature in it: `envelope` holds an in-toto statement whose subject is the SHA-256 of the canonical form of
 * everything else. It stays one file that people and programs read as before.
 */
export function signDocument(document: JsonObject, { name, predicateType, at }: DocumentNaming, signer: Signer): JsonObject {
  const { envelope: _earlier, ...content } = document;
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [{ name, digest: { sha256: digest(content) } }], predicateType, predicate: { at } } as const;
  return { ...content, envelope: signStatement(statement, signer) as unknown as Json };
}

export interface DocumentReport {
  readonly verdict: Verdict;
  readonly remarks: readonly string[];
  readonly digest: string;
  readonly keyId: string | null;
  readonly predicateType: string | null;
}

/** Checks a document that `signDocument` made. One without a signature is reported as unsigned, which is a fault only where keys were given. */
export function verifyDocument(document: JsonObject, file: string, keys: KeyRing, keysAreGiven: boolean): DocumentReport {
  const { envelope: signed, ...content } = document;
  const own = digest(content);
  const report = (verdict: Verdict, remarks: readonly string[] = [], keyId: string | null = null, predicateType: string | null = null): DocumentReport => ({ verdict, remarks, digest: own, keyId, predicateType });
  const wrong = (kind: 'tampered' | 'wrong-key', message: string) => report({ kind, place: file, entry: null, message });
  const envelope: Envelope | null = isJsonObject(signed) ? readEnvelope(JSON.stringify(signed)) : null;
  if (envelope === null && signed !== undefined) return wrong('tampered', '"envelope" holds no signature (DSSE envelope)');
  if (envelope === null) return keysAreGiven ? wrong('wrong-key', 'it is not signed, but a key was given: the signature was removed, or never made') : report({ kind: 'valid' }, ['unsigned: nothing but its own digest speaks for it']);
  const checked = verifyEnvelope(envelope, keys);
  if (checked.kind !== 'valid') return wrong(checked.kind, checked.message);
  if (!checked.statement.subject.some((subject) => subject.digest.sha256 === own)) return wrong('tampered', 'it was changed after it was signed: its content does not give the digest in its signature');
  return report({ kind: 'valid' }, checked.remark === null ? [] : [checked.remark], checked.keyId, checked.statement.predicateType);
}
