import { digest } from '../../kit/hash.ts';
import { shutBecause, stands } from '../gate/waivers.ts';
import type { Json } from '../../kit/json.ts';
import { askedAfter, isAmong } from './assignment.ts';
import { joinContributors, union } from './contributors.ts';
import type { EventBody, MissionEvent, Said } from './event.ts';
import { expandGroup, reopenGroup, retryGroup, retryItem } from './evolve/fan-out.ts';
import { resetAllHealing, resetHealing, startHealing, stopHealing } from './evolve/healing.ts';
import { newPhase, newTask } from './evolve/new-task.ts';
import { approve, hold, keep, withdraw } from './evolve/gates.ts';
import { changePhase, deadlineOf, goOn, runAgain, setGate, setPhase } from './evolve/phases.ts';
import { startRollback } from './evolve/rollback.ts';
import { countAttempt, raiseBudget, tellOfBudget } from './evolve/budgets.ts';
import { failTask, makeReadyOrPending, reset, setTask } from './evolve/tasks.ts';
import { beginWait, changeWait } from './evolve/waits.ts';
import { addWaiver, approveWaiver, changeWaiver, endWaiver } from './evolve/waivers.ts';
import { noLanes } from './lanes.ts';
import { withTask, withTaskTitle } from './plan-edits.ts';
import { indexPlan } from './plan-index.ts';
import { indexWith } from './restore.ts';
import type { Plan } from './plan.ts';
import { closedGate, hasFailed, isSatisfied, noCounts, noPhases, noTasks } from './state.ts';
import type { Conversation, Mission, MissionState } from './state.ts';

export { readyList } from './lanes.ts';

/**
 * Applies one event. Pure; persistent maps keep the cost of an event at O(what it touches · log n), so that one finished
 * task costs the same in a mission of ten tasks and of ten thousand. Events that make no sense for the state (they never
 * leave `decide`) change nothing but the sequence number.
 */
export function evolve(state: MissionState | null, event: MissionEvent): MissionState | null {
  const { body } = event;
  if (body.type === 'mission.planned') return plannedMission(event, body);
  if (body.type === 'mission.refused') {
    return { missionId: event.missionId, seq: event.seq, status: 'refused', source: body.source, requestedBy: body.requestedBy, refusedAt: event.at, refusal: refusalDigest(body) };
  }
  if (body.type === 'conversation.opened') return state ?? { missionId: event.missionId, seq: event.seq, status: 'none', source: body.source };
  if (state === null) return null;
  if (state.status === 'none') return { ...state, ...mergeAfter(state, body), ...outsideAfter(state, body), seq: event.seq };
  if (state.status === 'refused') return { ...state, seq: event.seq };
  return { ...apply(countAttempt(state, body), event), seq: event.seq };
}

function mergeAfter({ merge }: Conversation, body: EventBody): Pick<Conversation, 'merge'> {
  if (body.type === 'merge-group.judged') return { merge: { group: body.group, verdict: body.verdict, ended: false } };
  return body.type === 'merge-group.ended' && merge !== undefined ? { merge: { ...merge, ended: true } } : {};
}

function outsideAfter({ outside }: Conversation, body: EventBody): Pick<Conversation, 'outside'> {
  if (body.type === 'outside-pull.judged') return { outside: { commit: body.commit, pulls: body.pulls, answer: body.answer } };
  return body.type === 'outside-pull.left' && outside !== undefined ? { outside: { ...outside, pulls: outside.pulls.filter(({ number }) => number !== body.pull) } } : {};
}

function plannedMission(event: MissionEvent, body: Extract<EventBody, { type: 'mission.planned' }>): Mission {
  const index = indexPlan(body.plan);
  const tasks = noTasks.withMutations((map) => {
    for (const task of body.plan.tasks) map.set(task.id, newTask(task.id, new Set(task.needs).size, index.branching));
  });
  const phases = noPhases.withMutations((map) => {
    for (const phase of body.plan.phases) map.set(phase.id, newPhase(phase.id, index.tasksOfPhase.get(phase.id)?.length ?? 0));
  });
  return {
    missionId: event.missionId,
    seq: event.seq,
    status: 'planned',
    source: body.source,
    plan: body.plan,
    index,
    definedIn: body.definedIn,
    adopted: body.adopted,
    requestedBy: body.requestedBy,
    queued: false,
    pausedBy: null,
    reason: null,
    trunk: { head: body.baseCommit, base: body.baseCommit, authors: [] },
    pull: null,
    mergeRefused: null,
    tasks,
    phases,
    ready: noLanes,
    counts: { ...noCounts, pending: body.plan.tasks.length },
    createdAt: event.at,
    finishedAt: null,
  };
}

