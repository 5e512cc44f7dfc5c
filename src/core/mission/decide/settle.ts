import { isGroupSettled, itemsOf } from '../groups.ts';
import { taskOf } from '../state.ts';
import type { Mission, SkipCause } from '../state.ts';
import { systemActor } from '../actor.ts';
import { blockedBehind, dependentsOf } from './blocked.ts';
import type { Draft } from './draft.ts';
import { finishGroup, holdsAfterItem } from './fan-in.ts';

/** What follows when a task is settled: what needs it is blocked or skipped, its group goes on. Recorded also while the mission is paused. */
export function afterSettling(draft: Draft, id: string): void {
  const mission = draft.mission;
  const task = mission && taskOf(mission, id);
  const planned = mission?.index.tasks.get(id);
  if (!mission || !task || !planned) return;
  if (task.status === 'failed' && !planned.continueOnError) {
    const blocked = dependentsOf(mission, id);
    if (blocked.length > 0) draft.emit({ type: 'tasks.blocked', tasks: blocked, cause: id });
  }
  skipDependents(draft, id);
  if (planned.itemOf !== undefined) afterItem(draft, planned.itemOf.group, id);
}

/** Skips a task for a reason of the mission's own, and what needed it. */
export function skipTask(draft: Draft, id: string, why: SkipCause, reason: string): void {
  draft.emit({ type: 'task.skipped', task: id, by: systemActor, reason, why });
  afterSettling(draft, id);
}

/**
 * A task is skipped when it is known how all of its needs went, one of them was skipped, and it does not ask about that. Not
 * earlier: what becomes of it must not depend on the order in which its needs end.
 */
export function skipDependents(draft: Draft, settled: string): void {
  if (draft.mission?.index.branching !== true) return;
  const open = [settled];
  const seen = new Set(open);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const dependent of draft.mission.index.dependents.get(id) ?? []) {
      const cause = skippedNeed(draft.mission, dependent);
      if (cause !== null) draft.emit({ type: 'tasks.skipped', tasks: [dependent], cause, why: 'need', reason: `needs ${cause}, which was skipped` });
      // What is blocked passes on that nothing more will become of it.
      const passesOn = cause !== null || (taskOf(draft.mission, dependent)?.status === 'blocked' && !seen.has(dependent));
      if (passesOn) open.push(dependent);
      seen.add(dependent);
    }
  }
}

/** The need for whose sake a task is skipped now; null when it is not. */
function skippedNeed(mission: Mission, id: string): string | null {
  const task = taskOf(mission, id);
  if ((task?.status !== 'pending' && task?.status !== 'blocked') || task.unsettled !== 0 || mission.index.tolerant.has(id)) return null;
  return mission.index.tasks.get(id)?.needs.find((need) => taskOf(mission, need)?.skip !== undefined) ?? null;
}

/** Whatever is blocked behind a failure that nobody will try again, through any number of steps. */
export function giveUpBehind(draft: Draft, id: string): void {
  const tasks = draft.mission === null ? [] : blockedBehind(draft.mission, id);
  if (tasks.length > 0) draft.emit({ type: 'tasks.skipped', tasks, cause: id, why: 'need', reason: `needs ${id}, which failed` });
  for (const task of tasks) skipDependents(draft, task);
}

function afterItem(draft: Draft, group: string, item: string): void {
  const mission = draft.mission;
  const strategy = mission?.index.tasks.get(group)?.strategy;
  if (!mission || !strategy || taskOf(mission, group)?.status !== 'expanded') return;
  const { status } = taskOf(mission, item) ?? {};
  if (status === 'failed' && strategy.failFast && strategy.mode !== 'partial') skipWaitingItems(draft, group, item, 'fail-fast', `not started, because ${item} failed`);
  else if (status === 'done' && strategy.mode === 'iterative') stopWhenReached(draft, mission, group, item);
  settleGroup(draft, group);
}

/** A group whose items are all settled is settled itself. */
export function settleGroup(draft: Draft, group: string): void {
  const task = draft.mission && taskOf(draft.mission, group);
  if (!draft.mission || task?.status !== 'expanded' || !task.group || !isGroupSettled(task.group)) return;
  finishGroup(draft, draft.mission, group);
  afterSettling(draft, group);
}

function stopWhenReached(draft: Draft, mission: Mission, group: string, item: string): void {
  const held = holdsAfterItem(mission, group, item);
  if (held === null) return;
  if (held.ok) {
    if (held.value) skipWaitingItems(draft, group, item, 'reached', `not needed: the condition held after ${item}`);
    return;
  }
  skipWaitingItems(draft, group, item, 'fail-fast', 'not started, because the condition of its group has no value');
  draft.emit({ type: 'task.failed', task: group, attempt: 0, failure: 'input', reason: held.error, evidence: null, final: true, retryAt: null });
  afterSettling(draft, group);
}

/** Items that nobody works on; those that run come to their end. */
export function skipWaitingItems(draft: Draft, group: string, cause: string, why: SkipCause, reason: string): void {
  const mission = draft.mission;
  const tasks = !mission ? [] : itemsOf(mission, group).filter((id) => ['pending', 'ready', 'retrying', 'waiting'].includes(taskOf(mission, id)?.status ?? ''));
  if (tasks.length > 0) draft.emit({ type: 'tasks.skipped', tasks, cause, why, reason });
}
