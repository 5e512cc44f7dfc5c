import { findingsMediaType } from '../../core/mission/evidence.ts';
import { missionIdOf } from '../../core/mission/source.ts';
import type { Mission, PhaseState, TaskState } from '../../core/mission/state.ts';
import type { CheckButton, CheckView } from '../../core/mission/view.ts';
import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { externalId } from '../external-id.ts';
import { cutBlocks, cutUnits } from '../messages/cut.ts';
import { gateCheck } from '../messages/gate-check.ts';
import type { CheckOutput, GateCheckInput } from '../messages/gate-check.ts';
import { plainInk } from '../messages/ink.ts';
import { missionCheck } from '../messages/mission-check.ts';
import { taskCheck } from '../messages/task-check.ts';
import type { Desk } from './desk.ts';
import { excerptsOf } from './excerpts.ts';
import { findingsOf } from './findings.ts';

/** Remembered of a gate's check that is not completed (`retired-checks.ts`). */
export const undecidedRound = 'undecided';

/** GitHub's limits: bytes for texts, characters for titles. */
const maximumOutputBytes = 65_535;
const maximumTitle = 255;

/** Labels ≤ 20, descriptions ≤ 40, identifiers ≤ 20 characters (GitHub's limits; a test measures them). */
export const buttons: { readonly [button in CheckButton]: { readonly label: string; readonly description: string; readonly identifier: string } } = {
  approve: { label: 'Approve gate', description: 'Open this gate for this commit', identifier: 'approve' },
  reject: { label: 'Reject gate', description: 'Keep this gate shut', identifier: 'reject' },
  examine: { label: 'Examine again', description: 'Run the guards once more', identifier: 'examine' },
};

/**
 * Decisions come first: whatever makes the pull request mergeable must find its gates in place. What takes a decision back comes before
 * everything else, the composite check first of all: a merge may wait for it alone.
 */
export function inWritingOrder(checks: readonly CheckView[]): readonly CheckView[] {
  const decisions = checks.filter((check) => check.subject.kind !== 'task');
  const undecided = decisions.filter((check) => check.conclusion === null).toSorted((one, other) => Number(other.subject.kind === 'mission') - Number(one.subject.kind === 'mission'));
  return [...undecided, ...decisions.filter((check) => check.conclusion !== null), ...checks.filter((check) => check.subject.kind === 'task')];
}

/** Brings one check run to its view: created once under its external id, changed only when its content differs. */
export async function putCheck(desk: Desk, mission: Mission, check: CheckView): Promise<void> {
  const page = pageOf(desk, check);
  const rendered = inputDigest(mission, check, page);
  const known = desk.present(check.key);
  if (known?.rendered === rendered) return;
  const { actions, ...state } = await checkState(desk, mission, check);
  const marker = markerOf(mission, check);
  const options = { write: 'check' as const, what: `posting the check ${check.name}`, priority: check.subject.kind === 'task' ? ('status' as const) : ('decision' as const), content: false };
  const memory = memoryOf(check);
  const record = await desk.create({
    key: check.key,
    rendered,
    memory,
    write: options,
    find: () => findOurRun(desk, check.head, check.name, marker),
    make: async (octokit) =>
      (await octokit.rest.checks.create({ ...desk.at, name: check.name, head_sha: check.head, external_id: marker, ...state, ...(actions.length === 0 ? {} : { actions }) })).data.id,
  });
  // Without `actions` GitHub would keep the buttons of a gate that needs none any more.
  // Until it is known that GitHub took the new word, the old one may stand there.
  const cautious = record.memory === 'success' || record.memory === undecidedRound ? record.memory : memory;
  await desk.update({ ...record, memory: cautious }, rendered, { ...options, write: 'check-update' }, (octokit, id) => octokit.rest.checks.update({ ...desk.at, check_run_id: id, external_id: marker, ...state, actions }), memory);
}

/** What is remembered of a check for the time when its commit or its round is left (`retired-checks.ts`). */
function memoryOf({ subject, conclusion }: CheckView): string | null {
  if (subject.kind === 'mission') return conclusion;
  return subject.kind === 'gate' && conclusion === null ? undecidedRound : null;
}

/** Everything a check run shows, as GitHub takes it. */
export async function checkState(desk: Desk, mission: Mission, check: CheckView) {
  const output = limited(desk, await outputOf(desk, mission, check));
  const actions = check.buttons.map((button) => buttons[button]);
  const page = pageOf(desk, check);
  return { ...(page === null ? {} : { details_url: page }), status: check.status, ...(check.conclusion === null ? {} : { conclusion: check.conclusion }), output, actions };
}

function markerOf({ source }: Mission, { subject }: CheckView): string {
  const missionId = missionIdOf(source.repository.id, source.issue.number);
  switch (subject.kind) {
    case 'gate':
      return externalId(missionId, { kind: 'gate', phase: subject.phase.id, round: subject.phase.gate.round });
    case 'task':
      return externalId(missionId, { kind: 'task', task: subject.task.id });
    default:
      return externalId(missionId, { kind: 'mission' });
  }
}

