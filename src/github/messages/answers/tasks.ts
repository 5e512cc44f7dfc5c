import leven from 'leven';

import { taskStatuses } from '../../../core/mission/state.ts';
import type { TaskStatus } from '../../../core/mission/state.ts';
import { someOf, taskWords } from '../words.ts';
import type { AnswerText } from './answer.ts';

export const taskAnswers: { readonly [code: string]: AnswerText } = {
  'retry-what': ({ ink, facts }) => {
    const failed = facts.list('failed');
    const which = failed.length === 0 ? 'No task has failed.' : `Failed so far: ${someOf(failed.map((id) => ink.code(id)), 10)}.`;
    return `please name the task or the phase: ${ink.code(`/retry ${failed[0] ?? '<task>'}`)}. ${which}`;
  },
  'retry-underway': ({ ink, facts }) => {
    const status = facts.text('status');
    return `${ink.code(facts.text('task'))} is ${isTaskStatus(status) && (status === 'pending' || status === 'ready') ? 'still to be started' : 'being worked on'} (${isTaskStatus(status) ? taskWords[status] : 'under way'}); there is nothing to try again yet.`;
  },
  'retry-blocked': ({ ink, facts }) => `${ink.code(facts.text('task'))} is blocked: ${ink.plain(facts.text('reason') || 'a task before it failed', 200)}. Retry that one first; this one follows by itself.`,
  'retry-after-gate': ({ ink, facts }) =>
    `${ink.code(facts.text('task'))} belongs to phase ${ink.code(facts.text('phase'))}, whose gate is open: what was approved is not changed afterwards. Add a task to a later phase, or open a new mission.`,
  'retry-skipped-phase': ({ ink, facts }) =>
    `${ink.code(facts.text('task'))} belongs to phase ${ink.code(facts.text('phase'))}, which was skipped: ${ink.plain(facts.text('reason') || 'its condition does not hold', 200)}. To have it done, add a task to a later phase, or open a new mission.`,
  'rolled-back': ({ facts }) =>
    facts.yes('finished')
      ? 'this mission failed, and what it had done was undone; there is nothing to go on from. Open a new issue to begin again.'
      : 'this mission failed, and what it had done is being undone; nothing of it is tried again. Open a new issue to begin again.',
  'unknown-task': ({ ink, facts }) => {
    const wanted = facts.text('task');
    const near = nearest(wanted, facts.list('known'));
    return `there is no task${facts.text('verb') === 'skip' ? '' : ' or gate'} called ${ink.code(wanted)}. ${near === null ? 'The names stand in the checklist of the issue.' : `Did you mean ${ink.code(`/${facts.text('verb') || 'retry'} ${near}`)}?`}`;
  },
  'skip-settled': ({ ink, facts }) => `${ink.code(facts.text('task'))} is ${facts.text('status') === 'done' ? 'done' : 'skipped'} already; there is nothing to leave out.`,
  'skip-asks': ({ ink, facts }) => `${ink.code(facts.text('task'))} asks people, so it is answered, not skipped: ${ink.code(`/reject ${facts.text('task')} <reason>`)} says no when it is asked.`,
  'skip-underway': ({ ink, facts }) => `${ink.code(facts.text('task'))} is being worked on. Wait until it has ended, or end the mission with ${ink.code('/cancel')}.`,
  'skip-after-gate': ({ ink, facts }) => `${ink.code(facts.text('task'))} belongs to phase ${ink.code(facts.text('phase'))}, whose gate judges the work already: what it judges is not changed any more.`,
  skipped: ({ ink, facts }) => `${ink.code(facts.text('task'))} is left out. ${ink.code(`/retry ${facts.text('task')}`)} takes it up again.`,
  retried: ({ ink, facts }) => `${ink.code(facts.text('task'))} starts again.`,
};

/** The known word that is closest to a mistyped one, if any is close. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let distance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known.slice(0, 500)) {
    const found = leven(word.slice(0, 64), candidate);
    if (found < distance) {
      distance = found;
      best = candidate;
    }
  }
  return best;
}

function isTaskStatus(status: string): status is TaskStatus {
  return (taskStatuses as readonly string[]).includes(status);
}
