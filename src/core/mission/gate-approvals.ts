import { effectiveRule, judgeApprovals, missingOf } from '../gate/approvals.ts';
import type { EffectiveRule } from '../gate/approvals.ts';
import type { Verdict } from '../gate/verdict.ts';
import { exclusionOf } from './contributors.ts';
import type { FoundPeople } from './contributors.ts';
import type { Exclusion } from './definition.ts';
import type { GateState, Mission } from './state.ts';

export const exclusionWords: { readonly [exclusion in Exclusion]: string } = {
  author: 'they wrote part of the change',
  committer: 'they committed or pushed part of the change',
  'co-author': 'they are named as a co-author of the change',
  requester: 'they started the mission, and its rules ask for somebody else',
};

/** The rule a gate's approvals are judged by: its own and the repository's, as its evaluation found it; null without a gate. */
export function ruleOfGate(mission: Mission, phaseId: string): EffectiveRule | null {
  const rule = mission.index.phases.get(phaseId)?.gate;
  return rule ? effectiveRule(rule.approvals, mission.phases.get(phaseId)?.gate.policy ?? null) : null;
}

/**
 * The approvals of a gate, judged: `passed` when nothing is missing. Approvals that are held count for nothing. `found` are people
 * of the change who were looked up just now. Null for a phase without a gate.
 */
export function judgeGateApprovals(mission: Mission, phaseId: string, found?: FoundPeople): Verdict | null {
  const rule = ruleOfGate(mission, phaseId);
  const gate = mission.phases.get(phaseId)?.gate;
  if (rule === null || !gate) return null;
  const verdict = judgeApprovals(
    rule,
    bound(gate).map(({ by, role, standing }) => ({ login: by.login, role, ...(standing === undefined ? {} : { standing }) })),
    {
      ownership: gate.ownership ?? null,
      excluded: (login) => {
        const exclusion = exclusionOf(mission, rule.exclude, login, found);
        return exclusion === null ? null : exclusionWords[exclusion];
      },
    },
  );
  const held = (gate.held?.approvals ?? []).map(({ by }): Verdict => ({ name: `@${by.login}`, state: 'pending', expected: null, measured: 'held', reason: `held until the gate has been examined again: ${gate.held?.reason ?? ''}`, children: [] }));
  return held.length === 0 ? verdict : { ...verdict, children: [...verdict.children, ...held] };
}

/** Approvals of exactly what was examined. */
function bound(gate: GateState): GateState['approvals'] {
  return gate.approvals.filter(({ head, evidenceDigest, policyDigest }) => head === gate.head && evidenceDigest === gate.evidenceDigest && policyDigest === gate.policyDigest);
}

/** How many more persons a gate wants at least; 0 when its approvals are complete. */
export function missingPersons(mission: Mission, phaseId: string): number {
  const verdict = judgeGateApprovals(mission, phaseId);
  return verdict === null || verdict.state === 'passed' ? 0 : missingOf(verdict);
}
