import { readFileSync } from 'node:fs';

import { evidenceDigest } from '../core/evidence/pack.ts';
import { parsePack } from '../core/ledger/check-files.ts';
import { readEntryProof, verifyEntryProof } from '../core/ledger/entry-proof.ts';
import type { EntryProof } from '../core/ledger/entry-proof.ts';
import { readEnvelope, verifyEnvelope } from '../core/ledger/envelope.ts';
import type { Anchor } from '../core/ledger/anchor.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import { verifyDocument } from '../core/ledger/signed-document.ts';
import type { Verdict } from '../core/ledger/verdict.ts';
import { isJsonObject } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';

/** What a single file other than a ledger was found to be. */
export interface FileReport {
  readonly valid: boolean;
  readonly verdict: Verdict;
  readonly what: 'evidence pack' | 'statement' | 'proof' | 'document';
  /** What it says, in lines for people. */
  readonly says: readonly string[];
  readonly remarks: readonly string[];
}

/** What the reader knows from elsewhere. */
export interface FileKnowledge {
  readonly keys: KeyRing;
  readonly keysAreGiven: boolean;
  readonly anchors: readonly Anchor[];
}

/** Checks an evidence pack, a signed statement, the proof of an entry, or a JSON document with a signature in it; null for a file that is none of them. */
export function verifyFile(path: string, known: FileKnowledge): FileReport | null {
  const text = readFileSync(path, 'utf8');
  const pack = parsePack(text);
  if (pack !== null) return packReport(path, text, evidenceDigest(pack), known);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const proof = readEntryProof(value);
  if (proof !== null) return proofReport(path, proof, known);
  if (isJsonObject(value) && 'verificationMaterial' in value) return keylessReport(path);
  if (readEnvelope(text) !== null && isJsonObject(value) && !('schema' in value)) return statementReport(path, text, known);
  return isJsonObject(value) && typeof value.schema === 'string' ? documentReport(path, value, known) : null;
}

function packReport(path: string, text: string, digest: string, { anchors, keysAreGiven }: FileKnowledge): FileReport {
  const says = [`evidence pack, digest ${digest}`];
  const other = anchors.find(({ head }) => !digest.startsWith(head));
  if (other !== undefined) return { valid: false, verdict: { kind: 'tampered', place: path, entry: null, message: `its digest is ${digest}, ${other.place} says ${other.head}` }, what: 'evidence pack', says, remarks: [] };
  const remarks = [
    ...(anchors.length > 0 ? [] : ['a pack alone proves nothing: compare its digest with the one in the gate check (--anchor <digest>), or verify its statement or the whole folder']),
    ...(keysAreGiven ? ['a pack carries no signature of its own: its statement in statements/ does'] : []),
    ...(text.endsWith('\n') ? ['the file ends in a line break, which is no part of the digest'] : []),
  ];
  return { valid: true, verdict: { kind: 'valid' }, what: 'evidence pack', says, remarks };
}

function statementReport(path: string, text: string, { keys, keysAreGiven }: FileKnowledge): FileReport {
  const envelope = readEnvelope(text);
  const checked = envelope === null ? ({ kind: 'tampered', message: 'this is no signed statement' } as const) : verifyEnvelope(envelope, keys);
  if (checked.kind !== 'valid') return { valid: false, verdict: { kind: checked.kind, place: path, entry: null, message: checked.message }, what: 'statement', says: [], remarks: [] };
  const { statement, keyId, at, remark } = checked;
  const says = [`statement ${statement.predicateType}, for ${at}, signed by key ${keyId.slice(0, 16)}`, ...statement.subject.map(({ name, digest }) => `  about ${name} ${Object.entries(digest).map(([algorithm, value]) => `${algorithm}:${value}`).join(' ')}`)];
  return { valid: true, verdict: { kind: 'valid' }, what: 'statement', says, remarks: [...(remark === null ? [] : [remark]), ...fromFiles(keyId, keysAreGiven)] };
}

function proofReport(path: string, proof: EntryProof, { keys, keysAreGiven }: FileKnowledge): FileReport {
  const checked = verifyEntryProof(proof, keys);
  if (checked.kind !== 'valid') return { valid: false, verdict: { kind: checked.kind, place: path, entry: proof.seq, message: checked.message }, what: 'proof', says: [], remarks: [] };
  const { head, seq, line } = proof;
  const says = [`proof of entry ${seq} of ${head.size}, mission ${head.mission}, signed by key ${head.keyId.slice(0, 16)}`, `  ledger head ${head.size}:${head.head}`, `  ${line}`];
  return { valid: true, verdict: { kind: 'valid' }, what: 'proof', says, remarks: [...(checked.remark === null ? [] : [checked.remark]), ...fromFiles(head.keyId, keysAreGiven)] };
}

/** Whether a certificate of sigstore is genuine is decided by its root of trust, which others keep up to date. */
function keylessReport(path: string): FileReport {
  const message = 'it is signed through sigstore, not with a key: check it with `cosign verify-blob-attestation --bundle` or `gh attestation verify`; the statement signed with the key lies beside it (.dsse.json)';
  return { valid: false, verdict: { kind: 'wrong-key', place: path, entry: null, message }, what: 'statement', says: [], remarks: [] };
}

function documentReport(path: string, document: JsonObject, { keys, keysAreGiven }: FileKnowledge): FileReport {
  const { verdict, remarks, digest, keyId, predicateType } = verifyDocument(document, path, keys, keysAreGiven);
  const says = [`document ${typeof document.schema === 'string' ? document.schema : 'without a schema'}, digest ${digest}`, ...(keyId === null ? [] : [`signed by key ${keyId.slice(0, 16)} as ${predicateType ?? ''}`])];
  return { valid: verdict.kind === 'valid', verdict, what: 'document', says, remarks: [...remarks, ...(keyId === null ? [] : fromFiles(keyId, keysAreGiven))] };
}

function fromFiles(keyId: string, keysAreGiven: boolean): readonly string[] {
  return keysAreGiven ? [] : [`the public key ${keyId.slice(0, 16)}… came with the files: compare it with your installation's, or name yours with --key`];
}
