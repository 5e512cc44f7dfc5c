import type { GateDefinition } from '../mission/definition.ts';
import type { Mission, PhaseState } from '../mission/state.ts';
import type { Verdict } from './verdict.ts';

/** The approvals of a gate's present round: how many are asked for, and who gave theirs. */
export function approvalsVerdict(mission: Mission, { gate }: PhaseState, { approvals: rule }: GateDefinition): Verdict {
  const given = gate.approvals;
  const missing = Math.max(0, rule.count - given.length);
  const asks = gate.status === 'awaiting' && mission.status !== 'cancelled';
  return {
    name: 'approvals',
    state: gate.status === 'rejected' ? 'failed' : missing === 0 ? 'passed' : asks ? 'waiting' : 'pending',
    expected: rule.count === 0 ? 'none' : `${rule.count} of role:${rule.minimumRole}`,
    measured: `${given.length} of ${rule.count}`,
    reason: gate.status === 'rejected' ? `rejected by ${gate.rejectedBy?.login ?? 'somebody'}` : missing > 0 ? `${missing} missing` : null,
    children: given.map((approval) => ({ name: approval.by.login, state: 'passed', expected: null, measured: `${approval.role}, by ${approval.via}`, reason: null, children: [] })),
  };
}
