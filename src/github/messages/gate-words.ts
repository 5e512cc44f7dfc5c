import { isBeingRepaired } from '../../core/gate/gate-verdict.ts';
import { criteriaOf } from '../../core/mission/criteria.ts';
import { missingPersons } from '../../core/mission/gate-approvals.ts';
import type { GateState, Mission, PhaseState } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { whoMayApprove } from './rules.ts';
import { sentence } from './sentence.ts';
import { healingWords } from './healing-words.ts';
import { waiveLines } from './waiver-words.ts';
import { count, short, someOf } from './words.ts';

/** How a gate stands, in one line. */
export function gateTitle(ink: Ink, mission: Mission, phase: PhaseState): string {
  const { gate, id } = phase;
  if (mission.status === 'cancelled' && gate.status !== 'open') return 'Shut: the mission was cancelled';
  switch (gate.status) {
    case 'open':
      if (gate.approvals.length === 0) return waivedLines(gate) === 0 ? 'Open: the rubric passed' : `Open: ${count(waivedLines(gate), 'rule')} waived, the others passed`;
      return ink.title(`Open: approved by ${someOf(gate.approvals.map((approval) => approval.by.login), 3)}${waivedLines(gate) === 0 ? '' : `, ${count(waivedLines(gate), 'rule')} waived`}`, 180);
    case 'awaiting':
      if (missingApprovals(mission, id) === 0) return `Waits for ${counted(unconfirmed(mission, id).length)}: /meet-criterion ${id}`;
      return `Waits for ${count(missingApprovals(mission, id), 'approval')}: /approve-gate ${id}`;
    case 'failed':
      return ink.title(`${isBeingRepaired(phase) ? 'Being repaired' : 'Shut'}: ${shutBecause(gate)}`, 180);
    case 'rejected':
      return `Rejected by ${ink.title(gate.rejectedBy?.login ?? 'somebody', 60)}`;
    default:
      return 'Being examined';
  }
}

/** How many persons must still approve; none where the gate is open. */
export function missingApprovals(mission: Mission, phase: string): number {
  return mission.phases.get(phase)?.gate.status === 'open' ? 0 : missingPersons(mission, phase);
}

/** The verdict in words, and what to do about it: who can unblock the gate and exactly what they type. */
export function gateStatement(ink: Ink, mission: Mission, phase: PhaseState): string {
  const { gate } = phase;
  if (mission.status === 'cancelled' && gate.status !== 'open') return 'The mission was cancelled; this gate stays shut.';
  switch (gate.status) {
    case 'open':
      if (waivedLines(gate) > 0) return `**The gate is open**, over ${count(waivedLines(gate), 'rule')} that did not pass and ${waivedLines(gate) === 1 ? 'is' : 'are'} waived.`;
      return `**The gate is open.** ${gate.approvals.length === 0 ? 'Its rubric asked for no approval.' : 'Rubric and approvals are complete.'}`;
    case 'awaiting':
      return paragraphs(`**${waivedLines(gate) === 0 ? 'The rubric passed' : `${count(waivedLines(gate), 'rule')} waived, the others passed`}. ${missing(mission, phase.id)}**`, howToApprove(ink, mission, phase), ...howToConfirm(ink, mission, phase), ...voided(ink, gate));
    case 'failed':
      if (isBeingRepaired(phase)) return paragraphs(`**Being repaired:** ${sentence(ink, shutBecause(gate), 400)}`, ...healing(ink, mission, phase), ...voided(ink, gate));
      return paragraphs(`**The gate is shut:** ${sentence(ink, shutBecause(gate), 400)}`, ...healing(ink, mission, phase), howToRepair(ink, mission, phase, 'examines the same commit once more'), ...howToWaive(ink, mission, phase), ...voided(ink, gate));
    case 'rejected':
      return paragraphs(`**Rejected by ${ink.code(gate.rejectedBy?.login ?? 'somebody')}:** ${ink.plain(gate.reason ?? '', 600)}`, howToRepair(ink, mission, phase, 'asks for a new decision on the same commit'));
    default:
      return paragraphs(gate.retryAt === null ? 'The guards of this phase are at work.' : `The guards could not finish (${ink.plain(gate.reason ?? 'no reason given', 300)}); they start again by themselves.`, ...held(ink, gate), ...voided(ink, gate));
  }
}

function howToApprove(ink: Ink, mission: Mission, { id, gate }: PhaseState): string {
  const head = gate.head === null ? '' : ` ${short(gate.head)}`;
  return paragraphs(
    `**Who can unblock it:** ${whoMayApprove(ink, mission, id)}`,
    `**How:** comment ${ink.code(`/approve-gate ${id}${head}`)} on the issue or the pull request, approve the pull request in a review, or press **Approve gate** above. To say no: ${ink.code(`/reject-gate ${id} <reason>`)}.`,
  );
}

