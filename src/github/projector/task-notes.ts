import type { Mission, TaskState } from '../../core/mission/state.ts';
import { noteKey } from '../../core/mission/view.ts';
import type { NoteView } from '../../core/mission/view.ts';
import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { taskNote, taskNoteSolved } from '../messages/task-note.ts';
import { taskInput } from './check-runs.ts';
import { putComment } from './comments.ts';
import type { Desk } from './desk.ts';
import { excerptsOf } from './excerpts.ts';

/**
 * One comment for each failed task that has no commit to carry a check. It is edited when a later attempt fails too, or
 * succeeds; while that attempt is under way, the last failure is still what there is to read.
 */
export async function putTaskNotes(desk: Desk, mission: Mission, notes: readonly NoteView[]): Promise<void> {
  const wanted = new Set(notes.map((note) => note.key));
  for (const task of mission.tasks.values()) {
    const key = noteKey(task.id);
    if (wanted.has(key) || (desk.record(key) !== null && isEnded(task))) await putTaskNote(desk, mission, key, task);
  }
}

function isEnded({ status }: TaskState): boolean {
  return status === 'failed' || status === 'done' || status === 'skipped';
}

async function putTaskNote(desk: Desk, mission: Mission, key: string, task: TaskState): Promise<void> {
  const rendered = digest(taskInput(mission, task) as Json);
  if (desk.present(key)?.rendered === rendered) return;
  const text = task.status === 'failed' ? taskNote(desk.ink, mission, task, await excerptsOf(desk, task.evidence?.artifacts ?? [])) : taskNoteSolved(desk.ink, mission, task);
  await putComment(desk, { key, conversation: mission.source.issue.number, priority: 'status', what: `telling that ${task.id} failed`, digest: rendered, text: () => text });
}
