import { undoSubject } from '../../core/mission/evolve/rollback.ts';
import { viewMission } from '../../core/mission/view.ts';
import { isSame } from '../../core/mission/contributors.ts';
import type { GateState, Mission, PhaseState } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { waitLines } from './approval-words.ts';
import { budgetLines } from './budget-words.ts';
import { missingApprovals } from './gate-words.ts';
import { healingWords } from './healing-words.ts';
import { sentence } from './sentence.ts';
import { approversOf } from './rules.ts';
import { waiverLines } from './waiver-words.ts';
import { count, short, someOf } from './words.ts';

const barLength = 20;

/**
 * The state of the mission in the issue's managed region: how far it is and what waits for whom. Says only what changes
 * rarely: every change of a word here is one write.
 */
export function issueStatus(ink: Ink, mission: Mission): string {
  const lines = [`**${headline(mission)}**`, '', progressLine(mission)];
  const waits = waiting(ink, mission);
  if (waits.length > 0) lines.push('', ...waits.map((line) => `- ${line}`));
  return lines.join('\n');
}

export function headline(mission: Mission): string {
  switch (mission.status) {
    case 'planned':
      return 'Planned. Add the label `mission:queue` to begin.';
    case 'running':
      return mission.rollback === undefined ? 'Under way.' : 'Failed; what succeeded is being undone.';
    case 'paused':
      if (mission.pausedFor !== undefined) return 'Paused, because a budget is used up.';
      if (mission.unlabelled === true) return 'Paused, because the label `mission` was taken off. Put it on again or comment `/resume` to go on.';
      return 'Paused. Take off the label `mission:pause` or comment `/resume` to go on.';
    case 'completed':
      return 'Complete.';
    case 'failed':
      return mission.rollback === undefined ? 'Failed.' : 'Failed, and undone.';
    case 'partially-failed':
      return 'Partially failed.';
    default:
      return 'Cancelled.';
  }
}

export function progressLine(mission: Mission): string {
  const undoing = [...(mission.rollback?.tasks ?? [])].map((id) => mission.tasks.get(undoSubject(id))?.status);
  const total = mission.tasks.size - undoing.length;
  const done = mission.counts.done + mission.counts.skipped - undoing.filter((status) => status === 'done' || status === 'skipped').length;
  const filled = total === 0 ? 0 : Math.floor((done / total) * barLength);
  return `\`${'█'.repeat(filled)}${'░'.repeat(barLength - filled)}\` ${done} of ${count(total, 'task')}`;
}

/** More lines than this say less. */
const maximumLines = 30;

/** One line for everything that stands still, with the way to move it. */
export function waiting(ink: Ink, mission: Mission): readonly string[] {
  const lines = everythingWaiting(ink, mission);
  return lines.length <= maximumLines ? lines : [...lines.slice(0, maximumLines), `… and ${count(lines.length - maximumLines, 'more line')}; the checks show the rest.`];
}

function everythingWaiting(ink: Ink, mission: Mission): readonly string[] {
  const lines: string[] = [];
  for (const planned of mission.plan.phases) {
    const phase = mission.phases.get(planned.id);
    if (!phase) continue;
    const line = phaseLine(ink, mission, phase);
    if (line !== null) lines.push(line);
    if (mission.status !== 'cancelled') lines.push(...waiverLines(ink, mission, phase));
  }
  const failed = [...mission.index.tasks.keys()].filter((id) => mission.tasks.get(id)?.status === 'failed' && mission.tasks.get(id)?.undoes === undefined);
  if (mission.status !== 'cancelled' && mission.status !== 'completed') lines.push(...waitLines(ink, mission), ...budgetLines(ink, mission), ...rollbackLines(ink, mission));
  if (mission.status !== 'cancelled' && mission.status !== 'completed') lines.push(...failureLines(ink, mission, failed));
  if (mission.mergeRefused !== null && viewMission(mission).pull?.merge) {
    lines.push(`The pull request could not be merged yet: ${ink.plain(mission.mergeRefused, 300)}. I try again by myself.`);
  }
  if (mission.status === 'cancelled' && mission.reason) lines.push(`Reason: ${ink.plain(mission.reason, 300)}`);
  return lines;
}

