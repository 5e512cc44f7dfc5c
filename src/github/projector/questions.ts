import type { Mission, TaskState, WaitState } from '../../core/mission/state.ts';
import { questionKey } from '../../core/mission/view.ts';
import type { QuestionView } from '../../core/mission/view.ts';
import { questionComment } from '../messages/approval-words.ts';
import { digestOf, putComment } from './comments.ts';
import type { Desk } from './desk.ts';

/** One comment for every time people are asked: they are told of comments, not of edits. It is edited when the answer is there. */
export async function putQuestions(desk: Desk, mission: Mission, questions: readonly QuestionView[]): Promise<void> {
  const wanted = new Set(questions.map(({ key }) => key));
  for (const task of mission.tasks.values()) {
    if (task.wait?.for !== 'people') continue;
    const key = questionKey(task.id, task.wait.attempt);
    if (wanted.has(key) || desk.record(key) !== null) await putQuestion(desk, mission, key, task, task.wait);
  }
}

async function putQuestion(desk: Desk, mission: Mission, key: string, task: TaskState, wait: Extract<WaitState, { for: 'people' }>): Promise<void> {
  const text = questionComment(desk.ink, mission, task, wait);
  await putComment(desk, { key, conversation: mission.source.issue.number, priority: 'decision', what: `asking what ${task.id} asks`, digest: digestOf(text), text: () => text });
}