function missing(mission: Mission, phase: string): string {
  const approvals = missingApprovals(mission, phase);
  return approvals === 0 ? `The approvals are complete; ${counted(unconfirmed(mission, phase).length)} to confirm.` : `${count(approvals, 'approval')} missing.`;
}

/** Criteria that nobody has confirmed for what is examined now. */
function unconfirmed(mission: Mission, phase: string): readonly string[] {
  return criteriaOf(mission, phase).flatMap(({ text, met }) => (met === null ? [text] : []));
}

function counted(criteria: number): string {
  return criteria === 1 ? '1 criterion' : `${criteria} criteria`;
}

function howToConfirm(ink: Ink, mission: Mission, { id }: PhaseState): readonly string[] {
  const left = unconfirmed(mission, id);
  if (left.length === 0) return [];
  const lines = left.slice(0, maximumCommands).map((text) => ink.code(`/meet-criterion ${id} ${text}`));
  const more = left.length > maximumCommands ? `, and so on for ${left.length - maximumCommands} more` : '';
  return [`**${counted(left.length)} to confirm**, by those who may approve: comment ${lines.join(', ')}${more}. Some of the words are enough.`];
}

/** Most tasks that are named with the line to type. */
const maximumCommands = 3;

function howToRepair(ink: Ink, mission: Mission, { id, gate }: PhaseState, again: string): string {
  const tasks = suspects(mission, id, gate);
  const lines = tasks.length === 0 ? [ink.code('/retry <task>')] : tasks.slice(0, maximumCommands).map((task) => ink.code(`/retry ${task}`));
  const more = tasks.length > maximumCommands ? ', …' : '';
  return paragraphs(
    '**Who can unblock it:** Anyone with **write access** or more.',
    `**How:** have a task done again with ${lines.join(', ')}${more}, or push a repair to the trunk; it is examined again by itself. ${ink.code(`/retry ${id}`)} or **Examine again** ${again}.`,
  );
}

function waivedLines({ lines }: GateState): number {
  return lines.filter(({ waived }) => waived !== undefined).length;
}

function healing(ink: Ink, mission: Mission, phase: PhaseState): readonly string[] {
  const words = healingWords(ink, mission, phase);
  return words === null ? [] : [`🩹 ${words}`];
}

/** A button cannot carry a reason: the line to paste stands here. */
function howToWaive(ink: Ink, mission: Mission, phase: PhaseState): readonly string[] {
  const lines = waiveLines(ink, mission, phase);
  if (lines.length === 0) return [];
  const more = lines.length > maximumCommands ? `\n- … and ${count(lines.length - maximumCommands, 'more rule')}: ${ink.code(`/waive ${phase.id}`)} answers with their lines.` : '';
  return [`**Or have it waived** for some time: paste one of these with your words in the quotes; a second person confirms it.\n\n${lines.slice(0, maximumCommands).map((line) => `- ${line}`).join('\n')}${more}`];
}

/** The tasks to do again: those the evidence line names, else those of the phase. */
function suspects(mission: Mission, phase: string, gate: GateState): readonly string[] {
  const tasks = (mission.index.tasksOfPhase.get(phase) ?? []).filter((id) => mission.tasks.get(id)?.status === 'done' || mission.tasks.get(id)?.status === 'failed');
  const without = tasks.filter((id) => mission.tasks.get(id)?.evidence === null);
  return gate.lines.some(({ rule, passed }) => rule === 'evidence' && !passed) && without.length > 0 ? without : tasks;
}

/** The first reason, and how many more there are: the tree below has them all. */
function shutBecause({ lines, reason }: GateState): string {
  const reasons = lines.flatMap((line) => (line.passed || line.waived ? [] : [line.reason ?? line.rule]));
  const [first] = reasons;
  // A waiver that has expired shut it again: that is what people have to know first.
  if (first === undefined || (reason !== null && !reason.startsWith(first))) return reason ?? 'the rubric was not met';
  return reasons.length === 1 ? first : `${first}, and ${count(reasons.length - 1, 'more reason')}`;
}

function held(ink: Ink, { held: before }: GateState): readonly string[] {
  if (before === undefined) return [];
  const one = before.approvals.length === 1;
  return [`${count(before.approvals.length, 'approval')} given before ${one ? 'is' : 'are'} held, because ${ink.plain(before.reason, 200)}: kept if the change turns out to be the same, void if it is not.`];
}

function voided(ink: Ink, gate: GateState): readonly string[] {
  return gate.voided === null ? [] : [`Earlier approvals no longer count: ${ink.plain(gate.voided, 300)}.`];
}

function paragraphs(...parts: readonly string[]): string {
  return parts.join('\n\n');
}
