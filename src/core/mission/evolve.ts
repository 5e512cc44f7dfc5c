import { List } from 'immutable';

import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { countsAsFailure } from '../schedule/retry.ts';
import type { EventBody, MissionEvent, Said } from './event.ts';
import { indexPlan, withTask, withTaskTitle } from './plan.ts';
import type { Plan, PlanIndex } from './plan.ts';
import { closedGate, isSatisfied, noCounts, noPhases, noTasks, nothingReady } from './state.ts';
import type { GateState, Mission, MissionState, PhaseState, TaskState } from './state.ts';

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
  if (state.status === 'refused' || state.status === 'none') return { ...state, seq: event.seq };
  return { ...apply(state, event), seq: event.seq };
}

function plannedMission(event: MissionEvent, body: Extract<EventBody, { type: 'mission.planned' }>): Mission {
  const index = indexPlan(body.plan);
  const tasks = noTasks.withMutations((map) => {
    for (const task of body.plan.tasks) map.set(task.id, newTask(task.id, new Set(task.needs).size));
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
    ready: nothingReady,
    counts: { ...noCounts, pending: body.plan.tasks.length },
    createdAt: event.at,
    finishedAt: null,
  };
}

function apply(mission: Mission, { at, seq, body }: MissionEvent): Mission {
  switch (body.type) {
    case 'conversation.opened':
    case 'mission.planned':
    case 'mission.refused':
    case 'answer.given':
    case 'label.consumed':
      return mission;
    case 'mission.queued':
      return { ...mission, status: mission.status === 'paused' ? 'paused' : 'running', queued: true };
    case 'mission.paused':
      return { ...mission, status: 'paused', pausedBy: body.by, unlabelled: body.why === 'unlabelled', ...steered(body) };
    case 'mission.resumed':
      return { ...mission, status: mission.queued || mission.phases.some((phase) => phase.startedAt !== null) ? 'running' : 'planned', pausedBy: null, unlabelled: false, ...steered(body) };
    case 'mission.cancelled':
      return { ...mission, status: 'cancelled', reason: body.reason, finishedAt: at };
    case 'mission.failed':
      return { ...mission, status: 'failed', reason: body.reason, finishedAt: at };
    case 'mission.completed':
      return { ...mission, status: 'completed', pausedBy: null, reason: null, finishedAt: at };
    case 'phase.started':
      return startPhase(mission, body.phase, at, seq);
    case 'phase.completed':
      return setPhase(mission, body.phase, { status: 'complete', finishedAt: at });
    case 'phase.failed':
      return setPhase(mission, body.phase, { status: 'failed', finishedAt: at });
    case 'task.queued':
      return setTask(mission, body.task, { status: 'queued', attempt: body.attempt, base: body.base, queuedAt: at, startedAt: null, finishedAt: null, retryAt: null, worker: null }, seq);
    case 'task.started':
      return setTask(mission, body.task, { status: 'running', startedAt: at, worker: body.worker }, seq);
    case 'task.produced':
      return setTask(mission, body.task, { status: 'integrating', commit: body.commit, evidence: body.evidence }, seq);
    case 'task.completed':
      return setTask(mission, body.task, { status: 'done', finishedAt: at, commit: body.commit, evidence: body.evidence, reason: null, failure: null }, seq);
    case 'task.completed-by-hand':
      return setTask(revive(mission, body.task), body.task, { status: 'done', finishedAt: at, doneBy: body.by, reason: null, failure: null, retryAt: null }, seq);
    case 'task.failed':
      return failTask(mission, body, at, seq);
    case 'task.retry-due':
      return makeReadyOrPending(mission, body.task, seq);
    case 'task.retried':
      return retryTask(mission, body.task, seq);
    case 'tasks.blocked':
      return body.tasks.reduce((next, id) => setTask(next, id, { status: 'blocked', reason: `needs ${body.cause}, which failed` }, seq), mission);
    case 'tasks.released':
      return body.tasks.reduce((next, id) => setTask(next, id, { status: 'pending', reason: null }, seq), mission);
    case 'task.skipped':
      return setTask(revive(mission, body.task), body.task, { status: 'skipped', finishedAt: at, reason: body.reason, doneBy: body.by }, seq);
    case 'task.added':
      return addTask(mission, body.task, seq);
    case 'task.renamed':
      return replacePlan(mission, withTaskTitle(mission.plan, body.task, body.title));
    case 'trunk.moved':
      return { ...mission, trunk: { ...mission.trunk, head: body.head, authors: union(mission.trunk.authors, body.authors) } };
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
        })),
      );
    case 'gate.evaluated':
      return setGate(mission, body.phase, 'gate', (gate) => ({
        ...gate,
        status: body.passed ? 'awaiting' : 'failed',
        lines: body.lines,
        reports: body.reports,
        metrics: body.metrics,
        evidenceDigest: body.evidenceDigest,
        policyDigest: body.policyDigest,
        reason: body.passed ? null : body.lines.flatMap((line) => line.reason ?? []).join('; '),
        evaluatedAt: at,
        retryAt: null,
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
      return setGate(mission, body.phase, 'gate', (gate) => ({
        ...gate,
        approvals: [...gate.approvals, { by: body.by, role: body.role, via: body.via, at, head: body.head, evidenceDigest: body.evidenceDigest, policyDigest: body.policyDigest }],
      }));
    case 'gate.approvals-voided':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...gate, approvals: [], voided: body.reason }));
    case 'gate.rejected':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...gate, status: 'rejected', rejectedBy: body.by, reason: body.reason, approvals: [] }));
    case 'gate.opened':
      return setGate(mission, body.phase, 'gate', (gate) => ({ ...gate, status: 'open' }));
    case 'pull.opened':
      return { ...mission, pull: { number: body.number, state: 'open' } };
    case 'pull.merged':
      return { ...mission, pull: mission.pull && { ...mission.pull, state: 'merged' }, mergeRefused: null };
    case 'pull.closed':
      return { ...mission, pull: mission.pull && { ...mission.pull, state: 'closed' } };
    case 'merge.refused':
      return { ...mission, mergeRefused: body.reason };
  }
}

