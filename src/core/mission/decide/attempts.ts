import { countsAsFailure, decideRetry } from '../../schedule/retry.ts';
import { evidenceDigest, evidencePack, policyDigest } from '../../evidence/pack.ts';
import { judgeRubric } from '../../gate/rubric.ts';
import type { AttemptEvidence } from '../event.ts';
import type { FailureKind } from '../failure-kind.ts';
import type { AttemptResult, IntegrationResult, Signal } from '../signal.ts';
import { systemActor } from '../actor.ts';
import { isSatisfied, phaseOf, phaseOfSubject, taskOf } from '../state.ts';
import type { Mission, TaskState } from '../state.ts';
import { dependentsOf } from './blocked.ts';
import { moveTrunk } from './trunk.ts';
import type { Draft } from './draft.ts';

type Of<K extends Signal['kind']> = Extract<Signal, { kind: K }>;

/** A worker took the lease of an attempt. */
export function startAttempt(draft: Draft, signal: Of<'attempt.started'>): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  const task = taskOf(mission, signal.subject);
  if (task?.status === 'queued' && task.attempt === signal.attempt) {
    draft.emit({ type: 'task.started', task: task.id, attempt: signal.attempt, worker: signal.worker });
  }
}

/** A result is taken only from the attempt that is expected: the attempt number is the fencing number. */
export function finishAttempt(draft: Draft, signal: Of<'attempt.finished'>): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  const phase = phaseOfSubject(signal.subject);
  if (phase !== null) return finishEvaluation(draft, mission, phase, signal.attempt, signal.result);
  const task = taskOf(mission, signal.subject);
  if (!task || task.attempt !== signal.attempt || (task.status !== 'queued' && task.status !== 'running')) return;
  const { result } = signal;
  if (result.outcome === 'failed') return failTask(draft, mission, task.id, result.failure, result.reason, result.evidence);
  if (result.outcome !== 'succeeded') return;
  if (result.commit !== null && result.branch !== null) {
    draft.emit({ type: 'task.produced', task: task.id, attempt: task.attempt, branch: result.branch, commit: result.commit, evidence: result.evidence });
  } else {
    draft.emit({ type: 'task.completed', task: task.id, attempt: task.attempt, commit: null, evidence: result.evidence, outputs: result.outputs });
  }
}

/** The lease ran out without a result: the worker is gone, the task is not to blame. */
export function loseAttempt(draft: Draft, signal: Of<'attempt.lost'>): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  const phase = phaseOfSubject(signal.subject);
  if (phase !== null) {
    const gate = phaseOf(mission, phase)?.gate;
    if (gate?.status === 'evaluating' && gate.attempt === signal.attempt) failEvaluation(draft, mission, phase, 'lost', signal.reason);
    return;
  }
  const task = taskOf(mission, signal.subject);
  if (task && task.attempt === signal.attempt && (task.status === 'queued' || task.status === 'running')) {
    failTask(draft, mission, task.id, 'lost', signal.reason, null);
  }
}

/** What an attempt produced was merged into the trunk, or could not be. */
export function finishIntegration(draft: Draft, signal: Of<'integration.finished'>): void {
  const mission = draft.mission;
  const task = mission && taskOf(mission, signal.task);
  if (!mission || mission.status === 'cancelled' || task?.status !== 'integrating' || task.attempt !== signal.attempt) return;
  const { result } = signal;
  if (result.outcome === 'conflict') failTask(draft, mission, task.id, 'conflict', result.reason, task.evidence);
  else if (result.outcome === 'refused') failTask(draft, mission, task.id, 'permission', result.reason, task.evidence);
  else complete(draft, task, result);
  if (draft.mission?.counts.integrating !== 0) return;
  // Nothing of ours is on its way into the trunk: where it stands is where the next attempts start.
  if (result.outcome === 'conflict' && result.trunk) moveTrunk(draft, result.trunk.head, { kind: 'person', login: result.trunk.authors[0] ?? 'somebody' }, 'push', result.trunk.authors);
  resumeAfterConflict(draft);
}

function complete(draft: Draft, task: TaskState, result: Extract<IntegrationResult, { outcome: 'merged' }>): void {
  draft.emit({ type: 'task.completed', task: task.id, attempt: task.attempt, commit: task.commit, evidence: task.evidence ?? noEvidence, outputs: {} });
  moveTrunk(draft, result.head, systemActor, 'task', result.authors);
}

