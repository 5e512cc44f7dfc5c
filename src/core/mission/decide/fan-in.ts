import { canonicalJson } from '../../../kit/canonical-json.ts';
import type { Result } from '../../../kit/result.ts';
import { collect } from '../collect.ts';
import { contextOfTask } from '../context.ts';
import type { FanOut } from '../definition.ts';
import { itemsOf } from '../groups.ts';
import { taskOf } from '../state.ts';
import type { GroupState, Mission } from '../state.ts';
import type { Draft } from './draft.ts';
import { holds } from './evaluate.ts';

/** What all items together may give; a single task may give less. */
export const maximumCollectedBytes = 1024 * 1024;

/** Every item is settled: the group has succeeded or failed by its mode, and gives what `collect` makes of its items. */
export function finishGroup(draft: Draft, mission: Mission, id: string): void {
  const task = taskOf(mission, id);
  const strategy = mission.index.tasks.get(id)?.strategy;
  if (!task?.group || !strategy) return;
  const { group } = task;
  const fail = (reason: string) => draft.emit({ type: 'task.failed', task: id, attempt: task.attempt, failure: 'work', reason, evidence: null, final: true, retryAt: null });
  const items = itemsOf(mission, id);
  if (!hasSucceeded(strategy, group)) {
    const failed = items.filter((item) => taskOf(mission, item)?.status === 'failed');
    const needed = strategy.mode === 'partial' ? `, and at least ${strategy.minSuccess} must succeed` : '';
    return fail(`${group.done} of ${group.size} items succeeded${needed}; failed: ${failed.slice(0, 5).join(', ') || 'none'}${failed.length > 5 ? ` and ${failed.length - 5} more` : ''}`);
  }
  const outputs = items.flatMap((item) => {
    const one = taskOf(mission, item);
    return one?.status === 'done' ? [one.outputs ?? {}] : [];
  });
  const collected = collect(strategy, outputs, mission.plan.inputs ?? {});
  if (!collected.ok) return fail(collected.error);
  const bytes = Buffer.byteLength(canonicalJson(collected.value));
  if (bytes > maximumCollectedBytes) return fail(`what its ${group.size} items gave has ${bytes} bytes; at most ${maximumCollectedBytes} are kept. Use an expression for "collect" that takes what later tasks need`);
  const summary = `${group.done} of ${group.size} items succeeded${group.skipped > 0 ? `, ${group.skipped} were skipped` : ''}`;
  draft.emit({ type: 'task.completed', task: id, attempt: task.attempt, commit: null, evidence: { summary, artifacts: [], diff: null, durationMs: 0, producer: 'strategy' }, outputs: collected.value });
}

function hasSucceeded({ mode, minSuccess }: FanOut, { done, failed, size }: GroupState): boolean {
  if (mode === 'partial') return done >= Math.min(minSuccess, size);
  return failed === 0;
}

/** Of an iterative group: whether its `until` holds after this item; null when it has none. */
export function holdsAfterItem(mission: Mission, group: string, item: string): Result<boolean, string> | null {
  const until = mission.index.tasks.get(group)?.until;
  const task = taskOf(mission, item);
  if (until === undefined || !task) return null;
  const context = { ...contextOfTask(mission, item), result: task.outputs ?? {}, round: (task.item?.index ?? 0) + 1 };
  return holds('until', until.condition, context);
}
