import { wayWords } from '../../core/mission/evidence.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { isoTime } from '../../kit/time.ts';
import type { GateEvent } from './read-gate.ts';

/** What happened to the gate in its round, with the place of each entry in the ledger. */
export function decisionsTable(events: readonly GateEvent[]): Html {
  return html`<table><thead><tr><th>when</th><th>what</th><th>ledger entry</th></tr></thead><tbody>${events.map(
    (event) => html`<tr><td><time datetime="${isoTime(event.at)}">${isoTime(event.at).slice(0, 19).replace('T', ' ')} UTC</time></td><td>${words(event.body)}</td><td class="small"><code>${event.seq} · ${event.hash.slice(0, 12)}</code></td></tr>`,
  )}</tbody></table>`;
}

function words(body: GateEvent['body']): Html {
  switch (body.type) {
    case 'gate.evaluation-started':
      return html`The round began on <code>${body.head.slice(0, 12)}</code>: ${body.reason}`;
    case 'gate.evaluated':
      return html`Judged: <strong>${body.passed ? 'the rubric passed' : 'the rubric was not met'}</strong>`;
    case 'gate.evaluation-failed':
      return html`Could not be examined (${body.failure}): ${body.reason}`;
    case 'gate.approved':
      return html`<strong>${body.by.login}</strong> (${body.role}) approved ${wayWords(body.via)}, for commit <code>${body.head.slice(0, 12)}</code>, evidence <code>${body.evidenceDigest.slice(0, 12)}</code>, policy <code>${body.policyDigest.slice(0, 12)}</code>`;
    case 'gate.approvals-held':
      return html`The approvals are held: ${body.reason}`;
    case 'gate.approval-kept':
      return html`The approval of <strong>${body.by.login}</strong> for <code>${body.fromHead.slice(0, 12)}</code> is kept: the change is the same at <code>${body.head.slice(0, 12)}</code>`;
    case 'gate.approvals-voided':
      return html`The approvals no longer count: ${body.reason}`;
    case 'gate.rejected':
      return html`<strong>${body.by.login}</strong> rejected ${wayWords(body.via)}: ${body.reason}`;
    case 'gate.opened':
      return html`<strong class="passed-ink">The gate opened</strong> for <code>${body.head.slice(0, 12)}</code>`;
    default:
      return html`${body.type}`;
  }
}
