
import type { DecidedPack } from '../../evidence/pack.ts';
import type { Actor } from '../actor.ts';
import type { MissionEvent } from '../event.ts';
import { allPassed, isOver, phaseOf, taskOf } from '../state.ts';
import type { MissionState } from '../state.ts';
import type { Signal } from '../signal.ts';
import { requestMissingReviews } from './assign.ts';
import { finishAttempt, finishIntegration, loseAttempt, startAttempt } from './attempts.ts';
import { mayAct } from './authority.ts';
import { mergeChecklist } from './checklist-edits.ts';
import { obeyCommand } from './commands.ts';
import { Draft, refuse } from './draft.ts';
import type { Entry } from './draft.ts';
import { approveGate, notePolicy, rejectGate, withdrawApproval } from './gates.ts';
import { forgetHealing } from './healing.ts';
import { endMissionInTime, endPhaseInTime } from './limits.ts';
import { judgeMergeGroup } from '../merge-group.ts';
import { judgeAgain, noteLeaving, noteOffer, outsideOf } from './outside-pulls.ts';
import { progress } from './progress.ts';
import { pauseMission, queueMission, requestMission, resumeMission } from './request.ts';
import { examineAgain, moveTrunk, startOver } from './trunk.ts';
import { endApproval, endWait } from './waits.ts';
import { countWaiver, expireWaivers } from './waivers.ts';

export type { Entry } from './draft.ts';

export interface Decision {
  readonly events: readonly MissionEvent[];
  /** The state the events lead to: `events.reduce(evolve, state)`. */
  readonly state: MissionState | null;
  /** What gates were judged by in this decision. */
  readonly packs: readonly DecidedPack[];
}

/**
 * Decides one signal: state × signal × facts × now → events. Pure: no clock, no randomness, no I/O. A signal that no longer
 * applies (delivered twice, late, for another attempt) decides to nothing.
 */
export function decide(state: MissionState | null, missionId: string, entry: Entry, now: number): Decision {
  const draft = new Draft(missionId, state, now);
  expireWaivers(draft);
  handle(draft, entry);
  progress(draft);
  return { events: draft.events, state: draft.state, packs: draft.packs };
}

function handle(draft: Draft, entry: Entry): void {
  const { signal } = entry;
  switch (signal.kind) {
    case 'mission.requested':
      return requestMission(draft, { ...entry, signal });
    case 'mission.queue-requested':
      return queueMission(draft, { ...entry, signal });
    case 'mission.pause-requested':
      return pauseMission(draft, { ...entry, signal });
    case 'mission.resume-requested':
      return resumeMission(draft, { ...entry, signal });
    case 'command.given':
      return obeyCommand(draft, { ...entry, signal });
    case 'review.submitted':
      return review(draft, { ...entry, signal });
    case 'review.dismissed':
      return withdrawApproval(draft, { ...entry, signal });
    case 'button.pressed':
      return pressButton(draft, { ...entry, signal });
    case 'recheck.requested':
      return recheck(draft, { ...entry, signal });
    case 'trunk.pushed':
      return notePush(draft, { ...entry, signal });
    case 'issue.edited':
      return draft.state?.status === 'refused' ? requestMission(draft, { ...entry, signal }) : mergeChecklist(draft, { ...entry, signal });
    case 'issue.closed':
      return closeIssue(draft, { ...entry, signal });
    case 'pull.retargeted':
      return retargetPull(draft, signal);
    case 'policy.changed':
      return outsideOf(draft) === null ? notePolicy(draft, entry) : judgeAgain(draft, entry);
    case 'merge-group.requested':
      return judgeGroup(draft, { ...entry, signal });
    case 'merge-group.ended':
      if (draft.state?.status === 'none' && draft.state.merge?.ended === false) draft.emit({ type: 'merge-group.ended', reason: signal.reason });
      return;
    case 'outside-pull.offered':
      return noteOffer(draft, { ...entry, signal });
    case 'outside-pull.left':
      return noteLeaving(draft, signal);
    case 'pull.opened':
      return notePull(draft, signal.pull);
    case 'pull.closed':
      return closePull(draft, signal);
    case 'merge.refused':
      if (draft.mission && !isOver(draft.mission) && draft.mission.mergeRefused !== signal.reason) draft.emit({ type: 'merge.refused', reason: signal.reason });
      return;
    case 'attempt.started':
      return startAttempt(draft, signal);
    case 'attempt.finished':
      return finishAttempt(draft, signal, entry.facts);
    case 'attempt.lost':
      return loseAttempt(draft, signal);
    case 'integration.finished':
      return finishIntegration(draft, signal);
    case 'timer.fired':
      return fireTimer(draft, signal);
  }
}