function newTask(id: string, openNeeds: number): TaskState {
  return {
    id,
    status: 'pending',
    attempt: 0,
    openNeeds,
    failures: 0,
    losses: 0,
    reason: null,
    failure: null,
    base: null,
    commit: null,
    worker: null,
    evidence: null,
    doneBy: null,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    readyAt: null,
  };
}

function newPhase(id: string, open: number): PhaseState {
  return { id, status: 'pending', open, failed: 0, startedAt: null, finishedAt: null, gate: closedGate };
}

/** The one place where a task changes: keeps counts, phase totals, ready list and dependents in step. */
function setTask(mission: Mission, id: string, patch: Partial<TaskState>, seq: number): Mission {
  const before = mission.tasks.get(id);
  const planned = mission.index.tasks.get(id);
  if (!before || !planned) return mission;
  const becameReady = patch.status === 'ready' && before.status !== 'ready';
  const after: TaskState = { ...before, ...patch, ...(becameReady ? { readyAt: seq } : {}) };
  let next: Mission = { ...mission, tasks: mission.tasks.set(id, after), ready: becameReady ? mission.ready.push(id) : mission.ready };
  if (before.status !== after.status) {
    next = { ...next, counts: { ...next.counts, [before.status]: next.counts[before.status] - 1, [after.status]: next.counts[after.status] + 1 } };
    if (before.status === 'ready' && after.status === 'queued') next = { ...next, ready: dropPassed(next, id) };
  }
  const wasSatisfied = isSatisfied(before, planned.continueOnError);
  const satisfied = isSatisfied(after, planned.continueOnError);
  const wasFailed = before.status === 'failed' && !planned.continueOnError;
  const failed = after.status === 'failed' && !planned.continueOnError;
  const phase = next.phases.get(planned.phase);
  if (phase && (wasSatisfied !== satisfied || wasFailed !== failed)) {
    const open = phase.open + Number(wasSatisfied) - Number(satisfied);
    next = setPhase(next, planned.phase, { open, failed: phase.failed + Number(failed) - Number(wasFailed) });
  }
  if (satisfied !== wasSatisfied) next = tellDependents(next, id, satisfied ? -1 : 1, seq);
  return next;
}

function tellDependents(mission: Mission, id: string, change: 1 | -1, seq: number): Mission {
  let next = mission;
  for (const dependent of mission.index.dependents.get(id) ?? []) {
    const task = next.tasks.get(dependent);
    if (!task) continue;
    const openNeeds = task.openNeeds + change;
    const startable = openNeeds === 0 && task.status === 'pending' && phaseRuns(next, dependent);
    const waitsAgain = openNeeds > 0 && task.status === 'ready';
    next = setTask(next, dependent, startable ? { openNeeds, status: 'ready' } : waitsAgain ? { openNeeds, status: 'pending' } : { openNeeds }, seq);
  }
  return next;
}

/** What is wrong with a request, in short: the same twice is no news. */
export function refusalDigest({ code, reason, problems }: Pick<Extract<EventBody, { type: 'mission.refused' }>, 'code' | 'reason' | 'problems'>): string {
  return digest({ code, reason, problems } as unknown as Json);
}

function steered({ said }: { readonly said?: Said }): Pick<Mission, 'steered'> {
  return said === undefined ? {} : { steered: said };
}

function phaseRuns(mission: Mission, taskId: string): boolean {
  const phase = mission.index.tasks.get(taskId)?.phase;
  return phase !== undefined && mission.phases.get(phase)?.status === 'running';
}

