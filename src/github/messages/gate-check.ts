import type { EvidencePack } from '../../core/evidence/pack.ts';
import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import type { SignedHead } from '../../core/ledger/signed-head.ts';
import { findingsMediaType } from '../../core/mission/evidence.ts';
import type { ArtifactRef, Finding } from '../../core/mission/event.ts';
import type { GateState, Mission, PhaseState } from '../../core/mission/state.ts';
import { isoTime } from '../../kit/time.ts';
import { budgetOfPhase } from './budget-words.ts';
import { gateStatement, gateTitle } from './gate-words.ts';
import type { Ink } from './ink.ts';
import { findingsBlock } from './findings-words.ts';
import { ledgerWords } from './ledger-words.ts';
import { details, optional, page, paragraph, table } from './page.ts';
import type { Block } from './page.ts';
import { sentence } from './sentence.ts';
import { verdictTree } from './verdict-tree.ts';
import { waiverSentences } from './waiver-words.ts';
import { count, short } from './words.ts';

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
  /** What the guards found, as far as it was kept. */
  readonly findings?: readonly Finding[];
  /** Addresses of the evidence page and of the pack itself; null when people cannot reach this server. */
  readonly page?: { readonly page: string; readonly pack: string } | null;
  readonly ledgerHead: string;
  /** Null where the installation has no key. */
  readonly signedHead?: SignedHead | null;
}

/** A gate's check run: the verdict, what is missing, who can unblock it and what to type; the tree of reasons; then the evidence. */
export function gateCheck(ink: Ink, input: GateCheckInput): CheckOutput {
  const { mission, phase } = input;
  const verdict = gateVerdict(mission, phase.id);
  const summary = page([
    paragraph(gateStatement(ink, mission, phase)),
    ...waiverSentences(ink, mission, phase).map(optional),
    ...(verdict === null ? [] : [verdictTree(ink, verdict)]),
    optional(budgetOfPhase(ink, mission, phase.id)),
    ...whereToRead(ink, input),
    paragraph(fingerprints(ink, input)),
  ]);
  return { title: gateTitle(ink, mission, phase), summary, text: page(evidence(ink, input)) };
}

function approvals(ink: Ink, gate: GateState): readonly Block[] {
  const rows = gate.approvals.map((approval) => [ink.code(approval.by.login), ink.plain(approval.role, 40), approval.via, isoTime(approval.at), ink.code(short(approval.head))]);
  return [table(['approved by', 'role', 'by', 'at', 'commit'], rows, (left) => `… and ${count(left, 'more approval')}.`)];
}

/** The whole evidence is never cut to fit a check: it is one link away, or in the database under its digest. */
function whereToRead(ink: Ink, { mission, phase: { gate }, page: link }: GateCheckInput): readonly Block[] {
  if (gate.evidenceDigest === null) return [];
  if (link) return [paragraph(`**All the evidence:** [evidence page](${link.page}) · [evidence pack (JSON)](${link.pack}). Both stay when GitHub has deleted this check.`)];
  return [paragraph(`**All the evidence** is kept in Missiongate's database; ${ink.code(`missiongate export ${mission.missionId} <folder>`)} writes it out.`)];
}

function fingerprints(ink: Ink, { phase, ledgerHead, signedHead }: GateCheckInput): string {
  const { gate } = phase;
  const parts = [`round ${gate.round}`];
  if (gate.head !== null) parts.push(`commit ${ink.code(gate.head)}`);
  if (gate.evidenceDigest !== null) parts.push(`evidence ${ink.code(gate.evidenceDigest)}`);
  if (gate.policyDigest !== null) parts.push(`policy ${ink.code(gate.policyDigest)}`);
  parts.push(...ledgerWords(ink, { ledgerHead, signedHead }));
  return `<sub>${parts.join(' · ')}</sub>`;
}

function evidence(ink: Ink, { pack, phase, excerpts, findings = [] }: GateCheckInput): readonly Block[] {
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
  const artifacts = all.filter(({ artifact }, index) => artifact.mediaType !== findingsMediaType && all.findIndex((other) => other.artifact.digest === artifact.digest) === index);
  return [
    paragraph(`### Evidence of ${ink.code(phase.id)}, round ${pack.round}`),
    table(['task', 'state', 'summary', 'commit', 'done with'], tasks, (left) => `… and ${count(left, 'more task')}; the evidence pack has them all.`),
    ...approvals(ink, phase.gate),
    table(['guard', '', 'report'], reports, (left) => `… and ${count(left, 'more guard')}.`),
    ...(findings.length === 0 ? [] : [findingsBlock(ink, findings)]),
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
