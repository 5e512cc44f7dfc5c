import { ruleWord } from '../../core/gate/waivers.ts';
import type { FollowUpStanding, FollowUpView } from '../../core/mission/follow-ups.ts';
import type { Mission } from '../../core/mission/state.ts';
import { isoTime } from '../../kit/time.ts';
import { instant } from './approval-words.ts';
import type { Ink } from './ink.ts';
import { page, paragraph, table } from './page.ts';

export interface FollowUpText {
  readonly title: string;
  readonly body: string;
}

/** The issue that reminds of a waiver: what was waived, by whom, until when, why, what is done instead, and how it stands. */
export function followUpIssue(ink: Ink, mission: Mission, { phase, waiver, standing }: FollowUpView): FollowUpText {
  const { number } = mission.source.issue;
  const gate = ink.code(`gate/${phase.id}`);
  const rows = [
    ['rule', `${ink.code(waiver.rule)}: ${ink.plain(waiver.measured, 80)}, expected ${ink.plain(waiver.expected, 80)}`],
    ['reason', ink.plain(waiver.reason, 500)],
    ['instead', ink.plain(waiver.control, 500)],
    ['asked for by', ink.code(waiver.by.login)],
    ['confirmed by', ink.code(waiver.approvedBy?.login ?? 'somebody')],
    ['until', instant(waiver.until)],
  ];
  return {
    title: `Waived until ${isoTime(waiver.until).slice(0, 10)}: ${ink.title(waiver.rule, 120)} at gate ${phase.id} of #${number}`,
    body: page([
      paragraph(`**${stands(ink, phase.id, ruleWord(waiver.rule), standing)}**`),
      paragraph(`At ${gate} of mission #${number} (${ink.plain(mission.plan.name, 120)}) one rule did not pass and was waived. A waiver is no solution: somebody has to make the rule hold, and then close this issue.`),
      table(['', ''], rows, () => ''),
    ]),
  };
}

function stands(ink: Ink, phase: string, rule: string, standing: FollowUpStanding): string {
  switch (standing) {
    case 'passed':
      return 'The rule passes now. Nothing is left to do.';
    case 'withdrawn':
      return 'The waiver was withdrawn; the gate looks after the rule again.';
    case 'replaced':
      return 'Another waiver of the same rule took its place; that one has an issue of its own.';
    case 'expired':
      return 'The waiver has expired before the merge; the gate is shut again.';
    case 'cancelled':
      return 'The mission was cancelled; nothing was merged under this waiver.';
    case 'overdue':
      return 'The waiver has expired, and what was merged under it is still there: this is due now.';
    default:
      return `The rule is waived. To end that before its time comment ${ink.code(`/withdraw-waiver ${phase} ${rule}`)} on the mission's issue.`;
  }
}
