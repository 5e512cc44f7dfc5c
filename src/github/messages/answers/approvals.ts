import { someOf } from '../words.ts';
import type { AnswerInput, AnswerText } from './answer.ts';

/** Answers to `/approve` and `/reject`. */
export const approvalAnswers: { readonly [code: string]: AnswerText } = {
  'approval-given': (input) => afterApproval(input),
  'approval-given-already': ({ ink, facts }) => `you have approved ${ink.code(facts.text('task'))} already; once is enough, somebody else has to be the next.`,
  'approval-refused': ({ ink, facts }) => `${ink.code(facts.text('task'))} is rejected.`,
  'approval-reason-missing': ({ ink, facts }) => `a rejection needs a reason, so that somebody can act on it: ${ink.code(`/reject ${facts.text('task')} <reason>`)}.`,
  'approval-own-mission': ({ ink, facts }) => `you asked for this mission, and ${ink.code(facts.text('task'))} wants the answer of somebody else. They comment ${ink.code(`/approve ${facts.text('task')}`)}.`,
  'approval-not-yours': ({ ink, facts }) => {
    const from = facts.list('from').map((one) => (one.startsWith('role:') ? `people with ${ink.plain(one.slice('role:'.length), 20)} access or more` : ink.code(one.replace(/^@/, ''))));
    return `this question is for ${someOf(from, 10)}. One of them has to answer it.`;
  },
  'approval-asked-later': ({ ink, facts }) => `that was written before ${ink.code(facts.text('task'))} asked. Please read its question and answer again.`,
  'approval-phase-over': ({ ink, facts }) => `phase ${ink.code(facts.text('phase'))} has failed, so nothing hangs on ${ink.code(facts.text('task'))} now. Comment \`/retry <task>\` with what failed; then the answer counts.`,
  'approval-not-asked': ({ ink, facts }) => {
    const task = ink.code(facts.text('task'));
    if (!facts.yes('people')) return `${task} does its work by itself and asks nobody. \`/status\` shows what waits for people.`;
    switch (facts.text('status')) {
      case 'done':
        return `${task} has its answer already.`;
      case 'failed':
        return `${task} was answered with no, or too late. ${ink.code(`/retry ${facts.text('task')}`)} asks again.`;
      default:
        return `${task} does not ask yet: what it needs is not done. It says so in the issue when it does.`;
    }
  },
  'unknown-approval': ({ ink, facts }) => {
    const task = facts.text('task');
    if (facts.yes('gate')) return `${ink.code(task)} is a gate: comment ${ink.code(`/${facts.text('verb')}-gate ${task}`)}.`;
    const near = facts.text('nearest');
    const waiting = facts.list('waiting');
    const known = waiting.length === 0 ? 'No task asks right now.' : `These ask: ${someOf(waiting.map((id) => ink.code(id)), 10)}.`;
    return `there is no task ${ink.code(task)}. ${near === '' ? known : `Did you mean ${ink.code(`/${facts.text('verb')} ${near}`)}?`}`;
  },
  'which-approval': ({ ink, facts }) => `more than one task asks, so please name it: ${someOf(facts.list('waiting').map((id) => ink.code(`/${facts.text('verb')} ${id}`)), 8)}.`,
  'no-approval-waiting': ({ ink, facts }) => {
    const [gate] = facts.list('gates');
    return gate === undefined ? 'no task asks for an answer right now. `/status` shows what is under way.' : `no task asks for an answer right now, but a gate does: comment ${ink.code(`/${facts.text('verb')}-gate ${gate}`)}.`;
  },
};

function afterApproval({ ink, facts, state }: AnswerInput): string {
  const task = facts.text('task');
  const wait = state.status === 'refused' || state.status === 'none' ? undefined : state.tasks.get(task)?.wait;
  const missing = wait?.for === 'people' ? Math.max(0, wait.count - wait.approvals.length) : 0;
  return missing > 0 ? `noted. ${ink.code(task)} still needs ${missing} more.` : `noted; ${ink.code(task)} has what it needs.`;
}