function startPhase(mission: Mission, phase: string, at: number, seq: number): Mission {
  let next = setPhase(mission, phase, { status: 'running', startedAt: at });
  for (const id of mission.index.tasksOfPhase.get(phase) ?? []) {
    const task = next.tasks.get(id);
    if (task?.status === 'pending' && task.openNeeds === 0) next = setTask(next, id, { status: 'ready' }, seq);
  }
  return next;
}

function failTask(mission: Mission, body: Extract<EventBody, { type: 'task.failed' }>, at: number, seq: number): Mission {
  const task = mission.tasks.get(body.task);
  if (!task) return mission;
  const counted = countsAsFailure(body.failure);
  return setTask(
    mission,
    body.task,
    {
      status: body.final ? 'failed' : 'retrying',
      reason: body.reason,
      failure: body.failure,
      evidence: body.evidence ?? task.evidence,
      failures: task.failures + Number(counted),
      losses: task.losses + Number(!counted),
      finishedAt: body.final ? at : null,
      retryAt: body.retryAt,
    },
    seq,
  );
}

function makeReadyOrPending(mission: Mission, id: string, seq: number): Mission {
  const task = mission.tasks.get(id);
  if (!task) return mission;
  const ready = task.openNeeds === 0 && phaseRuns(mission, id);
  return setTask(mission, id, { status: ready ? 'ready' : 'pending', retryAt: null }, seq);
}

/** A person asks for another attempt: counters start afresh, a finished phase and a failed mission are running again. */
function retryTask(mission: Mission, id: string, seq: number): Mission {
  const phaseId = mission.index.tasks.get(id)?.phase;
  const phase = phaseId === undefined ? undefined : mission.phases.get(phaseId);
  if (!phase || phaseId === undefined) return mission;
  let next: Mission = mission.status === 'failed' ? { ...mission, status: 'running', reason: null, finishedAt: null } : mission;
  if (phase.status !== 'pending') next = setPhase(next, phaseId, { status: 'running', finishedAt: null, gate: { ...closedGate, round: phase.gate.round, attempt: phase.gate.attempt } });
  next = setTask(next, id, { status: 'pending', failures: 0, losses: 0, reason: null, failure: null, doneBy: null, finishedAt: null }, seq);
  return makeReadyOrPending(next, id, seq);
}

/** People did or gave up what had failed for good: its phase and the mission go on. */
function revive(mission: Mission, taskId: string): Mission {
  const phaseId = mission.index.tasks.get(taskId)?.phase;
  if (phaseId === undefined || mission.tasks.get(taskId)?.status !== 'failed' || mission.phases.get(phaseId)?.status !== 'failed') return mission;
  const next = setPhase(mission, phaseId, { status: 'running', finishedAt: null });
  return mission.status === 'failed' ? { ...next, status: 'running', reason: null, finishedAt: null } : next;
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
    tasks: mission.tasks.set(task.id, newTask(task.id, openNeeds)),
    counts: { ...mission.counts, pending: mission.counts.pending + 1 },
  };
  return makeReadyOrPending(next, task.id, seq);
}

function replacePlan(mission: Mission, plan: Plan): Mission {
  const index: PlanIndex = indexPlan(plan);
  return { ...mission, plan, index };
}

function setPhase(mission: Mission, id: string, patch: Partial<PhaseState>): Mission {
  const phase = mission.phases.get(id);
  return phase ? { ...mission, phases: mission.phases.set(id, { ...phase, ...patch }) } : mission;
}

function setGate(mission: Mission, id: string, status: PhaseState['status'], change: (gate: GateState) => GateState): Mission {
  const phase = mission.phases.get(id);
  return phase ? setPhase(mission, id, { status, gate: change(phase.gate) }) : mission;
}

/** A gate that is examined again after the end brings the mission back. */
function reopen(mission: Mission): Mission {
  return mission.status === 'completed' || mission.status === 'failed' ? { ...mission, status: 'running', reason: null, finishedAt: null } : mission;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.every((entry) => a.includes(entry)) ? a : [...new Set([...a, ...b])].sort();
}

/** Takes the queued task, and whatever went elsewhere before it, off the front of the ready list. */
function dropPassed(mission: Mission, queued: string): List<string> {
  let ready = mission.ready;
  for (let first = ready.first(); first !== undefined && (first === queued || mission.tasks.get(first)?.status !== 'ready'); first = ready.first()) {
    ready = ready.shift();
  }
  return ready;
}

/** The ready tasks in the order in which they became ready; used when a state is rebuilt from its rows. */
export function readyList(tasks: Mission['tasks'], index: PlanIndex): List<string> {
  const ready = [...index.tasks.keys()].flatMap((id) => {
    const task = tasks.get(id);
    return task?.status === 'ready' ? [task] : [];
  });
  // Tasks that became ready by one event stand in plan order; the sort is stable.
  return List(ready.sort((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0)).map((task) => task.id));
}
