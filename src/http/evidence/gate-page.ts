import type { EvidencePack } from '../../core/evidence/pack.ts';
import type { ArtifactRef, Finding } from '../../core/mission/event.ts';
import type { EvidenceLinks } from '../../engine/evidence-links.ts';
import { encodePath, html, Html } from '../../kit/html.ts';
import { sharesBar } from './bars.ts';
import { decisionsTable } from './decisions.ts';
import type { GateReading } from './read-gate.ts';
import { style } from './style.ts';
import { mark, stateWords, verdictTable } from './verdict-view.ts';

export interface PageParts {
  readonly links: EvidenceLinks;
  readonly webUrl: string;
}

/** Everything a gate's round was judged by, and who decided what: complete, printable, without a script. */
export function gatePage(reading: GateReading, { links, webUrl }: PageParts): Html {
  const { mission, phase, round, pack } = reading;
  const { owner, name } = mission.source.repository;
  const repository = `${webUrl}/${encodePath(`${owner}/${name}`)}`;
  const title = `gate/${phase.id} · round ${round}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${title} · ${mission.plan.name}</title><style>${new Html(style)}</style></head><body><main>
<p class="crumbs"><a href="${repository}">${owner}/${name}</a> / <a href="${repository}/issues/${mission.source.issue.number}">#${mission.source.issue.number}</a> ${mission.plan.name}${mission.pull !== null && html` / <a href="${repository}/pull/${mission.pull.number}">pull request #${mission.pull.number}</a>`}</p>
<h1>Gate <code>${phase.id}</code> <span class="dim">round ${round}</span></h1>
${statement(reading, links)}
${reading.verdict !== null && html`<h2>Why</h2>${verdictTable(reading.verdict)}`}
${pack !== null && charts(pack)}
<h2>What happened</h2>${decisionsTable(reading.events)}
${pack !== null && evidence(reading, pack, links, repository)}
${fingerprints(reading, links, repository)}
<footer>Made by Missiongate from its ledger. Whoever has this address can read this page; pass it on with care.</footer>
</main></body></html>`;
}

function statement({ mission, phase, round, isPresent, verdict, pack }: GateReading, links: EvidenceLinks): Html {
  const present = links.path({ kind: 'gate', missionId: mission.missionId, phase: phase.id, round: phase.gate.round });
  const earlier = isPresent ? null : html`<p class="note">This is an earlier round: the work has changed since. <a href="${present}">Round ${phase.gate.round} is the present one.</a></p>`;
  if (verdict === null) return html`${earlier}<p>Round ${round} ended before it was judged.</p>`;
  const head = pack?.head ?? phase.gate.head ?? '';
  const todo = isPresent ? whatToType(verdict.state, phase.id, head) : null;
  return html`${earlier}<div class="verdict ${verdict.state}"><strong>${mark(verdict.state)} ${stateWords[verdict.state]}</strong>${verdict.reason !== null && html`<p>${verdict.reason}</p>`}${todo}</div>`;
}

function whatToType(state: string, phase: string, head: string): Html | null {
  const where = html`on the issue or the pull request`;
  if (state === 'waiting') return html`<p>To approve, comment <code>/approve-gate ${phase} ${head.slice(0, 12)}</code> ${where}; to say no, <code>/reject-gate ${phase} &lt;reason&gt;</code>.</p>`;
  if (state === 'failed') return html`<p>To have a task done again, comment <code>/retry &lt;task&gt;</code> ${where}; <code>/retry ${phase}</code> examines the gate once more.</p>`;
  return null;
}

function charts({ metrics }: EvidencePack): Html | null {
  const value = (name: string): number => metrics[name] ?? 0;
  const tests = sharesBar('Tests', [
    { kind: 'good', value: value('tests_passed'), name: 'passed' },
    { kind: 'bad', value: value('tests_failed'), name: 'failed' },
    { kind: 'skip', value: value('tests_skipped'), name: 'skipped' },
  ]);
  const coverage = metrics['coverage'];
  const percent = coverage === undefined ? null : Math.round(Math.min(1, Math.max(0, coverage)) * 1000) / 10;
  const covered = percent === null ? null : sharesBar('Coverage (%)', [{ kind: 'good', value: percent, name: 'covered' }, { kind: 'skip', value: Math.round((100 - percent) * 10) / 10, name: 'not covered' }]);
  return tests === null && covered === null ? null : html`<div class="charts">${tests}${covered}</div>`;
}

function evidence({ mission, findings }: GateReading, pack: EvidencePack, links: EvidenceLinks, repository: string): Html {
  const link = (artifact: ArtifactRef): Html => html`<a href="${links.path({ kind: 'artifact', missionId: mission.missionId, digest: artifact.digest })}">${artifact.name}</a> <span class="dim small">${artifact.bytes.toLocaleString('en')} B</span>`;
  const list = (artifacts: readonly ArtifactRef[]): Html => html`${artifacts.map((artifact, index) => html`${index > 0 && html`<br>`}${link(artifact)}`)}`;
  const metrics = Object.entries(pack.metrics);
  return html`<h2>Tasks</h2><table><thead><tr><th>task</th><th>state</th><th>summary</th><th>commit</th><th>done with</th><th>artifacts</th></tr></thead><tbody>${pack.tasks.map(
    (task) => html`<tr><td><code>${task.id}</code></td><td>${task.status}${task.doneBy !== null && html` by ${task.doneBy}`}</td><td>${task.summary}</td><td>${task.commit !== null && html`<a href="${repository}/commit/${task.commit}"><code>${task.commit.slice(0, 12)}</code></a>`}</td><td>${task.producer}</td><td>${list(task.artifacts)}</td></tr>`,
  )}</tbody></table>
<h2>Guards</h2><table><thead><tr><th></th><th>guard</th><th>report</th><th>artifacts</th></tr></thead><tbody>${pack.guardReports.map(
    (report) => html`<tr><td class="mark">${mark(report.passed ? 'passed' : 'failed')}</td><td><code>${report.guard}</code></td><td>${report.summary}</td><td>${list(report.artifacts)}</td></tr>`,
  )}</tbody></table>
${findings.length > 0 && findingsTable(findings, repository, pack.head)}
${metrics.length > 0 && html`<h2>Measured</h2><table><tbody>${metrics.map(([name, value]) => html`<tr><td><code>${name}</code></td><td class="num">${value.toLocaleString('en', { maximumFractionDigits: 6 })}</td></tr>`)}</tbody></table>`}`;
}

const levels = { error: 'failed', warning: 'waived', note: 'pending' } as const;
const order: readonly Finding['level'][] = ['error', 'warning', 'note'];

function findingsTable(findings: readonly Finding[], repository: string, head: string): Html {
  const sorted = order.flatMap((level) => findings.filter((finding) => finding.level === level));
  return html`<h2>Findings <span class="dim">${findings.length.toLocaleString('en')}</span></h2><table><thead><tr><th>level</th><th>rule</th><th>finding</th><th>where</th></tr></thead><tbody>${sorted.map(
    ({ level, rule, message, path, line }) => html`<tr><td class="${levels[level]}-ink">${level}</td><td><code>${rule}</code></td><td>${message}</td><td>${path !== null && html`<a href="${repository}/blob/${head}/${encodePath(path)}${line !== null && html`#L${line}`}"><code>${path}${line !== null && html`:${line}`}</code></a>`}</td></tr>`,
  )}</tbody></table>`;
}

function fingerprints({ mission, phase, round, pack, digest, policyDigest, ledgerHead }: GateReading, links: EvidenceLinks, repository: string): Html {
  const head = pack?.head ?? phase.gate.head;
  const download = pack === null ? null : html`<dt>download</dt><dd><a href="${links.path({ kind: 'gate', missionId: mission.missionId, phase: phase.id, round, as: 'json' })}">evidence pack (JSON)</a>: its SHA-256 is the digest of the evidence</dd>`;
  const evidenceLine = digest === null ? null : html`<dt>evidence</dt><dd><code>${digest.recorded}</code> ${digest.now === digest.recorded ? html`<span class="passed-ink">✓ the pack as it is kept has this digest</span>` : html`<strong class="failed-ink">✗ the pack as it is kept has another digest: ${digest.now}</strong>`}</dd>`;
  return html`<h2>Fingerprints</h2><dl><dt>mission</dt><dd><code>${mission.missionId}</code></dd>${head !== null && html`<dt>commit</dt><dd><a href="${repository}/commit/${head}"><code>${head}</code></a></dd>`}${evidenceLine}${policyDigest !== null && html`<dt>policy</dt><dd><code>${policyDigest}</code></dd>`}<dt>plan</dt><dd><code>${mission.plan.planHash}</code></dd><dt>ledger now</dt><dd><code>${ledgerHead}</code></dd>${download}</dl>`;
}
