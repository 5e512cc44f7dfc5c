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

/** The lanes after a task went from one status to another; `tasks` holds the new one already. `wasReady`: it has been ready before. */
export function moveInLane(lanes: Lanes, phase: string, id: string, { from, to, wasReady }: { readonly from: TaskStatus; readonly to: TaskStatus; readonly wasReady: boolean }, tasks: Map<string, TaskState>, index: PlanIndex): Lanes {
  const lane = laneOf(lanes, phase);
  // What was passed over and is ready again has a new place; its old one would give it a turn before its time.
  const ready = to === 'ready' ? enqueue(wasReady ? lane.ready.filter((other) => other !== id) : lane.ready, id, tasks, index) : from === 'ready' ? dropPassed(lane.ready, tasks) : lane.ready;
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
  for (const { id } of ready.sort((a, b) => compareReady(a, b, index))) lanes[index.tasks.get(id)?.phase ?? '']?.ready.push(id);
  return Map(Object.entries(lanes).map(([phase, lane]) => [phase, { ...lane, ready: List(lane.ready) }]));
}

/** Behind what became ready earlier; what became ready by the same event stands in plan order, however that event was worked through. */
function enqueue(ready: List<string>, id: string, tasks: Map<string, TaskState>, index: PlanIndex): List<string> {
  const own = tasks.get(id);
  const isLater = (other: TaskState | undefined) => own !== undefined && other?.status === 'ready' && other.readyAt === own.readyAt && compareReady(other, own, index) > 0;
  let at = ready.size;
  while (at > 0 && isLater(tasks.get(ready.get(at - 1) ?? ''))) at -= 1;
  return at === ready.size ? ready.push(id) : ready.insert(at, id);
}

/** First what became ready first, then the order of the plan, then that of the items. */
function compareReady(a: TaskState, b: TaskState, { position }: PlanIndex): number {
  const place = ({ id, item }: TaskState) => position.get(item?.group ?? id) ?? -1;
  return (a.readyAt ?? 0) - (b.readyAt ?? 0) || place(a) - place(b) || (a.item?.index ?? -1) - (b.item?.index ?? -1);
}

/** Takes whatever is no longer ready off the front. */
function dropPassed(ready: List<string>, tasks: Map<string, TaskState>): List<string> {
  let left = ready;
  for (let first = left.first(); first !== undefined && tasks.get(first)?.status !== 'ready'; first = left.first()) left = left.shift();
  return left;
}
