import { isSameChange } from './same-change.ts';
import type { MetCriterion } from './met-criterion.ts';
import type { GateState, Mission } from './state.ts';

/** A criterion of a gate as it stands: who confirmed it for what is examined now, or null. */
export interface Criterion {
  readonly text: string;
  readonly met: MetCriterion | null;
}

/** The criteria of a gate in their written order. What was confirmed of another change counts for nothing. */
export function criteriaOf(mission: Mission, phaseId: string): readonly Criterion[] {
  const phase = mission.phases.get(phaseId);
  const asked = mission.index.phases.get(phaseId)?.gate?.criteria ?? [];
  if (!phase || asked.length === 0) return [];
  const standing = (phase.criteria ?? []).filter((one) => isOfThis(phase.gate, one));
  return asked.map((text) => ({ text, met: standing.findLast(({ criterion }) => criterion === text) ?? null }));
}

/** True when no criterion of the gate is left to confirm. */
export function criteriaAreMet(mission: Mission, phaseId: string): boolean {
  return criteriaOf(mission, phaseId).every(({ met }) => met !== null);
}

/** The same round or commit, or the same patch on another base. */
function isOfThis(gate: GateState, { round, head, patchId }: MetCriterion): boolean {
  return round === gate.round || head === gate.head || (patchId !== null && isSameChange(patchId, gate.patchId ?? ''));
}
