import type { JsonObject } from '../../kit/json.ts';
import type { Mission, PhaseState, TaskState } from './state.ts';

/** In words of Actions. */
export type ResultWord = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What `tasks.<id>` is in expressions; null as long as it is not settled. */
export function resultOfTask(mission: Mission, id: string): JsonObject | null {
  const task = mission.tasks.get(id);
  const result = task && wordOfTask(task);
  return task && result ? { result, outputs: task.outputs ?? {}, attempts: task.attempt } : null;
}

/** What `phases.<id>` is in expressions. */
export function resultOfPhase(mission: Mission, id: string): JsonObject | null {
  const phase = mission.phases.get(id);
  const result = phase && wordOfPhase(phase);
  return result ? { result } : null;
}

/** A failure that was excused is a failure all the same: who wants to know can ask. */
function wordOfTask({ status, skip }: TaskState): ResultWord | null {
  switch (status) {
    case 'done':
      return 'success';
    case 'failed':
      return 'failure';
    case 'skipped':
      return skip === 'fail-fast' ? 'cancelled' : 'skipped';
    case 'blocked':
      return 'skipped';
    default:
      return null;
  }
}

function wordOfPhase({ status }: PhaseState): ResultWord | null {
  return status === 'complete' ? 'success' : status === 'failed' ? 'failure' : status === 'skipped' ? 'skipped' : null;
}
