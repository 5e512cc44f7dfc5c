import { countsAsFailure, decideRetry } from '../../schedule/retry.ts';
import { canonicalJson } from '../../../kit/canonical-json.ts';
import type { AttemptEvidence } from '../event.ts';
import type { FailureKind } from '../failure-kind.ts';
import type { AttemptResult, IntegrationResult, Signal, SignalFacts } from '../signal.ts';
import { systemActor } from '../actor.ts';
import { contextOfTask } from '../context.ts';
import type { PlannedTask } from '../plan.ts';
import { phaseOf, phaseOfSubject, taskOf } from '../state.ts';
import type { Mission, Outputs, TaskState } from '../state.ts';
import { watchBudgets } from './budgets.ts';
import type { Draft } from './draft.ts';
import { holds, outputsOf } from './evaluate.ts';
import { failEvaluation, finishEvaluation } from './evaluation.ts';
import { afterSettling } from './settle.ts';
import { moveTrunk } from './trunk.ts';

/** What one task may give to later ones, as canonical JSON. */
export const maximumOutputBytes = 64 * 1024;

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
export function finishAttempt(draft: Draft, signal: Of<'attempt.finished'>, facts: SignalFacts = {}): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  const phase = phaseOfSubject(signal.subject);
  if (phase !== null) return finishEvaluation(draft, mission, phase, signal.attempt, signal.result, facts);
  const task = taskOf(mission, signal.subject);
  if (!task || task.attempt !== signal.attempt || (task.status !== 'queued' && task.status !== 'running')) return;
  const { result } = signal;
  if (result.outcome === 'failed') failTask(draft, mission, task.id, result.failure, result.reason, result.evidence);
  else if (result.outcome === 'succeeded') keepResult(draft, mission, task, result);
  watchBudgets(draft, task.id);
}

/** A task has what it was for; said to people is what the attempt wanted to be said, together with its result or not at all. */
export function keepResult(draft: Draft, mission: Mission, task: TaskState, result: Extract<AttemptResult, { outcome: 'succeeded' }>): void {
  const planned = mission.index.tasks.get(task.id);
  if (!planned) return;
  const outputs = outputsOf(mission, planned, result.outputs);
  if (!outputs.ok) return failTask(draft, mission, task.id, 'input', outputs.error, result.evidence);
  const bytes = Buffer.byteLength(canonicalJson(outputs.value));
  if (bytes > maximumOutputBytes) {
    return failTask(draft, mission, task.id, 'work', `its outputs have ${bytes} bytes; at most ${maximumOutputBytes} are kept. Write what is large into a file of the repository and give its path, or choose with "outputs" what later tasks need.`, result.evidence);
  }
  for (const [index, text] of (result.notices ?? []).entries()) draft.emit({ type: 'notice.given', task: task.id, attempt: task.attempt, number: index + 1, text });
  if (result.commit !== null && result.branch !== null) {
    draft.emit({ type: 'task.produced', task: task.id, attempt: task.attempt, branch: result.branch, commit: result.commit, evidence: result.evidence, outputs: outputs.value });
  } else complete(draft, mission, planned, null, result.evidence, outputs.value);
}

/** The attempt has succeeded: the task is done, or another round begins. */
function complete(draft: Draft, mission: Mission, planned: PlannedTask, commit: string | null, evidence: AttemptEvidence, outputs: Outputs): void {
  const task = taskOf(mission, planned.id);
  if (!task) return;
  const { until } = planned;
  const round = task.round ?? 1;
  if (until !== undefined && planned.strategy === undefined) {
    const held = holds('until', until.condition, { ...contextOfTask(mission, planned.id), result: outputs, round });
    if (!held.ok) return failTask(draft, mission, planned.id, 'input', held.error, evidence);
    if (!held.value && round < until.maxRounds) {
      return draft.emit({ type: 'task.repeated', task: planned.id, attempt: task.attempt, round: round + 1, commit, evidence, outputs });
    }
    if (!held.value) return failForGood(draft, mission, planned.id, 'work', `until (${until.condition.trim()}) did not hold after ${until.maxRounds === 1 ? '1 round' : `${until.maxRounds} rounds`}`, evidence);
  }
  draft.emit({ type: 'task.completed', task: planned.id, attempt: task.attempt, commit, evidence, outputs });
  afterSettling(draft, planned.id);
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
  else completeMerged(draft, mission, task, result);
  if (draft.mission?.counts.integrating !== 0) return;
  // Nothing of ours is on its way into the trunk: where it stands is where the next attempts start.
  if (result.outcome === 'conflict' && result.trunk) moveTrunk(draft, result.trunk.head, { kind: 'person', login: result.trunk.authors[0] ?? 'somebody' }, 'push', result.trunk);
  resumeAfterConflict(draft);
}

function completeMerged(draft: Draft, mission: Mission, task: TaskState, result: Extract<IntegrationResult, { outcome: 'merged' }>): void {
  const planned = mission.index.tasks.get(task.id);
  if (planned) complete(draft, mission, planned, task.commit, task.evidence ?? noEvidence, task.outputs ?? {});
  moveTrunk(draft, result.head, systemActor, 'task', result);
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
  const again = decideRetry(failure, spent, `${mission.missionId} ${id} ${task.attempt}`, planned.retry);
  if (!again.retry) return failForGood(draft, mission, id, failure, reason, evidence);
  // What it collided with may be a merge of ours that is still being recorded: trying again before would collide again.
  const waits = failure === 'conflict' && mission.counts.integrating > 1;
  draft.emit({ type: 'task.failed', task: id, attempt: task.attempt, failure, reason, evidence, final: false, retryAt: waits ? null : draft.now + again.delayMs });
}

/** No further attempt follows by itself. */
export function failForGood(draft: Draft, mission: Mission, id: string, failure: FailureKind, reason: string, evidence: AttemptEvidence | null): void {
  const task = taskOf(mission, id);
  if (!task) return;
  draft.emit({ type: 'task.failed', task: id, attempt: task.attempt, failure, reason, evidence, final: true, retryAt: null });
  afterSettling(draft, id);
}
