import { evidenceDigest } from '../core/evidence/pack.ts';
import { parsePack } from '../core/ledger/check-files.ts';
import { readEntryProof, verifyEntryProof } from '../core/ledger/entry-proof.ts';
import type { EntryProof } from '../core/ledger/entry-proof.ts';
import { readEnvelope, verifyEnvelope } from '../core/ledger/envelope.ts';
import type { Anchor } from '../core/ledger/anchor.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import type { Verdict } from '../core/ledger/verdict.ts';
import { sha256 } from '../kit/hash.ts';
import { isJsonObject } from '../kit/json.ts';
import { readRecord } from './read-record.ts';

/** What a single file other than a ledger was found to be. */
export interface FileReport {
  readonly valid: boolean;
  readonly verdict: Verdict;
  readonly what: 'evidence pack' | 'statement' | 'proof';
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

/** Checks an evidence pack, a signed statement, or the proof of an entry; null for a file that is none of them. */
export function verifyFile(path: string, known: FileKnowledge): FileReport | null {
  const { text, unreadable } = readRecord(path);
  if (unreadable !== undefined) return null;
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
  return readEnvelope(text) === null ? null : statementReport(path, text, known);
}

function packReport(path: string, text: string, digest: string, { anchors, keysAreGiven }: FileKnowledge): FileReport {
  const says = [`evidence pack, digest ${digest}`];
  const other = anchors.find(({ head }) => !digest.startsWith(head));
  const tampered = (message: string): FileReport => ({ valid: false, verdict: { kind: 'tampered', place: path, entry: null, message }, what: 'evidence pack', says, remarks: [] });
  // What a parser makes of it is no proof: a field that is there twice is another one for another reader.
  if (sha256(text.replace(/\n$/, '')) !== digest) return tampered('its bytes are not those of an evidence pack: it was changed or written anew after it was made');
  if (other !== undefined) return tampered(`its digest is ${digest}, ${other.place} says ${other.head}`);
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

function fromFiles(keyId: string, keysAreGiven: boolean): readonly string[] {
  return keysAreGiven ? [] : [`the public key ${keyId.slice(0, 16)}… came with the files: compare it with your installation's, or name yours with --key`];
}
