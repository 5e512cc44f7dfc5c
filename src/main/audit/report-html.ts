import type { DecisionRecord } from '../../core/ledger/decision-record.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { reportStyle } from './report-style.ts';
import type { AuditReport } from './report.ts';
import { timelineSvg } from './timeline-svg.ts';
import { actorWords, decisionWords, entryWords, groundsWords, spentWords, timeWords, verdictWords } from './words.ts';

/** The report as one page: no scripts, nothing loaded from elsewhere, made to be printed. */
export function auditHtml(report: AuditReport): string {
  const { audit } = report;
  const { source } = audit;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of ${audit.name}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<p class="kicker">Missiongate audit report</p>
<h1>${audit.name}</h1>
<p class="where">${source === null ? '' : html`${source.repository.owner}/${source.repository.name} · issue #${source.issue.number}: ${source.issue.title}`}</p>
</header>
${verification(report)}
<dl class="facts">
${fact('Mission', audit.mission)}
${fact('Status', audit.status)}
${fact('Asked for by', audit.requestedBy?.login ?? '–')}
${fact('From', audit.from === null ? '–' : timeWords(audit.from))}
${fact('To', audit.to === null ? '–' : timeWords(audit.to))}
${fact('Used up', spentWords(audit.spent))}
</dl>
<section><h2>In time</h2>${timelineSvg(audit)}
<p class="counts">${Object.entries(audit.counts).map(([kind, count]) => html`<span class="kind ${kind}">${count} ${kind}</span> `)}</p></section>
<section><h2>Gates</h2>${gates(report)}</section>
<section><h2>Decisions</h2>${audit.decisions.map(decision)}</section>
<section><h2>Waivers</h2>${audit.waivers.length === 0 ? html`<p>None.</p>` : audit.waivers.map(decision)}</section>
<section><h2>Signatures</h2>${signatures(report)}</section>
<section class="entries"><h2>What happened</h2>${entries(report)}</section>
</body>
</html>
`;
  return page.text;
}

function verification({ verification: found, anchors }: AuditReport): Html {
  const faults = found.faults.length === 0 ? null : html`<ul>${found.faults.map((one) => html`<li>${one}</li>`)}</ul>`;
  const remarks = found.remarks.length === 0 ? null : html`<ul class="remarks">${found.remarks.map((one) => html`<li>${one}</li>`)}</ul>`;
  return html`<section class="verdict ${found.valid ? 'good' : 'bad'}">
<p><strong>${found.valid ? '✔ The ledger is valid' : `✖ The ledger is not valid: ${verdictWords(found)}`}</strong></p>
<p>${found.entries} entries · ${found.signatures.filter(({ good }) => good).length} good signatures · ${found.statements} signed statements · ${found.packs} evidence packs · ${found.artifacts} artifacts · ${anchors.length === 0 ? 'no anchor was given' : `held against ${anchors.join(', ')}`}</p>
<p>Head <code>${found.entries}:${found.head}</code></p>
${faults}${remarks}
</section>`;
}

function fact(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function gates({ audit }: AuditReport): Html {
  return html`<table><thead><tr><th>Phase</th><th>Status</th><th>Gate</th><th>Round</th><th>Approved by</th><th>Evidence</th></tr></thead><tbody>
${audit.phases.map(({ id, status, gate }) => html`<tr><td>${id}</td><td>${status}</td>${gate === null ? html`<td colspan="4">no gate</td>` : html`<td><span class="state ${gate.status}">${gate.status}</span></td><td>${gate.round}</td><td>${gate.approvals.join(', ') || '–'}</td><td><code>${gate.evidence?.slice(0, 24) ?? '–'}</code></td>`}</tr>`)}
</tbody></table>`;
}

function decision(record: DecisionRecord): Html {
  const grounds = groundsWords(record);
  return html`<article class="decision">
<p><strong>${decisionWords(record)}</strong> — ${actorWords(record)} <span class="when">${timeWords(record.entry.at)} · entry ${record.entry.seq}</span></p>
${record.reason === null || record.reason === '' ? null : html`<p class="reason">${record.reason}</p>`}
${grounds === '' ? null : html`<p class="grounds">${grounds}</p>`}
${record.verdict === null ? null : tree(record.verdict)}
<p class="outcome">Afterwards: ${record.outcome}</p>
</article>`;
}

const marks: { readonly [state in Verdict['state']]: string } = { passed: '✔', failed: '✖', waived: '⚐', waiting: '…', pending: '…' };

function tree({ name, state, expected, measured, reason, children }: Verdict): Html {
  const told = [measured === null ? null : `measured ${measured}`, expected === null ? null : `expected ${expected}`, reason].filter((part) => part !== null).join(', ');
  return html`<ul class="tree"><li><span class="state ${state}">${marks[state]} ${name}</span>${told === '' ? null : html` <span class="told">${told}</span>`}${children.map(tree)}</li></ul>`;
}

function signatures({ verification: { signatures: all } }: AuditReport): Html {
  if (all.length === 0) return html`<p>Nothing is signed.</p>`;
  return html`<table><thead><tr><th></th><th>Where</th><th>Up to entry</th><th>Time</th><th>Key</th></tr></thead><tbody>
${all.map(({ place, size, keyId, at, good }) => html`<tr><td>${good ? '✔' : '✖'}</td><td>${place}</td><td>${size}</td><td>${timeWords(at)}</td><td><code>${keyId.slice(0, 24)}</code></td></tr>`)}
</tbody></table>`;
}

function entries({ audit }: AuditReport): Html {
  const told = audit.entries.flatMap((entry) => {
    const words = entryWords(entry);
    return words === null ? [] : [html`<tr><td>${entry.seq}</td><td>${timeWords(entry.at)}</td><td><span class="kind ${entry.kind}">${entry.kind}</span></td><td>${words}</td></tr>`];
  });
  return html`<table><thead><tr><th>Entry</th><th>Time</th><th>Kind</th><th>What</th></tr></thead><tbody>${told}</tbody></table>
<p class="counts">${audit.entries.length - told.length} entries that only accompany these are left out; <code>missiongate audit export</code> shows all.</p>`;
}
