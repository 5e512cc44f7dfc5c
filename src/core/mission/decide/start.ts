import { systemActor } from '../actor.ts';
import { laneOf } from '../lanes.ts';
import { activeCount, taskOf } from '../state.ts';
import type { Mission, TaskState } from '../state.ts';
import { contextOfCondition } from '../context.ts';
import { isOutOfBudget, usedUp } from './budgets.ts';
import type { Draft } from './draft.ts';
import { holds, itemsFor, unmet } from './evaluate.ts';
import { afterSettling, settleGroup, skipTask } from './settle.ts';
import { isCleanUp, stopsAll, stopsItself } from './stops.ts';
import { beginWaiting } from './waits.ts';

/**
 * Lets ready tasks begin, in the order in which they became ready, as far as there is room: conditions are looked at, groups
 * expanded, the others queued. Costs O(phases) for each of them.
 */
export function startTasks(draft: Draft): void {
  for (let task = nextToStart(draft.mission); task !== null; task = nextToStart(draft.mission)) start(draft, task);
}

/** Work came back (another round, a retry, something done by hand) to where no budget is left: people have to know what it waits for. */
export function pauseWithoutBudget(draft: Draft): void {
  const mission = draft.mission;
  if (mission?.status !== 'running' || mission.counts.ready === 0 || activeCount(mission.counts) > 0 || nextToStart(mission) !== null) return;
  const scope = usedUp(mission);
  if (scope !== null) draft.emit({ type: 'mission.paused', by: systemActor, why: 'budget', scope });
}

function start(draft: Draft, task: TaskState): void {
  const mission = draft.mission;
  const planned = mission?.index.tasks.get(task.id);
  if (!mission || !planned) return;
  if (planned.if !== undefined && isFirstTry(task)) {
    const held = holds('if', planned.if, contextOfCondition(mission, task.id));
    if (!held.ok) return failBeforeStart(draft, task, held.error);
    if (!held.value) return skipTask(draft, task.id, 'condition', unmet(planned.if));
  }
  if (planned.strategy !== undefined) {
    const items = itemsFor(mission, planned, planned.strategy);
    if (!items.ok) return failBeforeStart(draft, task, items.error);
    draft.emit({ type: 'task.expanded', task: task.id, items: items.value });
    return settleGroup(draft, task.id);
  }
  if (planned.waits !== undefined) return beginWaiting(draft, mission, planned);
  draft.emit({ type: 'task.queued', task: task.id, attempt: task.attempt + 1, base: mission.trunk.head });
}

function failBeforeStart(draft: Draft, task: TaskState, reason: string): void {
  draft.emit({ type: 'task.failed', task: task.id, attempt: task.attempt, failure: 'input', reason, evidence: null, final: true, retryAt: null });
  afterSettling(draft, task.id);
}

/** The ready task that begins next; null when nothing may begin now. */
export function nextToStart(mission: Mission | null): TaskState | null {
  if (!mission) return null;
  const full = activeCount(mission.counts) >= mission.plan.settings.maxParallel;
  const stopped = stopsAll(mission);
  let next: TaskState | null = null;
  for (const phase of lanesToStart(mission)) {
    const task = firstOf(mission, phase, phase !== '' && (stopped || stopsItself(mission, phase)));
    if (task === null || !hasRoom(mission, task, phase, full)) continue;
    if (next === null || (task.readyAt ?? 0) < (next.readyAt ?? 0)) next = task;
  }
  return next;
}

/** While what succeeded is undone, nothing else begins. */
function lanesToStart(mission: Mission): readonly string[] {
  if (mission.rollback !== undefined) return mission.rollback.finished ? [] : [''];
  return mission.plan.phases.flatMap(({ id }) => (mission.phases.get(id)?.status === 'running' && !laneOf(mission.ready, id).ready.isEmpty() ? [id] : []));
}

function firstOf(mission: Mission, phase: string, stopped: boolean): TaskState | null {
  const id = laneOf(mission.ready, phase).ready.find((candidate) => mayStart(mission, taskOf(mission, candidate), stopped));
  return id === undefined ? null : taskOf(mission, id);
}

/** After a failure that stops everything else, a task still starts when a person asked for it, or when it is there for that case. */
function mayStart(mission: Mission, task: TaskState | null, stopped: boolean): boolean {
  if (task?.status !== 'ready') return false;
  if (stopped && !isAskedFor(task) && !isCleanUp(mission, task.id)) return false;
  return !isOutOfBudget(mission, task.id);
}

/** `/retry` set its counters back. */
function isAskedFor(task: TaskState): boolean {
  return task.attempt > 0 && isFirstTry(task);
}

/** Neither tried again by itself nor repeated: its condition is looked at. */
function isFirstTry(task: TaskState): boolean {
  return task.failures === 0 && task.losses === 0 && (task.round ?? 1) === 1;
}

/** A group runs nothing itself, and what waits takes no worker's time; where a phase does one thing at a time, waiting is such a thing. */
function hasRoom(mission: Mission, { id }: TaskState, phase: string, full: boolean): boolean {
  const planned = mission.index.tasks.get(id);
  if (planned?.strategy !== undefined) return true;
  const { active, waiting } = laneOf(mission.ready, phase);
  const atOnce = tasksAtOnce(mission, phase);
  if (atOnce === 1 && active + waiting > 0) return false;
  return planned?.waits !== undefined || !(full || active >= atOnce);
}

function tasksAtOnce(mission: Mission, phase: string): number {
  const planned = mission.index.phases.get(phase);
  return planned?.mode === 'iterative' ? 1 : (planned?.maxParallel ?? Number.POSITIVE_INFINITY);
}
