import type { EventBody } from '../event.ts';
import { itemId, itemsOf, plannedItem } from '../groups.ts';
import { withItems } from '../plan-index.ts';
import type { ItemState, Mission, TaskState } from '../state.ts';
import { newTask } from './new-task.ts';
import { giveTurns, reset, setGroup, setTask } from './tasks.ts';

/** Items of a group that are expanded become tasks; those of an earlier expansion are used again, or given up. */
export function expandGroup(mission: Mission, { task: id, items }: Extract<EventBody, { type: 'task.expanded' }>, seq: number): Mission {
  const planned = mission.index.tasks.get(id);
  if (!planned) return mission;
  const states = new Map(items.map(({ title, value }, index): [string, ItemState] => [itemId(id, index, items.length), { group: id, index, title, value }]));
  let next = mission;
  for (const old of itemsOf(mission, id)) next = states.has(old) ? reset(next, old, seq) : setTask(next, old, { status: 'skipped', skip: 'reached', reason: `${id} has other items now` }, seq);
  const fresh = [...states].filter(([item]) => !next.index.tasks.has(item));
  next = {
    ...next,
    index: withItems(next.index, planned, [...states].map(([item, state]) => plannedItem(planned, item, state))),
    tasks: next.tasks.withMutations((map) => {
      for (const [item, state] of states) map.set(item, { ...(map.get(item) ?? newTask(item, 0)), item: state } satisfies TaskState);
    }),
    counts: { ...next.counts, pending: next.counts.pending + fresh.length },
  };
  next = setGroup(next, id, { size: items.length, next: 0, live: 0, done: 0, failed: 0, skipped: 0 });
  return giveTurns(setTask(next, id, { status: 'expanded' }, seq), id, seq);
}

/** Another try of a group: of the items that failed or were passed over, or of all when there are none. */
export function retryGroup(mission: Mission, id: string, seq: number): Mission {
  const items = itemsOf(mission, id);
  const missed = items.filter((item) => {
    const task = mission.tasks.get(item);
    return task?.status === 'failed' || (task?.status === 'skipped' && task.skip !== undefined);
  });
  let next = setTask(mission, id, { status: 'expanded' }, seq);
  for (const item of missed.length > 0 ? missed : items) next = reset(next, item, seq);
  const group = next.tasks.get(id)?.group;
  return group ? giveTurns(setGroup(next, id, { ...group, next: 0 }), id, seq) : next;
}

/**
 * One of its items is tried again, or people settled it: the group is not over any more, and what it had stopped for the sake of
 * a failure goes on when nothing else in it has failed.
 */
export function reopenGroup(mission: Mission, item: string, seq: number): Mission {
  const id = mission.tasks.get(item)?.item?.group;
  const task = id === undefined ? undefined : mission.tasks.get(id);
  if (id === undefined || (task?.status !== 'failed' && task?.status !== 'done' && task?.status !== 'expanded')) return mission;
  let next = task.status === 'expanded' ? mission : setTask(mission, id, { status: 'expanded', reason: null, failure: null, finishedAt: null }, seq);
  const items = itemsOf(next, id);
  if (items.some((other) => other !== item && next.tasks.get(other)?.status === 'failed')) return next;
  for (const other of items) if (next.tasks.get(other)?.skip === 'fail-fast') next = fromTheBeginning(reset(next, other, seq), id);
  return next;
}

/** Another try of one item: it gets its turn as the others do, never beside more of them than are allowed. */
export function retryItem(mission: Mission, item: string, seq: number): Mission {
  const next = reset(reopenGroup(mission, item, seq), item, seq);
  const id = mission.tasks.get(item)?.item?.group;
  return id === undefined ? next : giveTurns(fromTheBeginning(next, id), id, seq);
}

/** Turns are given from the first item on once more. */
function fromTheBeginning(mission: Mission, id: string): Mission {
  const group = mission.tasks.get(id)?.group;
  return group === undefined || group.next === 0 ? mission : setGroup(mission, id, { ...group, next: 0 });
}
