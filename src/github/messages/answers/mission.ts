import { sentence } from '../sentence.ts';
import type { AnswerText } from './answer.ts';

export const missionAnswers: { readonly [code: string]: AnswerText } = {
  'mission-over': ({ facts }) => {
    switch (facts.text('status')) {
      case 'completed':
        return 'this mission is complete; there is nothing left to steer. Open a new issue for what comes next.';
      case 'cancelled':
        return 'this mission was cancelled and stays so. Open a new issue to begin again.';
      case 'failed':
      case 'partially-failed':
        return 'this mission has failed. To go on comment `/retry <task>` with one of the failed tasks; `/status` lists them.';
      default:
        return 'this mission is over. Open a new issue for what comes next.';
    }
  },
  'queue-while-paused': ({ ink, facts }) => `the mission is queued, but paused${facts.text('by') === '' ? '' : ` by ${ink.code(facts.text('by'))}`}: it starts when you take off the label \`mission:pause\` or comment \`/resume\`.`,
  'no-plan': () => 'this issue has no plan yet, because its definition has problems; my comment above lists them. Edit the issue and I read it again, then add `mission:queue`.',
  'no-mission': ({ facts }) =>
    facts.yes('labelled')
      ? 'this issue carries the label `mission`, but there is no plan yet. Please wait a moment; if nothing happens, take the label off and put it on again.'
      : 'this issue is no mission, so there is nothing to steer. To make it one, write a checklist of tasks and add the label `mission`.',
  'edits-refused': ({ ink, facts }) => {
    const reasons = facts.list('reasons');
    const lines = reasons.slice(0, 20).map((reason) => `- ${sentence(ink, reason)}`);
    const more = reasons.length > 20 ? [`- … and ${reasons.length - 20} more`] : [];
    return `some of your edits to the checklist could not be taken over:\n\n${[...lines, ...more].join('\n')}\n\nI have put the checklist back as it stands; everything else you changed counts.`;
  },
  paused: () => 'paused. What is running finishes; nothing new starts.',
  'paused-unlabelled': () => 'the label `mission` was taken off, so the mission is paused: what is running finishes, nothing new starts. Put the label on again or comment `/resume` to go on; `/cancel` ends the mission.',
  resumed: () => 'resumed.',
  overtaken: () => 'a `/pause` or `/resume` that was written later counts already; this one changed nothing.',
  cancelled: () => 'cancelled.',
};
