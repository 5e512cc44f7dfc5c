import { Map } from 'immutable';

import type { Json } from '../kit/json.ts';
import type { MissionEvent } from '../core/mission/event.ts';
import { readyList } from '../core/mission/evolve.ts';
import type { Plan } from '../core/mission/plan.ts';
import { indexWith, tasksTouchedBy } from '../core/mission/restore.ts';
import { isMission, noCounts } from '../core/mission/state.ts';
import type { Mission, MissionState, PhaseState, TaskCounts, TaskState } from '../core/mission/state.ts';

/** The part of a mission that is kept in its `runs` row; tasks, phases and plan have rows of their own. */
type RunState = Omit<Mission, 'tasks' | 'phases' | 'plan' | 'index' | 'ready' | 'counts'>;

/** The JSON of the `runs` row. */
export function runState(state: MissionState): Json {
  if (!isMission(state)) return state as unknown as Json;
  const { tasks: _tasks, phases: _phases, plan: _plan, index: _index, ready: _ready, counts: _counts, ...rest } = state;
  return rest as unknown as Json;
}

/** Puts a mission together from its rows. The order of `tasks` and `phases` does not matter. */
export function missionFromRows(run: Json, plan: Plan | null, phases: readonly PhaseState[], tasks: readonly TaskState[]): MissionState {
  if (plan === null) return run as unknown as MissionState;
  const index = indexWith(plan, tasks, (run as unknown as RunState).rollback);
  const taskMap = Map<string, TaskState>(tasks.map((task) => [task.id, task]));
  const counts: { -readonly [status in keyof TaskCounts]: number } = { ...noCounts };
  for (const task of tasks) counts[task.status] += 1;
  return {
    ...(run as unknown as RunState),
    plan,
    index,
    phases: Map<string, PhaseState>(phases.map((phase) => [phase.id, phase])),
    tasks: taskMap,
    ready: readyList(taskMap, index),
    counts,
  };
}

/**
 * Tasks whose row must be written after these events: what the events name and what directly depends on it, as far as it
 * really changed. Keeps the cost of a commit at what it touches.
 */
export function touchedTasks(before: MissionState | null, after: Mission, events: readonly MissionEvent[]): readonly TaskState[] {
  const from = isMission(before) ? before : null;
  const ids = new Set(events.flatMap(({ body }) => tasksTouchedBy(from, after, body)));
  const old = isMission(before) ? before.tasks : null;
  return [...ids].flatMap((id) => {
    const task = after.tasks.get(id);
    return task === undefined || old?.get(id) === task ? [] : [task];
  });
}

export function touchedPhases(before: MissionState | null, after: Mission): readonly PhaseState[] {
  const old = isMission(before) ? before.phases : null;
  return [...after.phases.values()].filter((phase) => old?.get(phase.id) !== phase);
}