/** The run of ours that carries this marker; null when there is none. */
export async function findOurRun(desk: Desk, commit: string, name: string, marker: string): Promise<number | null> {
  return desk.read(`looking for an earlier check ${name}`, async (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.checks.listForRef, { ...desk.at, ref: commit, check_name: name, app_id: desk.ourBot.appId, filter: 'all', per_page: 100 });
    for await (const { data } of pages) {
      const found = data.find((run) => run.external_id === marker && run.app?.id === desk.ourBot.appId);
      if (found) return found.id;
    }
    return null;
  });
}

/**
 * What the output is made of, without what only accompanies it (the ledger's head changes with every event and would cause
 * a write each time). Spares reading the evidence when nothing changed.
 */
function inputDigest(mission: Mission, check: CheckView, page: string | null): string {
  const { status, conclusion, buttons: shown, subject } = check;
  return digest({ status, conclusion, shown, of: subjectInput(mission, subject), ...(page === null ? {} : { page }) } as unknown as Json);
}

/** Where the evidence of a gate's round can be read, now and when GitHub has deleted the check. */
function pageOf({ evidenceLinks, missionId }: Desk, { subject }: CheckView): string | null {
  if (subject.kind !== 'gate' || evidenceLinks === null) return null;
  return evidenceLinks.to({ kind: 'gate', missionId, phase: subject.phase.id, round: subject.phase.gate.round });
}

function subjectInput(mission: Mission, subject: CheckView['subject']): unknown {
  switch (subject.kind) {
    case 'gate': {
      // Lines, metrics and reports are covered by the digest of the evidence, but for what was waived since.
      const { lines, metrics: _metrics, reports: _reports, ...gate } = subject.phase.gate;
      const asks = gate.status === 'awaiting' ? { rule: mission.index.phases.get(subject.phase.id)?.gate ?? null, authors: mission.trunk.authors } : null;
      const { waivers, healing, criteria } = subject.phase;
      const waived = lines.flatMap((line) => (line.waived === undefined ? [] : [[line.rule, line.waived]]));
      return { gate, ...(criteria === undefined ? {} : { criteria }), ...(waivers === undefined ? {} : { waivers, waived }), ...(healing === undefined ? {} : { healing, status: subject.phase.status }), asks, cancelled: gate.status !== 'open' && mission.status === 'cancelled' };
    }
    case 'task':
      return taskInput(mission, subject.task);
    default:
      // A check without evidence of its own costs little to write out.
      return missionCheck(plainInk, mission);
  }
}

/** What is shown of a task. */
export function taskInput(mission: Mission, { id, status, attempt, reason, failure, commit, evidence }: TaskState): unknown {
  return { id, status, attempt, reason, failure, commit, evidence, title: mission.index.tasks.get(id)?.title ?? null };
}

function evidenceLinksOf({ evidenceLinks, missionId }: Desk, { id, gate }: PhaseState): GateCheckInput['page'] {
  const target = { kind: 'gate', missionId, phase: id, round: gate.round } as const;
  const page = evidenceLinks?.to(target) ?? null;
  const pack = evidenceLinks?.to({ ...target, as: 'json' }) ?? null;
  return page === null || pack === null ? null : { page, pack };
}

async function outputOf(desk: Desk, mission: Mission, { subject }: CheckView): Promise<CheckOutput> {
  const { projection, ink } = desk;
  switch (subject.kind) {
    case 'gate': {
      const { phase } = subject;
      const pack = phase.gate.evidenceDigest === null ? null : await projection.evidence(phase.id, phase.gate.round);
      const artifacts = pack === null ? [] : [...pack.guardReports.flatMap((report) => report.artifacts), ...pack.tasks.flatMap((task) => task.artifacts)].filter(({ mediaType }) => mediaType !== findingsMediaType);
      return gateCheck(ink, { mission, phase, pack, excerpts: await excerptsOf(desk, artifacts), findings: await findingsOf(desk, phase.gate), page: evidenceLinksOf(desk, phase), ledgerHead: projection.ledgerHead, signedHead: (await projection.signedHead?.()) ?? null });
    }
    case 'task':
      return taskCheck(ink, mission, subject.task, await excerptsOf(desk, subject.task.evidence?.artifacts ?? []));
    default:
      return missionCheck(ink, mission);
  }
}

/** An output within GitHub's limits, redacted. */
export function limited(desk: Desk, output: CheckOutput): { title: string; summary: string; text?: string } {
  const summary = cutBlocks(desk.redact(output.summary), maximumOutputBytes) || 'No details.';
  const text = cutBlocks(desk.redact(output.text), maximumOutputBytes);
  return { title: cutUnits(desk.redact(output.title), maximumTitle), summary, ...(text === '' ? {} : { text }) };
}
