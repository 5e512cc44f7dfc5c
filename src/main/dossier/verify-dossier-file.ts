import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { dossierEnvelopeFile } from '../../core/dossier/dossier-statement.ts';
import { readDossierFile, verifyDossier } from '../../core/dossier/verify-dossier.ts';
import type { DossierReport } from '../../core/dossier/verify-dossier.ts';
import { readEnvelope } from '../../core/ledger/envelope.ts';
import type { KeyRing } from '../../core/ledger/key-ring.ts';
import { keysBeside } from '../mission-files.ts';
import { readRecord } from '../read-record.ts';
import { dossierOfFolder } from './dossier-of-folder.ts';

/**
 * What is to be said of a dossier, `dossier.json` or its envelope, with what lies beside it: envelope, keys, export. Null when the
 * file is none. `keys`: the reader's own; null for those that came along.
 */
export function verifyDossierFile(path: string, keys: KeyRing | null): DossierReport | null {
  if (!path.endsWith('.json')) return null;
  const reading = readDossierFile(readRecord(path).text);
  if (reading === null) return null;
  const folder = dirname(path);
  const beside = join(folder, dossierEnvelopeFile);
  const envelope = reading.envelope ?? (existsSync(beside) ? readEnvelope(readRecord(beside).text) : null);
  const exported = existsSync(join(folder, 'ledger.jsonl')) ? dossierOfFolder(folder) : null;
  const report = verifyDossier({ dossier: reading.dossier, isCanonical: reading.isCanonical, envelope, keys: keys ?? keysBeside(folder), remade: exported?.ok === true ? exported.dossier : null });
  if (report === null || keys !== null || report.keyId === null) return report;
  return { ...report, remarks: [...report.remarks, `the public key ${report.keyId.slice(0, 16)}… came with the files: compare it with your installation's, or name yours with --key`] };
}

export function describeDossier(report: DossierReport): readonly string[] {
  const notes = report.remarks.map((remark) => `  note: ${remark}`);
  if (report.faults.length > 0) return [`INVALID: ${report.verdict}`, ...report.faults.map((fault) => `  ${fault}`), ...notes];
  const facts = [`  dossier ${report.digest}`, `  made from ${report.entries} ledger entries up to ${report.head}, as of ${report.at}`];
  if (!report.valid) return [`UNSIGNED  dossier of mission ${report.mission}: ${report.status}`, ...facts, ...notes];
  return [`VALID  dossier of mission ${report.mission}: ${report.status}`, ...facts, ...(report.keyId === null ? [] : [`  signed by key ${report.keyId.slice(0, 16)}`]), ...notes];
}
