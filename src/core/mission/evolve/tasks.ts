import { countsAsFailure } from '../../schedule/retry.ts';
import type { EventBody } from '../event.ts';
import { itemId, itemsAtOnce, recount } from '../groups.ts';
import { moveInLane } from '../lanes.ts';
import type { PlannedTask } from '../plan.ts';
import { isSatisfied, isSettled, letsDependentsStart } from '../state.ts';
import type { GroupState, Mission, TaskState } from '../state.ts';
import { setPhase } from './phases.ts';

/** The one place where a task changes: keeps counts, lanes, phase totals, its group and its dependents in step. */
export function setTask(mission: Mission, id: string, patch: Partial<TaskState>, seq: number): Mission {
  const before = mission.tasks.get(id);
  const planned = mission.index.tasks.get(id);
  if (!before || !planned) return mission;
  const becameReady = patch.status === 'ready' && before.status !== 'ready';
  const after: TaskState = { ...before, ...patch, ...(becameReady ? { readyAt: seq } : {}) };
  let next: Mission = { ...mission, tasks: mission.tasks.set(id, after) };
  if (before.status === after.status) return isSettled(before) === isSettled(after) ? next : tellDependents(next, planned, before, after, seq);
  next = {
    ...next,
    counts: { ...next.counts, [before.status]: next.counts[before.status] - 1, [after.status]: next.counts[after.status] + 1 },
    ready: moveInLane(next.ready, planned.phase, id, { from: before.status, to: after.status, wasReady: before.readyAt !== null }, next.tasks, next.index),
  };
  next = planned.itemOf === undefined ? tellPhase(next, planned, before, after) : tellGroup(next, planned.itemOf.group, before, after, seq);
  return tellDependents(next, planned, before, after, seq);
}

function tellPhase(mission: Mission, { phase: id, continueOnError }: PlannedTask, before: TaskState, after: TaskState): Mission {
  const phase = mission.phases.get(id);
  if (!phase) return mission;
  const closed = Number(isSatisfied(after, continueOnError)) - Number(isSatisfied(before, continueOnError));
  const failed = Number(after.status === 'failed' && !continueOnError) - Number(before.status === 'failed' && !continueOnError);
  return closed === 0 && failed === 0 ? mission : setPhase(mission, id, { open: phase.open - closed, failed: phase.failed + failed });
}

function tellDependents(mission: Mission, { id, continueOnError }: PlannedTask, before: TaskState, after: TaskState, seq: number): Mission {
  const dependents = mission.index.dependents.get(id);
  if (dependents === undefined) return mission;
  const strict = Number(letsDependentsStart(before, continueOnError)) - Number(letsDependentsStart(after, continueOnError));
  const settled = Number(isSettled(before)) - Number(isSettled(after));
  if (strict === 0 && settled === 0) return mission;
  let next = mission;
  for (const dependent of dependents) {
    const task = next.tasks.get(dependent);
    if (!task) continue;
    const openNeeds = task.openNeeds + (mission.index.tolerant.has(dependent) ? settled : strict);
    const counts = { openNeeds, ...(task.unsettled === undefined ? {} : { unsettled: task.unsettled + settled }) };
    const startable = openNeeds === 0 && task.status === 'pending' && mayRun(next, dependent);
    const waitsAgain = openNeeds > 0 && task.status === 'ready';
    next = setTask(next, dependent, startable ? { ...counts, status: 'ready' } : waitsAgain ? { ...counts, status: 'pending' } : counts, seq);
  }
  return next;
}

/** An item went on: its group counts it, and the next ones get their turn. */
function tellGroup(mission: Mission, id: string, before: TaskState, after: TaskState, seq: number): Mission {
  const group = mission.tasks.get(id)?.group;
  if (!group) return mission;
  const next = setGroup(mission, id, recount(group, before.status, after.status));
  return isSettled(after) ? giveTurns(next, id, seq) : next;
}

/** Items in their order, as many at once as the strategy allows. */
export function giveTurns(mission: Mission, id: string, seq: number): Mission {
  const strategy = mission.index.tasks.get(id)?.strategy;
  if (strategy === undefined) return mission;
  let next = mission;
  for (let task = next.tasks.get(id); task?.group && task.status === 'expanded'; task = next.tasks.get(id)) {
    const { group } = task;
    if (group.next >= group.size || group.live >= itemsAtOnce(strategy)) break;
    const item = itemId(id, group.next, group.size);
    next = setGroup(next, id, { ...group, next: group.next + 1 });
    if (next.tasks.get(item)?.status === 'pending') next = setTask(next, item, { status: 'ready' }, seq);
  }
  return next;
}

export function setGroup(mission: Mission, id: string, group: GroupState): Mission {
  const task = mission.tasks.get(id);
  return task ? { ...mission, tasks: mission.tasks.set(id, { ...task, group }) } : mission;
}

/** Tasks of a phase that runs; what undoes belongs to no phase. */
function mayRun(mission: Mission, taskId: string): boolean {
  const phase = mission.index.tasks.get(taskId)?.phase;
  return phase === '' || (phase !== undefined && mission.phases.get(phase)?.status === 'running');
}

/** A task begins once more: at once, or when what it needs is done, for that may be done once more as well. */
export function makeReadyOrPending(mission: Mission, id: string, seq: number, more: Partial<TaskState> = {}): Mission {
  const task = mission.tasks.get(id);
  if (!task) return mission;
  const ready = task.openNeeds === 0 && mayRun(mission, id);
  return setTask(mission, id, { ...more, status: ready ? 'ready' : 'pending', retryAt: null }, seq);
}

export function failTask(mission: Mission, body: Extract<EventBody, { type: 'task.failed' }>, at: number, seq: number): Mission {
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

/** Counters start afresh, and why it ended is forgotten; what it gave stays until there is something newer. */
export function asNew(task: TaskState): TaskState {
  const { skip: _skip, round: _round, ...rest } = task;
  return { ...rest, failures: 0, losses: 0, reason: null, failure: null, doneBy: null, finishedAt: null, retryAt: null };
}

/** Puts a settled task back to the beginning. */
export function reset(mission: Mission, id: string, seq: number): Mission {
  const next = setTask(mission, id, { status: 'pending' }, seq);
  const task = next.tasks.get(id);
  return task ? { ...next, tasks: next.tasks.set(id, asNew(task)) } : next;
}
