import { taskOf } from '../state.ts';
import type { Mission, TaskState } from '../state.ts';
import type { Draft } from './draft.ts';

/** Every task that cannot start because `id` failed, through any number of steps, and that still waits. */
export function dependentsOf(mission: Mission, id: string): readonly string[] {
  return behind(mission, id, ({ status }) => status === 'pending');
}

/** Every task that is blocked because of `id`, through any number of steps. */
export function blockedBehind(mission: Mission, id: string): readonly string[] {
  return behind(mission, id, ({ status }) => status === 'blocked');
}

/** A failed task is tried again, or people did it or gave it up: tasks that waited for nothing else wait for their turn again. */
export function release(draft: Draft, id: string): void {
  const released = draft.mission === null ? [] : releasable(draft.mission, id);
  if (released.length > 0) draft.emit({ type: 'tasks.released', tasks: released, cause: id });
}

/** Tasks blocked, or skipped for this one's sake, that wait for nothing else that failed. */
function releasable(mission: Mission, freed: string): readonly string[] {
  const released = new Set<string>();
  const waits = ({ status, skip }: TaskState) => status === 'blocked' || (status === 'skipped' && skip === 'need');
  const near = behind(mission, freed, waits);
  for (const id of mission.index.tolerant.size === 0 ? near : withStopped(mission, near)) {
    const needs = mission.index.tasks.get(id)?.needs ?? [];
    const free = needs.every((need) => {
      if (need === freed || released.has(need)) return true;
      const task = taskOf(mission, need);
      if (task === null || task.status === 'blocked' || (task.status === 'skipped' && task.skip !== undefined)) return false;
      return !(task.status === 'failed' && !mission.index.tasks.get(need)?.continueOnError);
    });
    if (free) released.add(id);
  }
  return [...released];
}

/** Where the end of a mission blocked what had not started, so that clean-up could run, all of that is free as well. */
function withStopped(mission: Mission, near: readonly string[]): readonly string[] {
  const own = new Set(near);
  return [...mission.index.tasks.keys()].filter((id) => own.has(id) || taskOf(mission, id)?.status === 'blocked');
}

/**
 * Tasks that wait strictly for a task, over such tasks alone, in plan order (so that needs come before what needs them).
 * A task that asks for what went wrong is not among them: it has its own say.
 */
function behind(mission: Mission, id: string, waits: (task: TaskState) => boolean): readonly string[] {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const dependent of mission.index.dependents.get(at) ?? []) {
      const task = found.has(dependent) || mission.index.tolerant.has(dependent) ? null : taskOf(mission, dependent);
      if (task === null || !waits(task)) continue;
      found.add(dependent);
      open.push(dependent);
    }
  }
  const { position } = mission.index;
  return [...found].sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
}
