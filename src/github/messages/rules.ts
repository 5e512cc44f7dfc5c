import { approverWords } from '../../core/gate/approvals.ts';
import { exclusionOf } from '../../core/mission/contributors.ts';
import { defaultExclusions } from '../../core/mission/definition.ts';
import type { ApprovalRule, Approver } from '../../core/mission/definition.ts';
import { judgeGateApprovals, ruleOfGate } from '../../core/mission/gate-approvals.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { count, list, roleWords, someOf } from './words.ts';

/** What a gate asks for, in a few words: `coverage_min 0.8, tests_failed_max 0 · 1 approval (write access)`. */
export function gateRule(ink: Ink, gate: { readonly rubric: { readonly [key: string]: unknown }; readonly approvals: ApprovalRule }): string {
  const thresholds = Object.keys(gate.rubric).toSorted().map((key) => ink.code(`${key}: ${JSON.stringify(gate.rubric[key])}`));
  const { count: needed, minimumRole, from, all, any } = gate.approvals;
  const who = (approvers: readonly Approver[]) => approvers.map((approver) => ink.plain(approverWords(approver), 120)).join(' or ');
  const own = needed === 0 ? 'no approval' : `${count(needed, 'approval')} (${from === undefined ? `${roleWords[minimumRole]} or more` : who(from)})`;
  const also = (all ?? []).map((group) => `and ${group.count} of ${who(group.from)}`);
  const either = any === undefined ? [] : [`and ${any.map((group) => `${group.count} of ${who(group.from)}`).join(' or ')}`];
  const people = [own, ...also, ...either].join(', ');
  return [...(thresholds.length > 0 ? [someOf(thresholds, 6)] : []), people].join(' · ');
}

/** Somebody of those whom a gate's own rule names first. */
export function approversOf(ink: Ink, { minimumRole, from }: ApprovalRule): string {
  if (from === undefined) return `somebody with ${roleWords[minimumRole]} or more`;
  return `somebody of ${from.map((approver) => ink.plain(approverWords(approver), 120)).join(' or ')}`;
}

/** Who can unblock a waiting gate: what is missing, and who does not count. */
export function whoMayApprove(ink: Ink, mission: Mission, phase: string): string {
  const rule = ruleOfGate(mission, phase);
  const verdict = judgeGateApprovals(mission, phase);
  if (rule === null || verdict === null) return '';
  const own = mission.index.phases.get(phase)?.gate?.approvals;
  const isPlain = own !== undefined && rule.any.length === 0 && rule.all.length === 1 && own.from === undefined;
  const who = isPlain ? `Anyone with **${roleWords[own.minimumRole]}** or more` : ink.plain(verdict.reason ?? '', 500);
  const made = defaultExclusions.some((one) => rule.exclude.includes(one)) ? mission.trunk.authors.filter((author) => exclusionOf(mission, rule.exclude, author) !== null) : [];
  const given = mission.phases.get(phase)?.gate.approvals.map(({ by }) => ink.code(by.login)) ?? [];
  const conditions = [
    ...(given.length > 0 ? [`has not approved it yet (that excludes ${someOf(given, 8)})`] : []),
    ...(made.length > 0 ? [`wrote none of the change (that excludes ${someOf(made.map((author) => ink.code(author)), 8)})`] : []),
    ...(rule.exclude.includes('requester') ? [`did not start the mission (that excludes ${ink.code(mission.requestedBy.login)})`] : []),
  ];
  return `${who}${conditions.length === 0 ? '' : ` who ${list(conditions)}`}.`;
}
