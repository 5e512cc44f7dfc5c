import type { LedgerEntry } from '../ledger/chain.ts';
import type { VerificationReport } from '../ledger/verify.ts';
import type { KeyRing } from '../ledger/key-ring.ts';
import type { PackFile } from '../ledger/check-files.ts';
import type { BomPart } from './dossier.ts';

/** What a dossier is made from: an export, and what a verification found in it. */
export interface DossierInput {
  readonly entries: Iterable<LedgerEntry>;
  readonly report: VerificationReport;
  readonly keys: KeyRing;
  /** The text of `heads.jsonl`; null where there is none. */
  readonly heads: string | null;
  readonly statements: Iterable<PackFile>;
  /** Text of an artifact by its digest; null when the export does not hold it. */
  artifact(digest: string): string | null;
  /** Reads a bill of materials; null for a text that is none. */
  bom(name: string, digest: string, text: string): BomPart | null;
}