function apply(mission: Mission, { at, seq, body }: MissionEvent): Mission {
  switch (body.type) {
    case 'conversation.opened':
    case 'merge-group.judged':
    case 'merge-group.ended':
    case 'outside-pull.judged':
    case 'outside-pull.left':
    case 'mission.planned':
    case 'mission.refused':
    case 'answer.given':
    case 'label.consumed':
    case 'notice.given':
    case 'ledger.sealed':
      return mission;
    case 'mission.queued':
      return { ...mission, status: mission.status === 'paused' ? 'paused' : 'running', queued: true };
    case 'mission.paused':
      return { ...without(mission, 'pausedFor'), status: 'paused', pausedBy: body.by, unlabelled: body.why === 'unlabelled', ...steered(body), ...(body.scope === undefined ? {} : { pausedFor: body.scope }) };
    case 'mission.resumed':
      return resume(mission, steered(body));
    case 'mission.cancelled':
      return { ...mission, status: 'cancelled', reason: body.reason, finishedAt: at };
    case 'mission.failed':
      return { ...mission, status: body.partially === true ? 'partially-failed' : 'failed', reason: body.reason, finishedAt: at, ...(body.outputs === undefined ? {} : { outputs: body.outputs }) };
    case 'mission.timed-out':
      return without(mission, 'deadline');
    case 'mission.completed':
      return { ...mission, status: 'completed', pausedBy: null, reason: null, finishedAt: at, ...(body.outputs === undefined ? {} : { outputs: body.outputs }) };
    case 'phase.started':
      return startPhase(mission, body.phase, at, seq);
    case 'phase.completed':
      return setPhase(mission, body.phase, { status: 'complete', finishedAt: at });
    case 'phase.failed':
      return setPhase(mission, body.phase, { status: 'failed', finishedAt: at, ...(body.reason === undefined ? {} : { reason: body.reason }) });
    case 'phase.skipped':
      return skipPhase(mission, body.phase, body.reason, at, seq);
    case 'phase.repeated':
      return repeatPhase(mission, body.phase, body.round, at, seq);
    case 'phase.retried':
      return retryPhase(mission, body.phase, at, seq);
    case 'phase.timed-out':
      return changePhase(mission, body.phase, (phase) => without(phase, 'deadline'));
    case 'task.queued':
      return setTask(mission, body.task, { status: 'queued', attempt: body.attempt, base: body.base, queuedAt: at, startedAt: null, finishedAt: null, retryAt: null, worker: null }, seq);
    case 'task.started':
      return setTask(mission, body.task, { status: 'running', startedAt: at, worker: body.worker }, seq);
    case 'task.produced':
      return setTask(mission, body.task, { status: 'integrating', commit: body.commit, evidence: body.evidence, ...(body.outputs === undefined ? {} : { outputs: body.outputs }) }, seq);
    case 'task.completed':
      return setTask(mission, body.task, { status: 'done', finishedAt: at, commit: body.commit, evidence: body.evidence, outputs: body.outputs, reason: null, failure: null, doneSeq: seq }, seq);
    case 'task.repeated':
      return makeReadyOrPending(mission, body.task, seq, { commit: body.commit, evidence: body.evidence, outputs: body.outputs, round: body.round, reason: null, failure: null });
    case 'approval.requested':
      return beginWait(mission, body.task, body.attempt, { for: 'people', attempt: body.attempt, question: body.question, count: body.count, from: body.from, allowRequester: body.allowRequester, deadline: body.deadline, approvals: [], refusedBy: null }, at, seq);
    case 'wait.started':
      return beginWait(mission, body.task, body.attempt, { for: 'time', attempt: body.attempt, until: body.until }, at, seq);
    case 'approval.given':
      return changeWait(mission, body.task, (wait) => ({ ...wait, approvals: [...wait.approvals, { by: body.by, role: body.role, via: body.via, at }] }));
    case 'approval.refused':
      return changeWait(mission, body.task, (wait) => ({ ...wait, refusedBy: body.by }));
    case 'task.expanded':
      return expandGroup(mission, body, seq);
    case 'task.completed-by-hand':
      return setTask(revive(mission, body.task, at, seq), body.task, { status: 'done', finishedAt: at, doneBy: body.by, reason: null, failure: null, retryAt: null }, seq);
    case 'task.failed':
      return failTask(mission, body, at, seq);
    case 'task.retry-due':
      return makeReadyOrPending(mission, body.task, seq);
    case 'task.retried':
      return retryTask(resetHealing(mission, mission.index.tasks.get(body.task)?.phase ?? ''), body.task, at, seq);
    case 'tasks.blocked':
      return body.tasks.reduce((next, id) => setTask(next, id, { status: 'blocked', reason: body.why === undefined ? `needs ${body.cause}, which failed` : `not started, because ${body.cause} failed`, retryAt: null }, seq), mission);
    case 'tasks.released':
      return body.tasks.reduce((next, id) => makeReadyOrPending(reset(next, id, seq), id, seq), mission);
    case 'task.skipped':
      return setTask(revive(mission, body.task, at, seq), body.task, { status: 'skipped', finishedAt: at, reason: body.reason, retryAt: null, ...(body.why === undefined ? { doneBy: body.by } : { skip: body.why }) }, seq);
    case 'tasks.skipped':
      return body.tasks.reduce((next, id) => setTask(next, id, { status: 'skipped', finishedAt: at, reason: body.reason, skip: body.why, retryAt: null }, seq), mission);
    case 'task.added':
      return addTask(mission, body.task, seq);
    case 'task.renamed':
      return replacePlan(mission, withTaskTitle(mission.plan, body.task, body.title));
    case 'budget.warned':
    case 'budget.exceeded':
      return tellOfBudget(mission, body.scope, body.type === 'budget.warned' ? body.share : 100);
    case 'budget.raised':
      return raiseBudget(mission, body.scope, body.budget);
    case 'rollback.started':
      return startRollback(mission, body, seq);
    case 'rollback.finished':
      return mission.rollback === undefined ? mission : { ...mission, rollback: { ...mission.rollback, finished: true } };
    case 'trunk.moved':
      return {
        ...(body.cause === 'push' && body.by.kind === 'person' && body.head !== mission.trunk.head ? resetAllHealing(mission) : mission),
        trunk: { ...mission.trunk, head: body.head, authors: union(mission.trunk.authors, body.authors), ...contributorsAfter(mission, body) },
      };
    case 'gate.evaluation-started':
      return reopen(
        setGate(mission, body.phase, 'gate', (gate) => ({
          ...closedGate,
          status: 'evaluating',
          round: body.round,
          attempt: body.attempt,
          losses: body.round === gate.round ? gate.losses : 0,
          head: body.head,
          voided: gate.voided,
          ...(gate.held === undefined ? {} : { held: gate.held }),
        })),
        at,
      );
    case 'gate.evaluated':
      return setGate(stands(body.lines) ? resetHealing(mission, body.phase) : mission, body.phase, 'gate', (gate) => ({
        ...gate,
        status: body.passed || stands(body.lines) ? 'awaiting' : 'failed',
        lines: body.lines,
        reports: body.reports,
        metrics: body.metrics,
        evidenceDigest: body.evidenceDigest,
        policyDigest: body.policyDigest,
        reason: body.passed ? null : shutBecause(body.lines),
        evaluatedAt: at,
        retryAt: null,
        ...(body.patchId === undefined ? {} : { patchId: body.patchId }),
        ...(body.policy === undefined ? {} : { policy: body.policy }),
        ...(body.ownership === undefined ? {} : { ownership: body.ownership }),
      }));
    case 'gate.evaluation-failed':
      return setGate(mission, body.phase, 'gate', (gate) => ({
        ...gate,
        status: body.final ? 'failed' : 'evaluating',
        losses: gate.losses + 1,
        reason: body.reason,
        retryAt: body.retryAt,
      }));
    case 'gate.retry-due':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...gate, attempt: body.attempt, retryAt: null }));
    case 'gate.approved':
      return setGate(mission, body.phase, 'gate', (gate) => approve(gate, body, at));
    case 'gate.approvals-held':
      return setGate(mission, body.phase, 'gate', (gate) => hold(gate, body.reason));
    case 'gate.approval-kept':
      return setGate(mission, body.phase, 'gate', (gate) => keep(gate, body));
    case 'gate.approval-withdrawn':
      return withdrawApproval(mission, body, at);
    case 'gate.approvals-voided':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...without(gate, 'held'), approvals: [], voided: body.reason }));
    case 'gate.rejected':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...without(gate, 'held'), status: 'rejected', rejectedBy: body.by, reason: body.reason, approvals: [] }));
    case 'gate.opened':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...gate, status: 'open' }));
    case 'criterion.met': {
      const { criterion, by, round, head, patchId } = body;
      return changePhase(mission, body.phase, (phase) => ({ ...phase, criteria: [...(phase.criteria ?? []), { criterion, by, at, round, head, patchId }] }));
    }
    case 'gate.shut':
      return reopen(setGate(stopHealing(setPhase(mission, body.phase, { finishedAt: null }), body.phase, body.reason), body.phase, 'gate', (gate) => ({ ...gate, status: 'failed', reason: body.reason })), at);
    case 'healing.started':
      return startHealing(mission, body, at);
    case 'healing.stopped':
      return stopHealing(mission, body.phase, body.reason);
    case 'healing.reset':
      return resetHealing(mission, body.phase);
    case 'waiver.requested':
      return addWaiver(mission, body, at);
    case 'waiver.approved':
      return approveWaiver(mission, body, at);
    case 'waiver.counted-down':
      return changeWaiver(mission, body, { daysLeft: body.daysLeft });
    case 'waiver.withdrawn':
      return endWaiver(mission, body, 'withdrawn', at);
    case 'waiver.expired':
      return endWaiver(mission, body, 'expired', at);
    case 'people.assigned':
      return { ...mission, asked: askedAfter(mission.asked ?? [], body) };
    case 'people.unassigned':
      return { ...mission, asked: (mission.asked ?? []).filter(({ login }) => !isAmong(login, body.people)) };
    case 'pull.opened':
      return { ...mission, pull: { number: body.number, state: 'open' } };
    case 'pull.retargeted':
      return { ...mission, pull: mission.pull && { ...mission.pull, base: body.to } };
    case 'pull.merged':
      return { ...mission, pull: mission.pull && { ...mission.pull, state: 'merged' }, mergeRefused: null };
    case 'pull.closed':
      return { ...mission, pull: mission.pull && { ...mission.pull, state: 'closed' } };
    case 'merge.refused':
      return { ...mission, mergeRefused: body.reason };
  }
}

