import type { AnswerInput, AnswerText } from './answer.ts';
import { list } from '../words.ts';
import { nearest } from './tasks.ts';

export const assigneeAnswers: { readonly [code: string]: AnswerText } = {
  assigned: (input) => {
    const assigned = input.facts.list('assigned').map((login) => person(input, login));
    return [`assigned: ${list(assigned) || 'nobody new'}.`, ...leftOut(input, 'Left out:', 'assign')].join('\n');
  },
  'nobody-assigned': (input) => ['I could assign nobody.', ...leftOut(input, '', 'assign')].join('\n'),
  unassigned: (input) => ['done.', ...leftOut(input, 'Left out:', 'unassign')].join('\n'),
  'nobody-unassigned': (input) => {
    const present = input.facts.list('known').map((login) => person(input, login));
    return ['I could take nobody off.', ...leftOut(input, '', 'unassign'), '', present.length === 0 ? 'Nobody is assigned.' : `Assigned: ${list(present)}.`].join('\n');
  },
};

/** Every one who was left out, with the reason and the way out. */
function leftOut(input: AnswerInput, heading: string, command: string): readonly string[] {
  const { facts } = input;
  const lines = facts.records('left').flatMap(({ login, why }) => (typeof login === 'string' ? [`- ${person(input, login)} ${reasonFor(input, command, login, why)}`] : []));
  return lines.length === 0 ? [] : [...(heading === '' ? [] : [heading]), '', ...lines];
}

function reasonFor({ ink, facts }: AnswerInput, command: string, login: string, why: unknown): string {
  const near = nearest(login, facts.list('known'));
  const meant = near === null ? '' : ` Did you mean ${ink.code(`/${command} @${near}`)}?`;
  switch (why) {
    case 'nobody':
      return `is nobody GitHub knows.${meant || ' The login stands on the profile of the person, behind the name.'}`;
    case 'no-access':
      return `cannot be assigned here: GitHub takes people with **write access** and members of the organisation. An administrator can give them access; then comment ${ink.code(`/assign @${login}`)} again.${meant}`;
    case 'no-person':
      return 'is no person, and only people can be assigned: name somebody who can look at it.';
    case 'full':
      return `would be one too many: an issue has ten assignees at most. Take somebody off with ${ink.code('/unassign @…')}, then comment ${ink.code(`/assign @${login}`)} again.`;
    default:
      return `is not assigned.${meant}`;
  }
}

/** As people type it, and without calling anybody. */
function person({ ink }: AnswerInput, login: string): string {
  return ink.code(`@${login}`);
}
