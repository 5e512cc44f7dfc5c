import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Statement } from '../ledger/statement.ts';
import type { Dossier } from './dossier.ts';

/** Where a dossier lies beside the ledger it was made from. */
export const dossierFile = 'dossier.json';
/** Its signature. */
export const dossierEnvelopeFile = 'dossier.dsse.json';

export const dossierPredicateType = 'https://missiongate.dev/attestation/release-dossier/v1';

/** SHA-256 of the dossier's canonical form, and so of `dossier.json`. */
export function dossierDigest(dossier: Dossier): string {
  return digest(dossier as unknown as Json);
}

/** A dossier as a statement about its file, the ledger it was made from, and the commit that was merged or would be; the dossier itself is the predicate. */
export function dossierStatement(dossier: Dossier): Statement {
  const commit = dossier.code.merged?.commit ?? dossier.code.head;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: dossierFile, digest: { sha256: dossierDigest(dossier) } },
      { name: `ledger.jsonl#${dossier.signatures.entries}`, digest: { sha256: dossier.signatures.head } },
      ...(commit === '' ? [] : [{ name: 'commit', digest: { gitCommit: commit } }]),
    ],
    predicateType: dossierPredicateType,
    predicate: { at: dossier.at, dossier } as unknown as Json,
  };
}

/** The dossier in a JSON value; null for anything else. Only what a reader of it relies on is looked at. */
export function readDossier(value: unknown): Dossier | null {
  if (!isJsonObject(value) || value.schema !== 'schema.release.dossier.v1') return null;
  const { mission, signatures, code } = value;
  const holds = typeof value.at === 'string' && isJsonObject(mission) && typeof mission.id === 'string' && typeof mission.status === 'string' && isJsonObject(code) && isJsonObject(signatures) && typeof signatures.head === 'string' && typeof signatures.entries === 'number' && isVerification(signatures.verification);
  return holds ? (value as unknown as Dossier) : null;
}

function isVerification(value: Json | undefined): boolean {
  return isJsonObject(value) && typeof value.verdict === 'string' && Array.isArray(value.faults);
}
