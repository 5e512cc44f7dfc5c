import { verifyMission } from '../core/ledger/verify.ts';
import type { VerificationReport } from '../core/ledger/verify.ts';
import { NoMissionFolder, readMissionFiles } from './mission-files.ts';

/** `missiongate verify`: 0 valid, 1 invalid with every reason, 2 called wrongly. */
export function verifyFolder(folder: string, options: { readonly head?: string; readonly format: string }): number {
  if (options.format !== 'text' && options.format !== 'json') return usage(`--format: found "${options.format}", expected text or json`);
  if (options.head !== undefined && !/^[0-9a-f]{8,64}$/.test(options.head)) return usage('--head: expected 8 to 64 hex digits, as a gate check shows them');
  try {
    const report = verifyMission(readMissionFiles(folder, options.head ?? null));
    if (options.format === 'json') console.log(JSON.stringify(report, null, 2));
    else for (const line of describe(report, options.head)) console.log(line);
    return report.valid ? 0 : 1;
  } catch (error) {
    if (error instanceof NoMissionFolder) return usage(error.message);
    throw error;
  }
}

function describe(report: VerificationReport, head: string | undefined): readonly string[] {
  if (!report.valid) return ['INVALID', ...report.faults.map((fault) => `  ${fault}`)];
  return [
    `VALID  mission ${report.mission ?? ''}: ${report.status ?? ''}, ${report.entries} ledger entries, ${report.packs} evidence packs, ${report.artifacts} artifacts`,
    ...report.gates.map((gate) => `  gate ${gate.phase} (round ${gate.round}) opened ${gate.approvedBy.length > 0 ? `by ${gate.approvedBy.join(', ')}` : 'by its rubric'} on evidence ${gate.evidence.slice(0, 16)}`),
    `  ledger head ${report.head}`,
    ...(head === undefined ? ['  compare it with the head printed in the last gate check: a chain alone cannot show that its end was cut off'] : ['  the head is the expected one']),
  ];
}

function usage(message: string): number {
  console.error(`missiongate verify: ${message}`);
  return 2;
}
