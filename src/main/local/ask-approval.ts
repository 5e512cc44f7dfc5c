import type { Mission, TaskState, WaitState } from '../../core/mission/state.ts';
import type { Asking } from './gate-question.ts';
import { plain } from './paint.ts';

/** A task that asks people something. */
export interface OpenQuestion {
  readonly task: string;
  readonly question: string;
  /** Told apart from the same task asked again. */
  readonly key: string;
}

export type ApprovalAnswer = { readonly kind: 'approve' } | { readonly kind: 'reject'; readonly reason: string } | { readonly kind: 'pause' };

/** Tasks of type `approval` that wait for an answer, in plan order. */
export function openQuestions(mission: Mission): readonly OpenQuestion[] {
  if (mission.counts.waiting === 0) return [];
  return [...mission.tasks.values()].flatMap((task) => (isAsking(task) ? [{ task: task.id, question: task.wait.question, key: `${task.id} ${task.wait.attempt} ${task.wait.approvals.length}` }] : []));
}

function isAsking(task: TaskState): task is TaskState & { readonly wait: Extract<WaitState, { for: 'people' }> } {
  return task.status === 'waiting' && task.wait?.for === 'people';
}

/** True while the engine's clock will bring the mission further. */
export function waitsForTime(mission: Mission): boolean {
  return mission.counts.waiting > 0 && [...mission.tasks.values()].some((task) => task.status === 'waiting' && task.wait?.for === 'time');
}

/** Asks until there is an answer that can be acted on. No answer is a pause: nothing is decided by silence. */
export async function askForApproval(asking: Asking, { task, question }: OpenQuestion): Promise<ApprovalAnswer> {
  asking.say(`\n⚑ ${task} asks: ${plain(question, 2_000)}`);
  for (;;) {
    const typed = await asking.ask('[a]pprove, [r]eject or [p]ause? ');
    if (typed === null) return { kind: 'pause' };
    const [word = '', ...rest] = plain(typed, 2_000).split(' ');
    const answer = word.toLowerCase();
    if (answer !== '' && 'pause'.startsWith(answer)) return { kind: 'pause' };
    if (answer !== '' && 'approve'.startsWith(answer)) return { kind: 'approve' };
    if (answer !== '' && 'reject'.startsWith(answer)) {
      const reason = rest.length > 0 ? rest.join(' ') : await asking.ask('Why? ');
      if (reason === null) return { kind: 'pause' };
      if (plain(reason) !== '') return { kind: 'reject', reason: plain(reason, 2_000) };
    }
    asking.say('Type one of: approve, reject <reason>, pause.');
  }
}
