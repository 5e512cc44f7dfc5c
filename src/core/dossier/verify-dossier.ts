import { canonicalJson } from '../../kit/canonical-json.ts';
import type { Json } from '../../kit/json.ts';
import { isJsonObject } from '../../kit/json.ts';
import { readEnvelope, verifyEnvelope } from '../ledger/envelope.ts';
import type { Envelope } from '../ledger/envelope.ts';
import type { KeyRing } from '../ledger/key-ring.ts';
import { readStatement } from '../ledger/statement.ts';
import type { Dossier } from './dossier.ts';
import { dossierDigest, dossierPredicateType, readDossier } from './dossier-statement.ts';

/** What lies before a reader: the dossier as it is shown, and the envelope that signs it. One of them may be missing. */
export interface DossierFiles {
  readonly dossier: Dossier | null;
  /** The bytes of the dossier are those of its canonical form. */
  readonly isCanonical: boolean;
  readonly envelope: Envelope | null;
  readonly keys: KeyRing;
  /** What the export beside it gives now; null where there is none. */
  readonly remade: Dossier | null;
}

export interface DossierReport {
  readonly valid: boolean;
  /** `unsigned`: nobody vouches for it. It is valid all the same when it was made again from the export beside it. */
  readonly verdict: 'valid' | 'unsigned' | 'tampered' | 'wrong-key';
  readonly faults: readonly string[];
  readonly remarks: readonly string[];
  readonly mission: string;
  readonly status: string;
  readonly digest: string;
  readonly entries: number;
  readonly head: string;
  readonly at: string;
  /** Who signed it; null when nobody did, or not rightly. */
  readonly keyId: string | null;
}

export type DossierReading = { readonly dossier: Dossier; readonly envelope: null; readonly isCanonical: boolean } | { readonly dossier: null; readonly envelope: Envelope; readonly isCanonical: true };

/** Reads a dossier, or an envelope that holds one; null for any other text. */
export function readDossierFile(text: string): DossierReading | null {
  const envelope = readEnvelope(text);
  if (envelope !== null) return readStatement(Buffer.from(envelope.payload, 'base64'))?.predicateType === dossierPredicateType ? { dossier: null, envelope, isCanonical: true } : null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const dossier = readDossier(value);
  return dossier === null ? null : { dossier, envelope: null, isCanonical: canonicalJson(value as Json) === text.trimEnd() };
}

/** Says whether a dossier is what was signed, and by whom; null when neither file holds one. */
export function verifyDossier({ dossier: given, isCanonical, envelope, keys, remade }: DossierFiles): DossierReport | null {
  const signed = envelope === null ? null : verifyEnvelope(envelope, keys);
  const stated = envelope === null ? null : statedIn(envelope);
  const dossier = given ?? stated?.dossier ?? null;
  if (dossier === null) return null;
  const digest = dossierDigest(dossier);
  const faults: string[] = [];
  const remarks: string[] = [];
  let verdict: DossierReport['verdict'] = envelope === null ? 'unsigned' : 'valid';
  const tampered = (fault: string) => {
    faults.push(fault);
    verdict = 'tampered';
  };
  if (signed !== null && signed.kind === 'wrong-key') {
    verdict = 'wrong-key';
    faults.push(`its signature: ${signed.message}`);
  }
  if (signed?.kind === 'tampered') tampered(`its signature: ${signed.message}`);
  if (signed?.kind === 'valid' && signed.remark !== null) remarks.push(signed.remark);
  if (stated !== null && (stated.digest !== digest || stated.dossier === null || dossierDigest(stated.dossier) !== digest)) tampered('it is not the dossier that was signed');
  if (!isCanonical) tampered('its bytes are not those of a dossier: it was changed or written anew after it was made');
  const { verification, entries, head } = dossier.signatures;
  if (verification.verdict !== 'valid') tampered(`it says itself that the record it was made from does not verify: ${verification.faults[0] ?? verification.verdict}`);
  const remadeIsSame = remade !== null && dossierDigest(remade) === digest;
  if (remade !== null && !remadeIsSame) {
    const words = remade.signatures.head === head ? 'the export beside it gives another dossier' : `the export beside it is of another state of the ledger (${remade.signatures.entries} entries up to ${remade.signatures.head.slice(0, 12)})`;
    if (envelope === null && remade.signatures.head === head) tampered(`${words}, and no signature says which is right`);
    else remarks.push(words);
  }
  if (envelope === null && faults.length === 0) remarks.push(remadeIsSame ? 'it is not signed, but the export beside it gives the same dossier, byte for byte' : 'it is not signed: nobody vouches for it. Make it again from the export (missiongate dossier <folder>) and compare');
  const valid = faults.length === 0 && (envelope !== null || remadeIsSame);
  return { valid, verdict, faults, remarks, mission: dossier.mission.id, status: dossier.mission.status, digest, entries, head, at: dossier.at, keyId: signed?.kind === 'valid' ? signed.keyId : null };
}

function statedIn(envelope: Envelope): { readonly dossier: Dossier | null; readonly digest: string | null } {
  const statement = readStatement(Buffer.from(envelope.payload, 'base64'));
  if (statement === null || statement.predicateType !== dossierPredicateType) return { dossier: null, digest: null };
  return { dossier: isJsonObject(statement.predicate) ? readDossier(statement.predicate.dossier) : null, digest: statement.subject[0]?.digest.sha256 ?? null };
}
