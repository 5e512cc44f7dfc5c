import { approverWords } from '../../core/gate/approvals.ts';
import { ruleWord, waivable, waiverTerms } from '../../core/gate/waivers.ts';
import type { Mission, PhaseState } from '../../core/mission/state.ts';
import type { Waiver } from '../../core/mission/waiver.ts';
import { instant } from './approval-words.ts';
import type { Ink } from './ink.ts';
import { count, someOf } from './words.ts';

export interface WaiveLine {
  readonly phase: string;
  /** As in a command: `guard/lint`. */
  readonly rule: string;
  readonly until?: string;
  readonly reason?: string;
  readonly control?: string;
}

/** The exact line that asks for a waiver; what is not known yet stands in it as `…`. A button cannot carry a reason. */
export function waiveLine(ink: Ink, { phase, rule, until = '7d', reason = '…', control = '…' }: WaiveLine): string {
  return ink.code(`/waive ${phase} ${rule} until=${until} reason=${quoted(reason)} control=${quoted(control)}`, 1_300);
}

/** Lines to paste for every rule that keeps a gate shut and could be waived; none where nothing can be. */
export function waiveLines(ink: Ink, mission: Mission, phase: PhaseState): readonly string[] {
  const rule = mission.index.phases.get(phase.id)?.gate;
  if (!rule) return [];
  const asked = new Set((phase.waivers ?? []).flatMap((waiver) => (waiver.status === 'requested' ? [waiver.rule] : [])));
  const open = waivable(phase.gate, rule.rubric).filter((line) => line.waived === undefined && !asked.has(line.rule));
  return open.map((line) => waiveLine(ink, { phase: phase.id, rule: ruleWord(line.rule) }));
}

function daysLeft(days: number): string {
  return days <= 1 ? 'less than a day left' : `${count(days, 'day')} left`;
}

/** One sentence for every waiver of a gate that is asked for or counts: what, until when, why, what instead, and what to type. */
export function waiverSentences(ink: Ink, mission: Mission, phase: PhaseState): readonly string[] {
  return (phase.waivers ?? []).flatMap((waiver) => {
    const what = `${ink.code(waiver.rule)} (${ink.plain(waiver.measured, 60)}, expected ${ink.plain(waiver.expected, 60)})`;
    const why = `Reason: ${ended(ink.plain(waiver.reason, 500))} Instead: ${ended(ink.plain(waiver.control, 500))}`;
    switch (waiver.status) {
      case 'requested':
        return [`⏳ ${ink.code(waiver.by.login)} asks to waive ${what} until ${instant(waiver.until)}. ${why} ${whoConfirms(ink, mission, phase.id, waiver)}`];
      case 'approved':
        return [`⚠️ ${what} is waived until ${instant(waiver.until)}${waiver.daysLeft === undefined ? '' : `, ${daysLeft(waiver.daysLeft)}`}: asked for by ${ink.code(waiver.by.login)}, confirmed by ${ink.code(waiver.approvedBy?.login ?? 'somebody')}. ${why} To end it: ${ink.code(`/withdraw-waiver ${phase.id} ${ruleWord(waiver.rule)}`)}.`];
      default:
        return [];
    }
  });
}

/** What the issue's status says: what waits for a second person, and what is waived until when. Says nothing that changes daily. */
export function waiverLines(ink: Ink, mission: Mission, phase: PhaseState): readonly string[] {
  return (phase.waivers ?? []).flatMap((waiver) => {
    const what = `${ink.code(waiver.rule)} at ${ink.code(`gate/${phase.id}`)}`;
    if (waiver.status === 'requested') return [`⏳ ${ink.code(waiver.by.login)} asks to waive ${what} until ${instant(waiver.until)}. ${whoConfirms(ink, mission, phase.id, waiver)}`];
    return waiver.status === 'approved' && phase.gate.lines.some(({ waived }) => waived?.waiver === waiver.number) ? [`⚠️ ${what} is waived until ${instant(waiver.until)}.`] : [];
  });
}

/** Who may confirm a waiver, and what they type. */
export function whoConfirms(ink: Ink, mission: Mission, phase: string, waiver: Pick<Waiver, 'by' | 'rule'>): string {
  const { approvers } = waiverTerms(mission.phases.get(phase)?.gate.policy ?? null, mission.index.phases.get(phase)?.gate?.approvals.minimumRole ?? 'none');
  const who = someOf(approvers.map((approver) => ink.plain(approverWords(approver), 120)), 6);
  return `Somebody else than ${ink.code(waiver.by.login)} (${who}), who wrote none of the change, confirms it with ${ink.code(`/approve-waiver ${phase} ${ruleWord(waiver.rule)}`)}.`;
}

/** People end their reasons with a full stop or without one. */
function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (letter) => `\\${letter}`)}"`;
}
