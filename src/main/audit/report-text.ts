import { counted, plain } from '../local/paint.ts';
import type { AuditReport } from './report.ts';
import { actorWords, decisionWords, entryWords, groundsWords, spentWords, timeWords, verdictWords } from './words.ts';

/** The report for a terminal or a mail. */
export function auditText({ audit, verification, anchors }: AuditReport): string {
  const { source } = audit;
  const lines = [
    `AUDIT  ${plain(audit.name)}  (mission ${audit.mission})`,
    ...(source === null ? [] : [`  ${source.repository.owner}/${source.repository.name}, issue #${source.issue.number}: ${plain(source.issue.title)}`]),
    `  ${audit.status}; asked for by ${plain(audit.requestedBy?.login ?? 'nobody')}; ${audit.from === null ? '' : `${timeWords(audit.from)} … ${timeWords(audit.to ?? audit.from)}`}`,
    `  ${spentWords(audit.spent)}; ${counted(audit.entries.length, 'entry', 'entries')}: ${Object.entries(audit.counts).map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
    '',
    `VERIFICATION  ${verdictWords(verification)}`,
    ...verification.faults.map((fault) => `  ${fault}`),
    `  head ${verification.entries}:${verification.head}`,
    `  ${counted(verification.signatures.filter(({ good }) => good).length, 'good signature')}, ${counted(verification.statements, 'signed statement')}, ${counted(verification.packs, 'evidence pack')}, ${counted(verification.artifacts, 'artifact')}; ${anchors.length === 0 ? 'no anchor was given' : `held against ${anchors.join(', ')}`}`,
    ...verification.remarks.map((remark) => `  note: ${remark}`),
    '',
    'DECISIONS',
    ...audit.decisions.flatMap((record) => {
      const grounds = groundsWords(record);
      return [`  ${timeWords(record.entry.at)}  ${decisionWords(record)} — ${actorWords(record)}${record.reason === null || record.reason === '' ? '' : `: ${plain(record.reason)}`}`, ...(grounds === '' ? [] : [`      on ${grounds}; entry ${record.entry.seq}`])];
    }),
    '',
    'GATES',
    ...audit.phases.map(({ id, status, gate }) => `  ${id}: ${status}${gate === null ? ', no gate' : `; gate ${gate.status} in round ${gate.round}${gate.approvals.length === 0 ? '' : `, approved by ${gate.approvals.map((login) => plain(login)).join(', ')}`}${gate.evidence === null ? '' : `, evidence ${gate.evidence.slice(0, 16)}`}`}`),
    '',
    'WAIVERS',
    ...(audit.waivers.length === 0 ? ['  none'] : audit.waivers.map((record) => `  ${timeWords(record.entry.at)}  ${decisionWords(record)} — ${actorWords(record)}: ${plain(record.reason ?? '')}`)),
    '',
    'WHAT HAPPENED',
    ...audit.entries.flatMap((entry) => {
      const words = entryWords(entry);
      return words === null ? [] : [`  ${String(entry.seq).padStart(5)}  ${timeWords(entry.at)}  ${entry.kind.padEnd(9)}  ${words}`];
    }),
  ];
  return `${lines.join('\n')}\n`;
}
