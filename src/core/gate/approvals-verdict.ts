import { judgeGateApprovals, ruleOfGate } from '../mission/gate-approvals.ts';
import type { GateDefinition } from '../mission/definition.ts';
import type { Mission, PhaseState } from '../mission/state.ts';
import type { Verdict } from './verdict.ts';

/** The approvals of a gate's present round: what is asked for, who gave theirs, and whose do not count. */
export function approvalsVerdict(mission: Mission, { id, gate }: PhaseState, { approvals: rule }: GateDefinition): Verdict {
  const judged = judgeGateApprovals(mission, id);
  const effective = ruleOfGate(mission, id);
  const given = [...gate.approvals.map((approval) => leafOf(approval, judged)), ...(gate.held?.approvals ?? []).map((approval) => leafOf(approval, judged))];
  const missing = judged !== null && judged.state !== 'passed' && gate.status !== 'open';
  const asks = gate.status === 'awaiting' && mission.status !== 'cancelled';
  const rejected = gate.status === 'rejected';
  const whole = { name: 'approvals', state: rejected ? 'failed' : !missing ? 'passed' : asks ? 'waiting' : 'pending' } as const;
  const why = rejected ? `rejected by ${gate.rejectedBy?.login ?? 'somebody'}` : null;
  if (judged === null || effective === null || (effective.all.length === 1 && effective.any.length === 0)) {
    const counted = Number(judged?.children[0]?.measured ?? 0);
    const from = effective?.all[0]?.from ?? [`role:${rule.minimumRole}`];
    return {
      ...whole,
      expected: rule.count === 0 ? 'none' : `${rule.count} of ${from.join(' or ')}`,
      measured: `${counted} of ${rule.count}`,
      reason: why ?? (missing ? (rule.from === undefined ? `${Math.max(1, rule.count - counted)} missing` : (judged?.reason ?? null)) : null),
      children: given,
    };
  }
  const requirements = judged.children.filter(({ name }) => !name.startsWith('@'));
  return { ...whole, expected: null, measured: judged.measured, reason: why ?? (missing ? judged.reason : null), children: [...requirements, ...given] };
}

function leafOf({ by, role, via }: PhaseState['gate']['approvals'][number], judged: Verdict | null): Verdict {
  const against = judged?.children.find(({ name, state }) => name === `@${by.login}` && state !== 'passed');
  return { name: by.login, state: against?.state ?? 'passed', expected: null, measured: `${role}, by ${via}`, reason: against?.reason ?? null, children: [] };
}
