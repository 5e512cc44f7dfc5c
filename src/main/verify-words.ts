import type { FileReport } from './verify-file.ts';
import type { VerificationReport } from '../core/ledger/verify.ts';

/** What a verification found, for people: the verdict first, then every reason, then what else they should know. */
export function describeVerification(report: VerificationReport, known: { readonly head?: string; readonly anchor: readonly string[] }): readonly string[] {
  const remarks = report.remarks.map((remark) => `  note: ${remark}`);
  if (report.verdict.kind !== 'valid') return [...verdictLines(report), ...report.faults.map((fault) => `  ${fault}`), ...proofLines(report), ...remarks];
  const anchored = known.head !== undefined || known.anchor.length > 0;
  return [
    `VALID  mission ${report.mission ?? ''}: ${report.status ?? ''}, ${report.entries} ledger entries, ${report.packs} evidence packs, ${report.artifacts} artifacts${report.statements === 0 ? '' : `, ${report.statements} signed statements`}`,
    ...report.gates.map((gate) => `  gate ${gate.phase} (round ${gate.round}) opened ${gate.approvedBy.length > 0 ? `by ${gate.approvedBy.join(', ')}` : 'by its rubric'} on evidence ${gate.evidence.slice(0, 16)}`),
    `  ledger head ${report.entries}:${report.head}`,
    ...signatureLines(report),
    anchored ? '  it is the ledger that was anchored' : '  compare it with an anchor (the last gate check, the tag in the repository): only that shows what the owner of the key might have rewritten',
    ...remarks,
  ];
}

function verdictLines({ verdict }: VerificationReport): readonly string[] {
  if (verdict.kind === 'valid') return [];
  const where = verdict.entry === null ? '' : ` at entry ${verdict.entry}`;
  return [`INVALID: ${verdict.kind}${where}`];
}

function signatureLines({ signatures }: VerificationReport): readonly string[] {
  const byKey = new Map<string, { count: number; size: number }>();
  for (const { keyId, size, good } of signatures) {
    if (!good) continue;
    const sofar = byKey.get(keyId) ?? { count: 0, size: 0 };
    byKey.set(keyId, { count: sofar.count + 1, size: Math.max(sofar.size, size) });
  }
  return [...byKey].map(([keyId, { count, size }]) => `  signed by key ${keyId.slice(0, 16)} up to entry ${size} (${count} ${count === 1 ? 'signature' : 'signatures'})`);
}

/** Two heads that contradict each other convince anybody who has the public key: they are shown whole. */
function proofLines({ verdict }: VerificationReport): readonly string[] {
  if (verdict.kind === 'valid' || verdict.proof === undefined) return [];
  const [ours, other] = verdict.proof;
  const words = ours.size === other.size ? 'these two signed heads cannot both be true; whoever has the public key can see that' : 'the first of these signed heads is of this ledger, which the second contradicts; whoever has the public key and this ledger can see that';
  return [`  ${words}:`, ...verdict.proof.map((head) => `    ${JSON.stringify(head)}`)];
}

/** The same for a single file that is no ledger. */
export function describeFile({ verdict, says, remarks }: FileReport): readonly string[] {
  const notes = remarks.map((remark) => `  note: ${remark}`);
  if (verdict.kind !== 'valid') return [`INVALID: ${verdict.kind}`, `  ${verdict.place}: ${verdict.message}`, ...says.map((line) => `  ${line}`), ...notes];
  const [first = '', ...rest] = says;
  return [`VALID  ${first}`, ...rest.map((line) => `  ${line}`), ...notes];
}