/** What is wrong with a request, in short: the same twice is no news. */
export function refusalDigest({ code, reason, problems }: Pick<Extract<EventBody, { type: 'mission.refused' }>, 'code' | 'reason' | 'problems'>): string {
  return digest({ code, reason, problems } as unknown as Json);
}

function steered({ said }: { readonly said?: Said }): Pick<Mission, 'steered'> {
  return said === undefined ? {} : { steered: said };
}

function resume(mission: Mission, said: Pick<Mission, 'steered'>): Mission {
  const started = mission.queued || mission.phases.some((phase) => phase.startedAt !== null);
  return { ...without(mission, 'pausedFor'), status: started ? 'running' : 'planned', pausedBy: null, unlabelled: false, ...said };
}

function startPhase(mission: Mission, id: string, at: number, seq: number): Mission {
  const limited = mission.deadline === undefined && mission.finishedAt === null ? { ...mission, ...deadlineOf(mission.plan.settings.timeoutSeconds, at) } : mission;
  const next = setPhase(limited, id, { status: 'running', startedAt: at, ...deadlineOf(mission.index.phases.get(id)?.timeoutSeconds, at) });
  return makeReady(next, id, seq);
}

function makeReady(mission: Mission, phase: string, seq: number): Mission {
  let next = mission;
  for (const id of mission.index.tasksOfPhase.get(phase) ?? []) {
    const task = next.tasks.get(id);
    if (task?.status === 'pending' && task.openNeeds === 0 && task.item === undefined) next = setTask(next, id, { status: 'ready' }, seq);
  }
  return next;
}