/** Attempts that collided with a merge whose result was not known yet: it is now, and they start from it. */
function resumeAfterConflict(draft: Draft): void {
  if (!draft.mission || draft.mission.counts.retrying === 0) return;
  for (const task of draft.mission.tasks.values()) {
    if (task.status === 'retrying' && task.failure === 'conflict' && task.retryAt === null) draft.emit({ type: 'task.retry-due', task: task.id, attempt: task.attempt });
  }
}

const noEvidence: AttemptEvidence = { summary: '', artifacts: [], diff: null, durationMs: 0, producer: 'unknown' };

function failTask(draft: Draft, mission: Mission, id: string, failure: FailureKind, reason: string, evidence: AttemptEvidence | null): void {
  const task = taskOf(mission, id);
  const planned = mission.index.tasks.get(id);
  if (!task || !planned) return;
  const counted = countsAsFailure(failure);
  const spent = { failures: task.failures + Number(counted), losses: task.losses + Number(!counted), maxAttempts: planned.maxAttempts };
  const again = decideRetry(failure, spent, `${mission.missionId} ${id} ${task.attempt}`);
  // What it collided with may be a merge of ours that is still being recorded: trying again before would collide again.
  const waits = failure === 'conflict' && mission.counts.integrating > 1;
  draft.emit({
    type: 'task.failed',
    task: id,
    attempt: task.attempt,
    failure,
    reason,
    evidence,
    final: !again.retry,
    retryAt: again.retry && !waits ? draft.now + again.delayMs : null,
  });
  if (again.retry || planned.continueOnError) return;
  const blocked = dependentsOf(mission, id);
  if (blocked.length > 0) draft.emit({ type: 'tasks.blocked', tasks: blocked, cause: id });
}

function finishEvaluation(draft: Draft, mission: Mission, phaseId: string, attempt: number, result: AttemptResult): void {
  const phase = phaseOf(mission, phaseId);
  const rule = mission.index.phases.get(phaseId)?.gate;
  if (!phase || !rule || phase.gate.status !== 'evaluating' || phase.gate.attempt !== attempt) return;
  if (result.outcome === 'failed') return failEvaluation(draft, mission, phaseId, result.failure, result.reason);
  if (result.outcome !== 'examined') return;
  const metrics = { ...result.metrics, ...stateMetrics(mission, phaseId) };
  const guardLines = result.reports
    .filter((report) => !report.passed)
    .map((report) => ({ rule: `guard ${report.guard}`, expected: 'passed', measured: 'failed', passed: false, reason: `${report.guard}: ${report.summary}` }));
  const lines = [...judgeRubric(rule.rubric, metrics), ...guardLines, evidenceLine(mission, phaseId)];
  const evaluation = { round: phase.gate.round, head: result.head, reports: result.reports, metrics, lines };
  draft.emit({
    type: 'gate.evaluated',
    phase: phaseId,
    round: phase.gate.round,
    head: result.head,
    passed: lines.every((line) => line.passed),
    lines,
    reports: result.reports,
    metrics,
    evidenceDigest: evidenceDigest(evidencePack(mission, phaseId, evaluation)),
    policyDigest: policyDigest(rule),
  });
}

/** Nothing passes a gate without evidence: every task of the phase must have left some, or be vouched for by a person. */
function evidenceLine(mission: Mission, phaseId: string) {
  const without = (mission.index.tasksOfPhase.get(phaseId) ?? []).filter((id) => {
    const task = taskOf(mission, id);
    return !task || (task.evidence === null && task.doneBy === null);
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

/** Metrics that the mission itself knows. */
function stateMetrics(mission: Mission, phaseId: string): { readonly [name: string]: number } {
  const ids = mission.index.tasksOfPhase.get(phaseId) ?? [];
  const tasks = ids.flatMap((id) => taskOf(mission, id) ?? []);
  return {
    tasks: ids.length,
    tasks_done: tasks.filter((task) => task.status === 'done').length,
    tasks_failed: tasks.filter((task) => task.status === 'failed').length,
    tasks_by_hand: tasks.filter((task) => task.status === 'done' && task.doneBy !== null).length,
    tasks_open: tasks.filter((task) => !isSatisfied(task, mission.index.tasks.get(task.id)?.continueOnError ?? false)).length,
  };
}

function failEvaluation(draft: Draft, mission: Mission, phaseId: string, failure: FailureKind, reason: string): void {
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
}
