import type { EventBody } from '../event.ts';
import { withUndoing } from '../plan-index.ts';
import type { PlanIndex } from '../plan-index.ts';
import type { PlannedTask } from '../plan.ts';
import type { Mission } from '../state.ts';
import { newTask } from './new-task.ts';
import { makeReadyOrPending } from './tasks.ts';

/** The attempt to undo a task, as a lease and a branch name it. Ids have no `/`. */
export function undoSubject(task: string): string {
  return `undo/${task}`;
}

/** What undoes each of these tasks, one after the other; one that fails does not keep the next from being tried. */
export function plannedUndoing(index: PlanIndex, tasks: readonly string[]): readonly PlannedTask[] {
  return tasks.flatMap((id, position): readonly PlannedTask[] => {
    const planned = index.tasks.get(id);
    const previous = tasks[position - 1];
    if (!planned) return [];
    const { uses, with: parameters } = planned.compensate ?? planned;
    const { title, maxAttempts, timeoutSeconds, env, compensate } = planned;
    return [
      {
        id: undoSubject(id),
        title: `Undo: ${title}`,
        phase: '',
        uses,
        with: parameters,
        needs: previous === undefined ? [] : [undoSubject(previous)],
        continueOnError: true,
        maxAttempts,
        timeoutSeconds,
        undoes: id,
        ...(env === undefined ? {} : { env }),
        ...(compensate === undefined ? {} : { compensate }),
      },
    ];
  });
}

export function startRollback(mission: Mission, { reason, tasks }: Extract<EventBody, { type: 'rollback.started' }>, seq: number): Mission {
  const undoing = plannedUndoing(mission.index, tasks);
  const next: Mission = {
    ...mission,
    rollback: { reason, tasks, finished: false },
    index: withUndoing(mission.index, undoing),
    tasks: mission.tasks.withMutations((map) => {
      for (const { id, needs, undoes } of undoing) map.set(id, { ...newTask(id, needs.length), ...(undoes === undefined ? {} : { undoes }) });
    }),
    counts: { ...mission.counts, pending: mission.counts.pending + undoing.length },
  };
  const first = undoing[0];
  return first ? makeReadyOrPending(next, first.id, seq) : next;
}
