import type { ApprovalRule } from '../../core/mission/definition.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { count, list, roleWords, someOf } from './words.ts';

/** What a gate asks for, in a few words: `coverage_min 0.8, tests_failed_max 0 · 1 approval (write access)`. */
export function gateRule(ink: Ink, gate: { readonly rubric: { readonly [key: string]: unknown }; readonly approvals: ApprovalRule }): string {
  const thresholds = Object.keys(gate.rubric).toSorted().map((key) => ink.code(`${key}: ${JSON.stringify(gate.rubric[key])}`));
  const { count: needed, minimumRole } = gate.approvals;
  const people = needed === 0 ? 'no approval' : `${count(needed, 'approval')} (${roleWords[minimumRole]} or more)`;
  return [...(thresholds.length > 0 ? [someOf(thresholds, 6)] : []), people].join(' · ');
}

/** Who can unblock a waiting gate. */
export function whoMayApprove(ink: Ink, mission: Mission, rule: ApprovalRule): string {
  const excluded = mission.trunk.authors.map((author) => ink.code(author));
  const conditions = [
    ...(excluded.length > 0 ? [`wrote none of the change (that excludes ${someOf(excluded, 8)})`] : []),
    ...(rule.allowRequester ? [] : [`did not start the mission (that excludes ${ink.code(mission.requestedBy.login)})`]),
  ];
  return `Anyone with **${roleWords[rule.minimumRole]}** or more${conditions.length === 0 ? '' : ` who ${list(conditions)}`}.`;
}
