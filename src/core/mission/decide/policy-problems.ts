import { policyPath } from '../../gate/policy.ts';
import type { PolicyLook } from '../../gate/policy.ts';
import type { Problem } from '../definition.ts';
import type { Plan } from '../plan.ts';

/**
 * What a repository's policy has against a plan before anything is done. A floor under gates is none where there is no gate: each
 * phase's work must come to one, its own or that of a later phase.
 */
export function policyProblems(plan: Plan, policy: PolicyLook | undefined, definedIn: string): readonly Problem[] {
  if (policy === undefined) return [];
  if (!policy.known) return policy.problems.length > 0 ? policy.problems : [problem(policyPath, policy.reason)];
  const minimum = policy.policy.approvals?.minimum ?? 0;
  if (minimum === 0) return [];
  return plan.phases
    .filter(({ id }) => !comesToGate(plan, id, new Set()))
    .map(({ id }) => problem(definedIn, `The policy of this repository (${policyPath}) asks for ${minimum === 1 ? '1 approval' : `${minimum} approvals`} at every gate, but the work of phase "${id}" comes to none. Give it a gate, or a later phase that needs it.`));
}

function comesToGate(plan: Plan, id: string, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const phase = plan.phases.find((one) => one.id === id);
  return phase !== undefined && (phase.gate !== null || plan.phases.some((later) => later.needs.includes(id) && comesToGate(plan, later.id, seen)));
}

function problem(file: string, message: string): Problem {
  return { code: 'policy', file, line: 0, column: 0, message };
}
