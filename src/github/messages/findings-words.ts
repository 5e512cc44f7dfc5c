import type { Finding } from '../../core/mission/event.ts';
import type { Ink } from './ink.ts';
import { details, table } from './page.ts';
import type { Block } from './page.ts';
import { count } from './words.ts';

const marks = { error: '❌', warning: '⚠️', note: 'ℹ️' } as const;
const order: readonly Finding['level'][] = ['error', 'warning', 'note'];

/** A long list of findings is read at the lines of the files, or on the evidence page. */
const maximumBytes = 16_000;

/** What guards found, errors first, folded: those with a line stand there as annotations as well. */
export function findingsBlock(ink: Ink, findings: readonly Finding[]): Block {
  const sorted = order.flatMap((level) => findings.filter((finding) => finding.level === level));
  const rows = sorted.map((finding) => [marks[finding.level], ink.code(finding.rule, 60), ink.plain(finding.message, 200), placeOf(ink, finding)]);
  return details(count(findings.length, 'finding'), (budget) => table(['', 'rule', 'finding', 'where'], rows, (left) => `… and ${count(left, 'more finding')}.`, 200).render(budget), maximumBytes);
}

function placeOf(ink: Ink, { path, line }: Finding): string {
  return path === null ? '–' : ink.code(line === null ? path : `${path}:${line}`, 120);
}