type Of<K extends Signal['kind']> = Extract<Signal, { kind: K }>;

function review(draft: Draft, entry: Entry<Of<'review.submitted'>>): void {
  const { actor, commit, verdict, text } = entry.signal;
  const request = { actor, via: 'review', phase: null, commit, review: entry.signal.reviewId } as const;
  if (verdict === 'approved') return approveGate(draft, entry, request);
  const mission = draft.mission;
  const waits = mission?.plan.phases.some((phase) => phaseOf(mission, phase.id)?.gate.status === 'awaiting');
  if (waits) rejectGate(draft, entry, { ...request, reason: text || 'changes requested in review' });
}

function pressButton(draft: Draft, entry: Entry<Of<'button.pressed'>>): void {
  const { actor, phase, round, action } = entry.signal;
  const gate = draft.mission && phaseOf(draft.mission, phase)?.gate;
  if (!gate || actor.kind !== 'person') return;
  // A button of an earlier round shows evidence that is no longer the one to decide on.
  if (gate.round !== round) return refuse(draft, entry, actor, 'old-button', { phase });
  const request = { actor, via: 'button', phase, commit: null } as const;
  if (action === 'approve') approveGate(draft, entry, request);
  else if (action === 'reject') rejectGate(draft, entry, { ...request, reason: 'rejected by button' });
  else if (action === 'examine') recheck(draft, entry);
}

/** "Re-run" evaluates again; it never runs an agent. */
function recheck(draft: Draft, entry: Entry<Of<'recheck.requested' | 'button.pressed'>>): void {
  const { actor, phase } = entry.signal;
  const mission = draft.mission;
  if (outsideOf(draft) !== null) return judgeAgain(draft, entry);
  if (!mission || actor.kind !== 'person' || !mayAct(draft, entry, actor)) return;
  if (mission.status === 'cancelled') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  for (const { id } of mission.plan.phases) {
    if (phase === null || phase === id) examineIfShut(draft, id, actor);
  }
}

function examineIfShut(draft: Draft, id: string, actor: Actor): void {
  const phase = draft.mission && phaseOf(draft.mission, id);
  const status = phase?.gate.status;
  // What is being repaired is examined when that is done.
  if (phase?.status !== 'gate' || (status !== 'awaiting' && status !== 'failed' && status !== 'rejected')) return;
  forgetHealing(draft, id, actor);
  examineAgain(draft, id, `@${actor.login} asked for it`);
}

/** The mission's pull request is there. Who was assigned before it was known is asked now, if a gate waits. */
function notePull(draft: Draft, number: number): void {
  if (!draft.mission || draft.mission.pull?.number === number) return;
  draft.emit({ type: 'pull.opened', number });
  requestMissingReviews(draft);
}

/** What is pushed after the merge or the end has passed no gate: it must not inherit what was said of the trunk before. */
function notePush(draft: Draft, entry: Entry<Of<'trunk.pushed'>>): void {
  const { trunk } = entry.facts;
  const mission = draft.mission;
  // The push of our own merge may arrive before its result is recorded; that result will move the trunk.
  if (!mission || !trunk || mission.counts.integrating > 0 || mission.status === 'cancelled' || mission.pull?.state === 'merged') return;
  moveTrunk(draft, trunk.head, entry.signal.actor, 'push', trunk);
}

