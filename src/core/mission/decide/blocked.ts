import { taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';

/** Every task that cannot start because `id` failed, through any number of steps, and that still waits. */
export function dependentsOf(mission: Mission, id: string): readonly string[] {
  return behind(mission, id, 'pending');
}

/** A failed task is tried again, or people did it or gave it up: tasks that waited for nothing else wait for their turn again. */
export function release(draft: Draft, id: string): void {
  const released = draft.mission === null ? [] : releasable(draft.mission, id);
  if (released.length > 0) draft.emit({ type: 'tasks.released', tasks: released, cause: id });
}

/** Blocked tasks that wait for nothing else that failed. */
function releasable(mission: Mission, freed: string): readonly string[] {
  const released = new Set<string>();
  for (const id of behind(mission, freed, 'blocked')) {
    const needs = mission.index.tasks.get(id)?.needs ?? [];
    const free = needs.every((need) => {
      if (need === freed || released.has(need)) return true;
      const task = taskOf(mission, need);
      return task !== null && task.status !== 'blocked' && !(task.status === 'failed' && !mission.index.tasks.get(need)?.continueOnError);
    });
    if (free) released.add(id);
  }
  return [...released];
}

/** Tasks in a status that are reached from a task over such tasks alone, in plan order (so that needs come before what needs them). */
function behind(mission: Mission, id: string, status: 'pending' | 'blocked'): readonly string[] {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const dependent of mission.index.dependents.get(at) ?? []) {
      if (found.has(dependent) || taskOf(mission, dependent)?.status !== status) continue;
      found.add(dependent);
      open.push(dependent);
    }
  }
  return found.size === 0 ? [] : [...mission.index.tasks.keys()].filter((task) => found.has(task));
}