/** Failed tasks explained one by one; the others are only named. */
const maximumReasons = 5;

function failureLines(ink: Ink, mission: Mission, failed: readonly string[]): readonly string[] {
  const wayOut = (id: string) => (mission.rollback === undefined ? ` To try again comment ${ink.code(`/retry ${id}`)}.` : '');
  const told = failed.slice(0, maximumReasons).map((id) => `❌ ${ink.code(id)} failed: ${sentence(ink, mission.tasks.get(id)?.reason || 'no reason given', 200).replace(/\.?$/, '.')}${wayOut(id)}`);
  const rest = failed.slice(maximumReasons);
  return rest.length === 0 ? told : [...told, `❌ ${count(rest.length, 'more task')} failed: ${someOf(rest.map((id) => ink.code(id)), 8)}.`];
}

/** What is undone, and what could not be: people have to look after that themselves. */
function rollbackLines(ink: Ink, mission: Mission): readonly string[] {
  const { rollback } = mission;
  if (rollback === undefined) return [];
  const failed = rollback.tasks.filter((id) => mission.tasks.get(undoSubject(id))?.status === 'failed');
  return [
    `↩️ ${count(rollback.tasks.length, 'task')} ${rollback.finished ? `${rollback.tasks.length === 1 ? 'was' : 'were'} to be undone, the latest first.` : 'being undone, the latest first.'}`,
    ...(failed.length === 0 ? [] : [`❌ Could not be undone: ${someOf(failed.map((id) => ink.code(id)), 8)}. Their checks say why; somebody has to look after them.`]),
  ];
}

/** Whom `/assign` asked to look, as long as their approval is missing. */
function askedWords(ink: Ink, { asked = [] }: Mission, { approvals }: GateState): string {
  const waitedFor = asked.filter(({ login }) => !approvals.some(({ by }) => isSame(by.login, login)));
  return waitedFor.length === 0 ? '' : ` Asked: ${someOf(waitedFor.map(({ login }) => ink.code(`@${login}`)), 10)}.`;
}

function phaseLine(ink: Ink, mission: Mission, phase: PhaseState): string | null {
  const rule = mission.index.phases.get(phase.id)?.gate;
  const name = ink.code(`gate/${phase.id}`);
  const { gate } = phase;
  const healing = healingWords(ink, mission, phase);
  if (phase.status === 'running' && healing !== null && mission.status !== 'cancelled') return `🩹 ${name} is shut. ${healing}`;
  if (phase.status !== 'gate' || !rule || mission.status === 'cancelled') return phase.status === 'failed' ? `❌ Phase ${ink.code(phase.id)} failed${phase.reason === undefined ? '.' : `: ${sentence(ink, phase.reason, 200).replace(/\.?$/, '.')}`}` : null;
  switch (gate.status) {
    case 'awaiting':
      return `⏳ ${name} waits for ${count(missingApprovals(mission, phase.id), 'approval')}: ${approversOf(ink, rule.approvals)} comments ${ink.code(`/approve-gate ${phase.id}`)} (${gate.head === null ? 'no commit' : ink.code(short(gate.head))}).${askedWords(ink, mission, gate)}`;
    case 'failed':
      return `❌ ${name} is shut: ${ink.plain(gate.reason ?? 'its rubric was not met', 300)}. ${healing === null ? '' : `${healing} `}After a repair comment ${ink.code(`/retry ${phase.id}`)}.`;
    case 'rejected':
      return `❌ ${name} was rejected by ${ink.code(gate.rejectedBy?.login ?? 'somebody')}: ${ink.plain(gate.reason ?? '', 300)}. After a repair comment ${ink.code(`/retry ${phase.id}`)}.`;
    case 'evaluating':
      return `🔎 ${name} is being examined.`;
    default:
      return null;
  }
}