function closeIssue(draft: Draft, entry: Entry<Of<'issue.closed'>>): void {
  const mission = draft.mission;
  const { actor } = entry.signal;
  if (!mission || isOver(mission) || actor.kind === 'bot' || mission.pull?.state === 'merged') return;
  // Merging the pull request closes the issue by itself; with a merge underway that is the end, not a cancellation.
  if (allPassed(mission)) return;
  draft.emit({ type: 'mission.cancelled', by: actor, reason: 'the issue was closed' });
}

/** A group is judged once; GitHub makes another commit when anything in it changes. */
function judgeGroup(draft: Draft, { signal, facts }: Entry<Of<'merge-group.requested'>>): void {
  if (draft.state !== null && (draft.state.status !== 'none' || draft.state.merge !== undefined)) return;
  draft.emit({ type: 'conversation.opened', source: signal.source });
  const look = facts.group ?? { known: false, reason: 'nobody looked what is in it' };
  draft.emit({ type: 'merge-group.judged', group: signal.group, verdict: judgeMergeGroup(look, signal.group, draft.now) });
}

/** The change now goes into another branch: nothing that was said of it there holds here. */
function retargetPull(draft: Draft, signal: Of<'pull.retargeted'>): void {
  const mission = draft.mission;
  if (!mission || mission.pull?.number !== signal.pull || mission.pull.state !== 'open') return;
  if ((mission.pull.base ?? mission.source.repository.defaultBranch) === signal.to) return;
  draft.emit({ type: 'pull.retargeted', from: signal.from, to: signal.to, by: signal.actor });
  startOver(draft, `the base branch changed from ${signal.from} to ${signal.to}`);
}

function closePull(draft: Draft, signal: Of<'pull.closed'>): void {
  const mission = draft.mission;
  if (!mission || mission.pull === null || mission.pull.number !== signal.pull || mission.pull.state !== 'open') return;
  if (signal.merged) {
    draft.emit({ type: 'pull.merged', by: signal.actor, commit: signal.commit });
    const complete = allPassed(mission);
    if (complete && mission.status === 'paused') draft.emit({ type: 'mission.completed' });
    else if (!complete && !isOver(mission)) draft.emit({ type: 'mission.cancelled', by: signal.actor, reason: 'the pull request was merged before the last gate was open' });
    return;
  }
  draft.emit({ type: 'pull.closed', by: signal.actor });
  if (!isOver(mission)) draft.emit({ type: 'mission.cancelled', by: signal.actor, reason: 'the pull request was closed without merging' });
}

function fireTimer(draft: Draft, signal: Of<'timer.fired'>): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  const { purpose } = signal;
  if (purpose.kind === 'retry-task') {
    const task = taskOf(mission, purpose.task);
    if (task?.status === 'retrying' && task.attempt === purpose.attempt) draft.emit({ type: 'task.retry-due', task: task.id, attempt: task.attempt });
    return;
  }
  if (purpose.kind === 'end-wait') return endWait(draft, purpose);
  if (purpose.kind === 'limit-approval') return endApproval(draft, purpose);
  if (purpose.kind === 'limit-phase') return endPhaseInTime(draft, purpose);
  if (purpose.kind === 'limit-mission') return endMissionInTime(draft, purpose);
  if (purpose.kind === 'count-waiver') return countWaiver(draft, purpose);
  // Before anything is decided, what has expired has expired.
  if (purpose.kind === 'end-waiver') return;
  const gate = phaseOf(mission, purpose.phase)?.gate;
  if (gate?.status === 'evaluating' && gate.attempt === purpose.attempt && gate.retryAt !== null) {
    draft.emit({ type: 'gate.retry-due', phase: purpose.phase, attempt: gate.attempt + 1 });
  }
}

