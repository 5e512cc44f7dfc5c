import type { Mission, TaskState } from '../../core/mission/state.ts';
import { artifactBlock } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { taskCheck } from './task-check.ts';
import { taskWords } from './words.ts';

/** A failed task with its evidence, for a comment: there is no commit of the mission's own that could carry its check. */
export function taskNote(ink: Ink, mission: Mission, task: TaskState, excerpts: ReadonlyMap<string, string>): string {
  const { summary } = taskCheck(ink, mission, task, excerpts);
  return page([
    paragraph(`### ❌ ${ink.code(`task/${task.id}`)} failed`),
    paragraph(summary),
    ...(task.evidence?.artifacts ?? []).map((artifact) => artifactBlock(ink, task.id, artifact, excerpts)),
  ]);
}

/** Replaces the note when a later attempt has succeeded, or nobody needs the task any more. */
export function taskNoteSolved(ink: Ink, mission: Mission, task: TaskState): string {
  const by = task.doneBy === null ? (task.status === 'done' ? ` at attempt ${task.attempt}` : '') : ` by ${ink.code(task.doneBy.login)}`;
  return `✅ Solved: ${ink.code(`task/${task.id}`)} (${ink.plain(mission.index.tasks.get(task.id)?.title ?? task.id, 200)}) is ${taskWords[task.status]}${by}.`;
}
