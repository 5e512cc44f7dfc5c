import type { FanOut } from './definition.ts';
import type { PlannedTask } from './plan.ts';
import { isMoving } from './lanes.ts';
import type { GroupState, ItemState, Mission, TaskStatus } from './state.ts';

/** `build-01` … `build-12`: of equal length, so that they sort as they are counted. */
export function itemId(group: string, index: number, size: number): string {
  return `${group}-${String(index + 1).padStart(String(size).length, '0')}`;
}

/** The items of a group in their order; empty before it was expanded. */
export function itemsOf(mission: Mission, group: string): readonly string[] {
  const size = mission.tasks.get(group)?.group?.size ?? 0;
  return Array.from({ length: size }, (_, index) => itemId(group, index, size));
}

/** How many items may be ready or under way together. */
export function itemsAtOnce({ mode, maxParallel }: FanOut): number {
  return mode === 'sequential' || mode === 'iterative' ? 1 : maxParallel;
}

/** What an item does: what its task says, for one value. Needs, condition and bounds of the group are the group's own affair. */
export function plannedItem(group: PlannedTask, id: string, { title, index, value }: ItemState): PlannedTask {
  const { strategy, if: _condition, budget: _budget, until, ...rest } = group;
  const own = strategy?.mode === 'iterative' || until === undefined ? rest : { ...rest, until };
  return { ...own, id, title, needs: [], continueOnError: false, itemOf: { group: group.id, index, value } };
}

/** The group's counts after one of its items went from one status to another. */
export function recount(group: GroupState, from: TaskStatus, to: TaskStatus): GroupState {
  const by = (is: (status: TaskStatus) => boolean) => Number(is(to)) - Number(is(from));
  return {
    ...group,
    live: group.live + by(isMoving),
    done: group.done + by((status) => status === 'done'),
    failed: group.failed + by((status) => status === 'failed'),
    skipped: group.skipped + by((status) => status === 'skipped'),
  };
}

export function isGroupSettled({ size, done, failed, skipped }: GroupState): boolean {
  return done + failed + skipped >= size;
}
