import { List, Map } from 'immutable';

import type { PlanIndex } from './plan-index.ts';
import type { TaskState, TaskStatus } from './task-state.ts';

/** What of a phase is ready and under way. Kept beside the tasks, and made anew from them when a state is read. */
export interface Lane {
  /** Ready tasks in the order in which they became ready; entries that are no longer ready are passed over. */
  readonly ready: List<string>;
  /** Tasks queued, running or being merged. */
  readonly active: number;
  /** Tasks that wait for people or time. */
  readonly waiting: number;
  /** Tasks that are ready, active, waiting or will be tried again: as long as there are some, the phase moves on. */
  readonly moving: number;
  readonly done: number;
}

/** By phase; attempts to undo belong to the phase without a name. */
export type Lanes = Map<string, Lane>;

const emptyLane: Lane = { ready: List(), active: 0, waiting: 0, moving: 0, done: 0 };

export const noLanes: Lanes = Map();

export function laneOf(lanes: Lanes, phase: string): Lane {
  return lanes.get(phase) ?? emptyLane;
}

/** The lanes after a task went from one status to another; `tasks` holds the new one already. */
export function moveInLane(lanes: Lanes, phase: string, id: string, from: TaskStatus, to: TaskStatus, tasks: Map<string, TaskState>): Lanes {
  const lane = laneOf(lanes, phase);
  const ready = to === 'ready' ? lane.ready.push(id) : from === 'ready' ? dropPassed(lane.ready, tasks) : lane.ready;
  return lanes.set(phase, {
    ready,
    active: lane.active + Number(isActive(to)) - Number(isActive(from)),
    waiting: lane.waiting + Number(to === 'waiting') - Number(from === 'waiting'),
    moving: lane.moving + Number(isMoving(to)) - Number(isMoving(from)),
    done: lane.done + Number(to === 'done') - Number(from === 'done'),
  });
}

/** True while an attempt of this task holds or may soon hold a lease. */
export function isActive(status: TaskStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'integrating';
}

export function isMoving(status: TaskStatus): boolean {
  return isActive(status) || status === 'ready' || status === 'retrying' || status === 'waiting';
}

/** The lanes as they follow from the tasks; used when a state is put together from its rows. */
export function readyList(tasks: Map<string, TaskState>, index: PlanIndex): Lanes {
  const ready: TaskState[] = [];
  const lanes: { [phase: string]: { ready: string[]; active: number; waiting: number; moving: number; done: number } } = {};
  for (const [id, { phase }] of index.tasks) {
    const task = tasks.get(id);
    if (task === undefined || !(isMoving(task.status) || task.status === 'done')) continue;
    const lane = (lanes[phase] ??= { ready: [], active: 0, waiting: 0, moving: 0, done: 0 });
    lane.active += Number(isActive(task.status));
    lane.waiting += Number(task.status === 'waiting');
    lane.moving += Number(isMoving(task.status));
    lane.done += Number(task.status === 'done');
    if (task.status === 'ready') ready.push(task);
  }
  // Tasks that became ready by one event stand in plan order; the sort is stable.
  for (const { id } of ready.sort((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0))) lanes[index.tasks.get(id)?.phase ?? '']?.ready.push(id);
  return Map(Object.entries(lanes).map(([phase, lane]) => [phase, { ...lane, ready: List(lane.ready) }]));
}

/** Takes whatever is no longer ready off the front. */
function dropPassed(ready: List<string>, tasks: Map<string, TaskState>): List<string> {
  let left = ready;
  for (let first = left.first(); first !== undefined && tasks.get(first)?.status !== 'ready'; first = left.first()) left = left.shift();
  return left;
}
