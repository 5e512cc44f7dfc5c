import { undoSubject } from '../evolve/rollback.ts';
import { isSettled, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';
import { failMission } from './fail-mission.ts';

/** Begins to undo what attempts of this mission did, the latest first. False when there is nothing to undo. */
export function startRollback(draft: Draft, reason: string): boolean {
  const mission = draft.mission;
  const tasks = mission === null ? [] : undoable(mission);
  if (mission?.status !== 'running' || mission.rollback !== undefined || tasks.length === 0) return false;
  draft.emit({ type: 'rollback.started', reason, tasks });
  return true;
}

/** Every attempt to undo is settled: the mission has failed. One that failed is recorded and did not stop the others. */
export function continueRollback(draft: Draft): void {
  const mission = draft.mission;
  const rollback = mission?.rollback;
  if (!mission || !rollback || rollback.finished) return;
  const states = rollback.tasks.map((id) => ({ id, status: taskOf(mission, undoSubject(id))?.status ?? ('failed' as const) }));
  if (!states.every(isSettled)) return;
  draft.emit({ type: 'rollback.finished', undone: states.flatMap(({ id, status }) => (status === 'done' ? [id] : [])), failed: states.flatMap(({ id, status }) => (status === 'done' ? [] : [id])) });
  failMission(draft, rollback.reason);
}

/** Tasks that attempts have done, in reverse order of completion; what people did by hand is theirs. */
function undoable(mission: Mission): readonly string[] {
  const done = [...mission.index.tasks.keys()].flatMap((id) => {
    const task = taskOf(mission, id);
    // What only waited has nothing that could be undone.
    const planned = mission.index.tasks.get(id);
    if (planned?.waits !== undefined && planned.compensate === undefined) return [];
    return task?.status === 'done' && task.attempt > 0 && task.doneBy === null && task.undoes === undefined ? [{ id, at: task.finishedAt ?? 0, seq: task.doneSeq ?? 0 }] : [];
  });
  return done.sort((a, b) => b.seq - a.seq || b.at - a.at).map(({ id }) => id);
}
