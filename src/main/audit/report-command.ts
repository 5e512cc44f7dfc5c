import { writeFileSync } from 'node:fs';

import { Auditor } from '../../core/ledger/audit.ts';
import { verifyChain } from '../../core/ledger/chain.ts';
import { verifyMission } from '../../core/ledger/verify.ts';
import { fileLines } from '../file-lines.ts';
import { NoMissionFolder } from '../mission-files.ts';
import { filesToVerify, WrongCall } from '../verify-folder.ts';
import type { AuditReport } from './report.ts';
import { AuditUsageError, ledgerFile, withMissionFiles } from './ledger-source.ts';
import { auditHtml } from './report-html.ts';
import { auditText } from './report-text.ts';

export interface AuditReportOptions {
  readonly mission?: string;
  readonly format: string;
  readonly out?: string;
  readonly key: readonly string[];
  readonly anchor: readonly string[];
}

/** `missiongate audit report`: 0 written and valid, 1 written but not valid, 2 called wrongly. */
export async function auditReport(path: string | undefined, options: AuditReportOptions): Promise<number> {
  const write = writers[options.format];
  try {
    if (write === undefined) throw new AuditUsageError(`--format: found "${options.format}", expected ${Object.keys(writers).join(', ')}`);
    const report = await withMissionFiles(path, options.mission, (place) => reportOf(place, options));
    if (report === null) return 1;
    const text = write(report);
    if (options.out === undefined) process.stdout.write(text);
    else writeFileSync(options.out, text);
    return report.verification.valid ? 0 : 1;
  } catch (error) {
    if (!(error instanceof AuditUsageError || error instanceof NoMissionFolder || error instanceof WrongCall)) throw error;
    console.error(`missiongate audit report: ${error.message}`);
    return 2;
  }
}

function reportOf(place: string, options: AuditReportOptions): AuditReport {
  const verification = verifyMission(filesToVerify(place, options));
  const auditor = new Auditor();
  let understood = true;
  // What the ledger tells is shown as far as its chain holds, and as far as it can be understood.
  verifyChain(fileLines(ledgerFile(place)), (entry) => {
    if (!understood) return;
    try {
      auditor.see(entry);
    } catch {
      understood = false;
    }
  });
  return { audit: auditor.finish(), verification, anchors: options.anchor };
}

const writers: { readonly [format: string]: (report: AuditReport) => string } = {
  text: auditText,
  html: auditHtml,
  json: (report) => `${JSON.stringify({ schema: 'schema.audit.report.v1', ...report }, null, 2)}\n`,
};
