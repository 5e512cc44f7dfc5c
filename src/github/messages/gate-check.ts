import type { EvidencePack } from '../../core/evidence/pack.ts';
import type { ArtifactRef } from '../../core/mission/event.ts';
import { missingApprovals } from '../../core/mission/gate-approvals.ts';
import type { GateState, Mission, PhaseState } from '../../core/mission/state.ts';
import { isoTime } from '../../kit/time.ts';
import { budgetOfPhase } from './budget-words.ts';
import type { Ink } from './ink.ts';
import { details, optional, page, paragraph, table } from './page.ts';
import type { Block } from './page.ts';
import { whoMayApprove } from './rules.ts';
import { sentence } from './sentence.ts';
import { count, short, someOf } from './words.ts';

/** What a check run shows. */
export interface CheckOutput {
  readonly title: string;
  readonly summary: string;
  /** Empty when there is nothing more to say. */
  readonly text: string;
}

export interface GateCheckInput {
  readonly mission: Mission;
  readonly phase: PhaseState;
  readonly pack: EvidencePack | null;
  /** Texts of the artifacts that could be read, by digest. */
  readonly excerpts: ReadonlyMap<string, string>;
  readonly ledgerHead: string;
}

/** A gate's check run: the verdict, what is missing, who can unblock it and what to type; then the evidence. */
export function gateCheck(ink: Ink, input: GateCheckInput): CheckOutput {
  const { mission, phase } = input;
  const { gate } = phase;
  const summary = page([
    paragraph(verdict(ink, input)),
    table(['rule', 'expected', 'measured', ''], gate.lines.map((line) => [ink.code(line.rule), ink.plain(line.expected, 80), ink.plain(line.measured, 80), line.passed ? '✅' : `❌ ${ink.plain(line.reason ?? '', 200)}`]), (left) => `… and ${count(left, 'more rule')}.`),
    ...approvals(ink, gate),
    optional(budgetOfPhase(ink, mission, phase.id)),
    optional(fingerprints(ink, input)),
  ]);
  return { title: gateTitle(ink, mission, phase), summary, text: page(evidence(ink, input)) };
}

function gateTitle(ink: Ink, mission: Mission, { gate, id }: PhaseState): string {
  switch (gate.status) {
    case 'open':
      return gate.approvals.length === 0 ? 'Open: the rubric passed' : ink.title(`Open: approved by ${someOf(gate.approvals.map((approval) => approval.by.login), 3)}`, 180);
    case 'awaiting':
      return `Waits for ${count(missingApprovals(mission, id), 'approval')}: /approve-gate ${id}`;
    case 'failed':
      return ink.title(`Shut: ${gate.reason ?? 'the rubric was not met'}`, 180);
    case 'rejected':
      return `Rejected by ${ink.title(gate.rejectedBy?.login ?? 'somebody', 60)}`;
    default:
      return 'Being examined';
  }
}

function verdict(ink: Ink, { mission, phase }: GateCheckInput): string {
  const { gate } = phase;
  const head = gate.head === null ? '' : ` ${short(gate.head)}`;
  if (mission.status === 'cancelled' && gate.status !== 'open') return 'The mission was cancelled; this gate stays shut.';
  switch (gate.status) {
    case 'open':
      return `**The gate is open.** ${gate.approvals.length === 0 ? 'Its rubric asked for no approval.' : 'Rubric and approvals are complete.'}`;
    case 'awaiting': {
      const missing = missingApprovals(mission, phase.id);
      const lines = [
        `**The rubric passed. ${count(missing, 'approval')} missing.**`,
        '',
        `**Who can unblock it:** ${whoMayApprove(ink, mission, phase.id)}`,
        '',
        `**How:** comment ${ink.code(`/approve-gate ${phase.id}${head}`)} on the issue or the pull request, approve the pull request in a review, or press **Approve gate** above. To say no: ${ink.code(`/reject-gate ${phase.id} <reason>`)}.`,
      ];
      if (gate.voided !== null) lines.push('', `Earlier approvals no longer count: ${ink.plain(gate.voided, 300)}.`);
      return lines.join('\n');
    }
    case 'failed':
      return [
        `**The gate is shut:** ${ink.plain(gate.reason ?? 'the rubric was not met', 600)}`,
        '',
        `**What to do:** have a task done again with ${ink.code('/retry <task>')}, or push a repair to the trunk; I examine it again by myself. ${ink.code(`/retry ${phase.id}`)} or **Examine again** examines the same commit once more.`,
      ].join('\n');
    case 'rejected':
      return [
        `**Rejected by ${ink.code(gate.rejectedBy?.login ?? 'somebody')}:** ${ink.plain(gate.reason ?? '', 600)}`,
        '',
        `**What to do:** have a task done again with ${ink.code('/retry <task>')}, or push a repair to the trunk. ${ink.code(`/retry ${phase.id}`)} or **Examine again** asks for a new decision on the same commit.`,
      ].join('\n');
    default:
      if (gate.held !== undefined && gate.retryAt === null) return `The gate is examined again, because ${ink.plain(gate.held.reason, 200)}. ${count(gate.held.approvals.length, 'approval')} given before ${gate.held.approvals.length === 1 ? 'is' : 'are'} held until then: kept if the change is the same, void if it is not.`;
      return gate.retryAt === null ? 'The guards of this phase are at work.' : `The guards could not finish (${ink.plain(gate.reason ?? 'no reason given', 300)}); they start again by themselves.`;
  }
}

