import type { Audit } from '../../core/ledger/audit.ts';
import type { VerificationReport } from '../../core/ledger/verify.ts';

/** What a report is made of: the story that the ledger tells, and whether it can be believed. */
export interface AuditReport {
  readonly audit: Audit;
  readonly verification: VerificationReport;
  /** Anchors that the reader gave. */
  readonly anchors: readonly string[];
}
