import { evidenceDigest, evidencePack, policyDigest } from '../../evidence/pack.ts';
import { isSilent, noPolicy } from '../../gate/policy.ts';
import { guardLines, judgeRubric } from '../../gate/rubric.ts';
import { waiveLines } from '../../gate/waivers.ts';
import { decideRetry } from '../../schedule/retry.ts';
import type { FailureKind } from '../failure-kind.ts';
import type { AttemptResult, SignalFacts } from '../signal.ts';
import { structureLines } from '../structure.ts';
import { isSatisfied, phaseOf, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';
import { policyLines, settleHeld } from './held-approvals.ts';

/** The guards of a gate have reported: the rubric is judged. */
export function finishEvaluation(draft: Draft, mission: Mission, phaseId: string, attempt: number, result: AttemptResult, facts: SignalFacts = {}): void {
  const phase = phaseOf(mission, phaseId);
  const rule = mission.index.phases.get(phaseId)?.gate;
  if (!phase || !rule || phase.gate.status !== 'evaluating' || phase.gate.attempt !== attempt) return;
  if (result.outcome === 'failed') return failEvaluation(draft, mission, phaseId, result.failure, result.reason);
  if (result.outcome !== 'examined') return;
  const metrics = { ...result.metrics, ...stateMetrics(mission, phaseId) };
  const policy = facts.policy ?? { known: true, policy: noPolicy };
  const judged = [...judgeRubric(rule.rubric, metrics), ...guardLines(result.reports), evidenceLine(mission, phaseId), ...structureLines(mission, phaseId), ...policyLines(policy)];
  const lines = waiveLines({ lines: judged, metrics, reports: result.reports }, rule.rubric, phase.waivers ?? [], draft.now);
  const evaluation = { round: phase.gate.round, head: result.head, reports: result.reports, metrics, lines };
  const pack = evidencePack(mission, phaseId, evaluation);
  const digest = evidenceDigest(pack);
  draft.packs.push({ phase: phaseId, round: evaluation.round, digest, pack });
  draft.emit({
    type: 'gate.evaluated',
    phase: phaseId,
    round: phase.gate.round,
    head: result.head,
    passed: lines.every((line) => line.passed),
    lines,
    reports: result.reports,
    metrics,
    evidenceDigest: digest,
    policyDigest: policyDigest(rule, policy.known ? policy.policy : 'unknown'),
    ...(result.patchId === undefined ? {} : { patchId: result.patchId }),
    ...(policy.known && !isSilent(policy.policy) ? { policy: policy.policy } : {}),
    ...(facts.ownership === undefined ? {} : { ownership: facts.ownership }),
  });
  settleHeld(draft, phaseId);
}

/** Nothing passes a gate without evidence: every task of the phase must have left some, be vouched for by a person, or not have been wanted. */
function evidenceLine(mission: Mission, phaseId: string) {
  const without = (mission.index.tasksOfPhase.get(phaseId) ?? []).filter((id) => {
    const task = taskOf(mission, id);
    return !task || (!hasFailedToHeal(mission, id) && task.evidence === null && task.doneBy === null && task.status !== 'skipped' && task.group === undefined);
  });
  const passed = without.length === 0;
  return {
    rule: 'evidence',
    expected: 'from every task',
    measured: passed ? 'complete' : `missing from ${without.length}`,
    passed,
    reason: passed ? null : `no evidence from ${without.slice(0, 5).join(', ')}`,
  };
}

/** A repair that failed changed nothing; what it was to repair is measured itself. */
function hasFailedToHeal(mission: Mission, id: string): boolean {
  return mission.index.tasks.get(id)?.heals !== undefined && taskOf(mission, id)?.status === 'failed';
}

/** Metrics that the mission itself knows. */
function stateMetrics(mission: Mission, phaseId: string): { readonly [name: string]: number } {
  const ids = mission.index.tasksOfPhase.get(phaseId) ?? [];
  const tasks = ids.flatMap((id) => (hasFailedToHeal(mission, id) ? [] : (taskOf(mission, id) ?? [])));
  return {
    tasks: tasks.length,
    tasks_done: tasks.filter((task) => task.status === 'done').length,
    tasks_failed: tasks.filter((task) => task.status === 'failed').length,
    tasks_by_hand: tasks.filter((task) => task.status === 'done' && task.doneBy !== null).length,
    tasks_open: tasks.filter((task) => !isSatisfied(task, mission.index.tasks.get(task.id)?.continueOnError ?? false)).length,
  };
}

export function failEvaluation(draft: Draft, mission: Mission, phaseId: string, failure: FailureKind, reason: string): void {
  const gate = phaseOf(mission, phaseId)?.gate;
  if (!gate) return;
  const losses = gate.losses + 1;
  const again = decideRetry(failure, { failures: losses, losses, maxAttempts: 1 }, `${mission.missionId} gate ${phaseId} ${gate.attempt}`);
  draft.emit({
    type: 'gate.evaluation-failed',
    phase: phaseId,
    round: gate.round,
    attempt: gate.attempt,
    failure,
    reason,
    final: !again.retry,
    retryAt: again.retry ? draft.now + again.delayMs : null,
  });
  if (!again.retry && gate.held !== undefined) draft.emit({ type: 'gate.approvals-voided', phase: phaseId, round: gate.round, reason: `${gate.held.reason}, and the gate could not be examined` });
}