/** The condition of a phase does not hold: nothing in it is done. */
function skipPhase(mission: Mission, id: string, reason: string, at: number, seq: number): Mission {
  let next = setPhase(mission, id, { status: 'skipped', finishedAt: at, reason });
  for (const task of mission.index.tasksOfPhase.get(id) ?? []) {
    const { status } = next.tasks.get(task) ?? {};
    if (status === 'pending' || status === 'blocked') next = setTask(next, task, { status: 'skipped', skip: 'phase', reason: `its phase was skipped: ${reason}`, finishedAt: at }, seq);
  }
  return next;
}

/** Every task of the phase is done once more. Items follow when their group is expanded again. */
function repeatPhase(mission: Mission, id: string, round: number, at: number, seq: number): Mission {
  let next = runAgain(mission, id, at);
  const ids = (mission.index.tasksOfPhase.get(id) ?? []).filter((task) => mission.tasks.get(task)?.item === undefined);
  for (const task of ids) if (next.tasks.get(task)?.doneBy === null) next = reset(next, task, seq);
  next = setPhase(next, id, { round, deadline: mission.phases.get(id)?.deadline });
  return makeReady(next, id, seq);
}

/** A phase that failed by itself: it is looked at again from its condition on, or done once more from the beginning. */
function retryPhase(mission: Mission, id: string, at: number, seq: number): Mission {
  const next = hasFailed(mission) ? goOn(mission, at) : mission;
  if (mission.phases.get(id)?.startedAt === null) return changePhase(next, id, ({ reason: _reason, ...phase }) => ({ ...phase, status: 'pending', finishedAt: null }));
  return repeatPhase(changePhase(next, id, (phase) => ({ ...phase, ...deadlineOf(mission.index.phases.get(id)?.timeoutSeconds, at) })), id, 1, at, seq);
}

