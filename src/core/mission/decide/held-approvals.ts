import type { PolicyLook } from '../../gate/policy.ts';
import { systemActor } from '../actor.ts';
import { exclusionOf } from '../contributors.ts';
import type { RubricLine } from '../event.ts';
import { exclusionWords, ruleOfGate } from '../gate-approvals.ts';
import { isSameChange } from '../same-change.ts';
import { phaseOf } from '../state.ts';
import type { GateState, HeldApprovals } from '../state.ts';
import type { Draft } from './draft.ts';

/**
 * The new round has been judged: approvals of the round before are kept where patch, policy and verdicts are the same, else they
 * are void, with the reason in words. Somebody who has become an author of the change meanwhile keeps none.
 */
export function settleHeld(draft: Draft, phaseId: string): void {
  const mission = draft.mission;
  const gate = mission && phaseOf(mission, phaseId)?.gate;
  const rule = mission && ruleOfGate(mission, phaseId);
  if (!mission || !rule || gate?.held === undefined || gate.head === null || gate.evidenceDigest === null || gate.policyDigest === null) return;
  const { held } = gate;
  const { head, evidenceDigest, policyDigest, round } = gate;
  const lost = whyLost(held, gate);
  if (lost !== null) return draft.emit({ type: 'gate.approvals-voided', phase: phaseId, round, reason: `${held.reason}: ${lost}` });
  for (const { by } of held.approvals) {
    const exclusion = exclusionOf(mission, rule.exclude, by.login);
    if (exclusion === null) draft.emit({ type: 'gate.approval-kept', phase: phaseId, round, by, fromHead: held.head, head, fromEvidence: held.evidenceDigest, evidenceDigest, policyDigest });
    else draft.emit({ type: 'gate.approval-withdrawn', phase: phaseId, round, of: by, by: systemActor, reason: `the approval of @${by.login} does not count any more: ${exclusionWords[exclusion]}` });
  }
}

function whyLost(held: HeldApprovals, gate: GateState): string | null {
  if (held.policyDigest !== gate.policyDigest) return 'the policy changed';
  const patch = gate.patchId ?? null;
  if (gate.head === held.head) return otherVerdict(held.lines, gate.lines);
  if (patch === null || held.patchId === null) return 'it could not be told whether the patch is the same';
  if (!isSameChange(patch, held.patchId)) return 'the patch changed';
  return otherVerdict(held.lines, gate.lines);
}

/** The first rubric line that is judged otherwise than before. */
function otherVerdict(before: readonly RubricLine[], now: readonly RubricLine[]): string | null {
  const rules = [...new Set([...before, ...now].map(({ rule }) => rule))].sort();
  for (const rule of rules) {
    const [was, is] = [before, now].map((lines) => verdictOf(lines.find((line) => line.rule === rule)));
    if (was !== is) return `${rule} ${words[was ?? 'absent'].before} before and ${words[is ?? 'absent'].now} now`;
  }
  return null;
}

function verdictOf(line: RubricLine | undefined): keyof typeof words {
  if (line === undefined) return 'absent';
  return line.passed ? 'passed' : line.waived === undefined ? 'failed' : 'waived';
}

const words = {
  absent: { before: 'was not asked', now: 'is not asked' },
  passed: { before: 'passed', now: 'passes' },
  failed: { before: 'failed', now: 'fails' },
  waived: { before: 'was waived', now: 'is waived' },
} as const;

/** A policy that cannot be read keeps every gate shut, and says why. */
export function policyLines(policy: PolicyLook): readonly RubricLine[] {
  if (policy.known) return [];
  return [{ rule: 'policy', expected: 'readable', measured: 'not readable', passed: false, reason: `policy: ${policy.reason}` }];
}