function approvals(ink: Ink, gate: GateState): readonly Block[] {
  const rows = gate.approvals.map((approval) => [ink.code(approval.by.login), ink.plain(approval.role, 40), approval.via, isoTime(approval.at), ink.code(short(approval.head))]);
  return [table(['approved by', 'role', 'by', 'at', 'commit'], rows, (left) => `… and ${count(left, 'more approval')}.`)];
}

function fingerprints(ink: Ink, { phase, ledgerHead }: GateCheckInput): string {
  const { gate } = phase;
  const parts = [`round ${gate.round}`];
  if (gate.head !== null) parts.push(`commit ${ink.code(gate.head)}`);
  if (gate.evidenceDigest !== null) parts.push(`evidence ${ink.code(gate.evidenceDigest)}`);
  if (gate.policyDigest !== null) parts.push(`policy ${ink.code(gate.policyDigest)}`);
  parts.push(`ledger ${ink.code(ledgerHead)}`);
  return `<sub>${parts.join(' · ')}</sub>`;
}

function evidence(ink: Ink, { pack, phase, excerpts }: GateCheckInput): readonly Block[] {
  if (pack === null) return [];
  const tasks = pack.tasks.map((task) => [
    ink.code(task.id),
    task.status === 'done' ? (task.doneBy === null ? '✅ done' : `✅ done by ${ink.code(task.doneBy)}`) : ink.plain(task.status, 20),
    sentence(ink, task.summary || '–', 160),
    task.commit === null ? '–' : ink.code(short(task.commit)),
    ink.plain(task.producer ?? '–', 60),
  ]);
  const reports = pack.guardReports.map((report) => [ink.code(report.guard), report.passed ? '✅' : '❌', sentence(ink, report.summary, 200)]);
  const metrics = Object.entries(pack.metrics).map(([name, value]) => [ink.code(name), String(value)]);
  const all = [...pack.guardReports.flatMap((report) => report.artifacts.map((artifact) => ({ of: report.guard, artifact }))), ...pack.tasks.flatMap((task) => task.artifacts.map((artifact) => ({ of: task.id, artifact })))];
  // The diff of a phase with one change is the diff of its task: one of them is enough.
  const artifacts = all.filter(({ artifact }, index) => all.findIndex((other) => other.artifact.digest === artifact.digest) === index);
  return [
    paragraph(`### Evidence of ${ink.code(phase.id)}, round ${pack.round}`),
    table(['task', 'state', 'summary', 'commit', 'done with'], tasks, (left) => `… and ${count(left, 'more task')}; the evidence pack has them all.`),
    table(['guard', '', 'report'], reports, (left) => `… and ${count(left, 'more guard')}.`),
    ...(metrics.length === 0 ? [] : [details(count(metrics.length, 'metric'), (budget) => table(['metric', 'value'], metrics, (left) => `… and ${count(left, 'more metric')}.`).render(budget))]),
    ...artifacts.map(({ of, artifact }) => artifactBlock(ink, of, artifact, excerpts)),
  ];
}

/** An excerpt of an artifact, folded; the digest says which text it is taken from. */
export function artifactBlock(ink: Ink, of: string, artifact: ArtifactRef, excerpts: ReadonlyMap<string, string>): Block {
  const name = `${ink.plain(of, 60)}: ${ink.plain(artifact.name, 80)} (${count(artifact.bytes, 'byte')}, sha256 ${short(artifact.digest)})`;
  const text = excerpts.get(artifact.digest);
  return text === undefined ? optional(`- ${name}`) : details(name, (budget) => ink.fence(text, budget, 'tail'));
}
