import type { DecisionRecord } from '../../core/ledger/decision-record.ts';
import type { AuditEntry } from '../../core/ledger/audit.ts';
import { wayWords } from '../../core/mission/evidence.ts';
import type { VerificationReport } from '../../core/ledger/verify.ts';
import { eventLine } from '../local/event-line.ts';
import { plain } from '../local/paint.ts';

/** What happened, in a sentence; null for what only accompanies other things. */
export function entryWords({ body }: AuditEntry): string | null {
  switch (body.type) {
    case 'mission.queued':
      return `queued by ${plain(body.by.login)}`;
    case 'mission.completed':
      return 'the mission is complete';
    case 'mission.failed':
      return `the mission failed: ${plain(body.reason)}`;
    case 'mission.refused':
      return `the mission was refused: ${plain(body.reason)}`;
    case 'pull.opened':
      return `pull request #${body.number} opened`;
    case 'pull.merged':
      return `pull request merged by ${plain(body.by.login)}${body.commit === null ? '' : ` as ${body.commit.slice(0, 12)}`}`;
    case 'pull.closed':
      return `pull request closed by ${plain(body.by.login)} without merging`;
    case 'approval.given':
      return `${body.task}: approved by ${plain(body.by.login)}`;
    case 'approval.refused':
      return `${body.task}: refused by ${plain(body.by.login)}: ${plain(body.reason)}`;
    case 'budget.raised':
      return `the budget of ${body.scope.replace('/', ' ')} was raised by ${plain(body.by.login)}`;
    case 'ledger.sealed':
      return `sealed up to entry ${body.size} by key ${body.keyId.slice(0, 16)}`;
    case 'answer.given':
      return body.accepted ? null : `${plain(body.to.login)} was refused: ${body.answer.code}`;
    default:
      return eventLine(body)?.text ?? null;
  }
}

/** Who decided what, in a few words. */
export function decisionWords({ decision, phase, task }: DecisionRecord): string {
  const [, verb = decision] = decision.split('.');
  const about = phase !== null ? `gate ${phase}` : task !== null ? `task ${task}` : 'mission';
  return `${about} ${verb.replaceAll('-', ' ')}`;
}

export function actorWords({ actor, facts }: DecisionRecord): string {
  if (actor === null) return 'by rule';
  const role = typeof facts.role === 'string' ? ` (${facts.role})` : '';
  const via = typeof facts.via === 'string' ? `, ${wayWords(facts.via)}` : '';
  return `${plain(actor.login)}${role}${via}`;
}

/** What a decision rests on: digests, shortened as a gate check shows them. */
export function groundsWords({ facts }: DecisionRecord): string {
  const parts = [
    ['commit', facts.head],
    ['evidence', facts.evidenceDigest],
    ['policy', facts.policyDigest],
  ] as const;
  return parts.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [`${name} ${value.slice(0, 12)}`] : [])).join(' · ');
}

export function verdictWords({ verdict }: VerificationReport): string {
  if (verdict.kind === 'valid') return 'valid';
  return `${verdict.kind}${verdict.entry === null ? '' : ` at entry ${verdict.entry}`}`;
}

export function timeWords(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

export function spentWords(spent: { readonly tokens?: number; readonly usd?: number; readonly minutes: number }): string {
  return [`${spent.minutes} minutes of work`, ...(spent.tokens ? [`${spent.tokens} tokens`] : []), ...(spent.usd ? [`${spent.usd.toFixed(2)} USD`] : [])].join(', ');
}