/** A person asks for another attempt: counters start afresh, a finished phase and a failed mission are running again. */
function retryTask(mission: Mission, id: string, at: number, seq: number): Mission {
  const phaseId = mission.index.tasks.get(id)?.phase;
  if (phaseId === undefined || !mission.phases.has(phaseId)) return mission;
  const next = runAgain(hasFailed(mission) ? goOn(mission, at) : mission, phaseId, at);
  // A group without items has none to try again: it is expanded once more.
  if ((next.tasks.get(id)?.group?.size ?? 0) > 0) return retryGroup(reset(next, id, seq), id, seq);
  if (next.tasks.get(id)?.item) return retryItem(next, id, seq);
  return makeReadyOrPending(reset(next, id, seq), id, seq);
}

/** People did or gave up what had failed for good: its group, its phase and the mission go on. */
function revive(mission: Mission, taskId: string, at: number, seq: number): Mission {
  const phaseId = mission.index.tasks.get(taskId)?.phase;
  if (phaseId === undefined || mission.tasks.get(taskId)?.status !== 'failed') return mission;
  const open = reopenGroup(mission, taskId, seq);
  if (open.phases.get(phaseId)?.status !== 'failed') return open;
  const running = runAgain(open, phaseId, at);
  return hasFailed(mission) ? goOn(running, at) : running;
}

function addTask(mission: Mission, task: Plan['tasks'][number], seq: number): Mission {
  const phase = mission.phases.get(task.phase);
  if (!phase) return mission;
  const openNeeds = task.needs.filter((need) => {
    const needed = mission.tasks.get(need);
    return needed && !isSatisfied(needed, mission.index.tasks.get(need)?.continueOnError ?? false);
  }).length;
  const next: Mission = {
    ...setPhase(replacePlan(mission, withTask(mission.plan, task)), task.phase, { open: phase.open + 1 }),
    tasks: mission.tasks.set(task.id, newTask(task.id, openNeeds, mission.index.branching)),
    counts: { ...mission.counts, pending: mission.counts.pending + 1 },
  };
  return makeReadyOrPending(next, task.id, seq);
}

function replacePlan(mission: Mission, plan: Plan): Mission {
  return { ...mission, plan, index: indexWith(plan, mission.tasks.values(), mission.rollback) };
}

/** A gate that is examined again after the end brings the mission back. */
function reopen(mission: Mission, at: number): Mission {
  return mission.status === 'completed' || hasFailed(mission) ? goOn(mission, at) : mission;
}

/** A gate that had opened on the approval is shut again, and its mission goes on. */
function withdrawApproval(mission: Mission, body: Extract<EventBody, { type: 'gate.approval-withdrawn' }>, at: number): Mission {
  const wasOpen = mission.phases.get(body.phase)?.gate.status === 'open';
  const next = setGate(mission, body.phase, 'gate', (gate) => withdraw(gate, body));
  return wasOpen ? reopen(next, at) : next;
}

function contributorsAfter({ trunk }: Mission, { contributors }: Extract<EventBody, { type: 'trunk.moved' }>): Pick<Mission['trunk'], 'contributors'> {
  if (contributors === undefined) return {};
  return { contributors: trunk.contributors === undefined ? contributors : joinContributors(trunk.contributors, contributors) };
}

function without<T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> & T {
  const { [key]: _left, ...rest } = whole;
  return rest as Omit<T, K> & T;
}
