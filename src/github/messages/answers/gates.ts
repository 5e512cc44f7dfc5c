import { missingApprovals } from '../gate-words.ts';
import { short, someOf } from '../words.ts';
import type { AnswerInput, AnswerText } from './answer.ts';

/** How somebody has a part in a change. */
const madeWords: { readonly [exclusion: string]: string } = {
  author: 'wrote part of this change',
  committer: 'committed or pushed part of this change',
  'co-author': 'are named as a co-author of this change',
};

export const gateAnswers: { readonly [code: string]: AnswerText } = {
  'no-gate-waiting': () => 'no gate waits for a decision right now. The checklist in the issue shows what is under way; `/status` sums it up.',
  'which-gate': ({ ink, facts }) => `more than one gate waits, so please name it: ${someOf(facts.list('waiting').map((gate) => ink.code(`/approve-gate ${gate}`)), 8)}.`,
  'unknown-gate': ({ ink, facts }) => {
    const gates = facts.list('gates');
    const known = gates.length === 0 ? 'This mission has no gate.' : `The gates of this mission are ${someOf(gates.map((gate) => ink.code(gate)), 12)}.`;
    return `there is no gate ${ink.code(facts.text('gate'))}. ${known}`;
  },
  'gate-not-waiting': ({ ink, facts }) => {
    const gate = facts.text('phase');
    const name = ink.code(`gate/${gate}`);
    switch (facts.text('status')) {
      case 'closed':
        return `${name} is not up for decision yet: the tasks of its phase are not finished. I will post its check when they are.`;
      case 'evaluating':
        return `${name} is still being examined. Please decide when its check says that it waits.`;
      case 'failed':
        return `${name} is shut because its rubric is not met: ${ink.plain(facts.text('reason') || 'see its check', 400)}. Repair it with ${ink.code('/retry <task>')} or a push to the trunk; ${ink.code(`/retry ${gate}`)} examines it again.`;
      case 'rejected':
        return `${name} was rejected: ${ink.plain(facts.text('reason') || 'see its check', 400)}. ${ink.code(`/retry ${gate}`)} asks for a new decision.`;
      default:
        return `${name} is ${ink.plain(facts.text('status'), 40)} and cannot be decided on now.`;
    }
  },
  'gate-healing': ({ ink, facts }) => `${ink.code(`gate/${facts.text('phase')}`)} is being repaired by ${someOf(facts.list('tasks').map((task) => ink.code(task)), 8)}; it is examined again by itself when that is done.`,
  'other-commit': ({ ink, facts }) =>
    `you named ${ink.code(short(facts.text('seen')))}, but the gate stands on ${ink.code(short(facts.text('head')))}. Please look at that one; then comment ${ink.code(`/approve-gate ${facts.text('phase')} ${short(facts.text('head'))}`)}.`,
  'own-work': ({ ink, facts }) =>
    `you ${madeWords[facts.text('as')] ?? 'wrote part of this change'}, so somebody else has to approve ${ink.code(`gate/${facts.text('phase')}`)}. They comment ${ink.code(`/approve-gate ${facts.text('phase')}`)} or approve the pull request.`,
  'not-an-approver': ({ ink, facts }) =>
    `the rules of ${ink.code(`gate/${facts.text('phase')}`)} ask for ${someOf(facts.list('from').map((one) => ink.plain(one, 120)), 8)}; that is not you, as far as GitHub tells. One of them comments ${ink.code(`/approve-gate ${facts.text('phase')}`)} or approves the pull request.`,
  'policy-unknown': ({ ink, facts }) =>
    `the repository's policy ${ink.code('.github/missiongate.yml')} cannot be used, and then the answer is no: ${ink.plain(facts.text('reason'), 400)} Somebody who may push to the default branch repairs the file; the gates are examined again by themselves.`,
  'own-mission': ({ ink, facts }) =>
    `you started this mission, and its rules ask for somebody else to approve ${ink.code(`gate/${facts.text('phase')}`)}. They comment ${ink.code(`/approve-gate ${facts.text('phase')}`)} or approve the pull request.`,
  'old-button': ({ ink, facts }) => `that button belongs to an earlier round of ${ink.code(`gate/${facts.text('phase')}`)}: the work has changed since. Please look at the newest check and decide there.`,
  'reason-missing': ({ ink, facts }) => `a rejection needs a reason, so that somebody can repair it: ${ink.code(`/reject-gate ${facts.text('phase')} <reason>`)}.`,
  'which-criterion': ({ ink, facts }) => {
    const gate = facts.text('phase');
    const lines = facts.list('criteria');
    if (lines.length === 0) return `${ink.code(`gate/${gate}`)} has no criteria to confirm.`;
    const found = facts.text('words') === '' ? 'please say which criterion' : `${ink.code(facts.text('words'))} ${facts.yes('several') ? 'could mean more than one criterion' : 'stands in none of the criteria'}`;
    return `${found}: ${someOf(lines.map((line) => ink.code(`/meet-criterion ${gate} ${line}`)), 8)}.`;
  },
  'criterion-own': ({ ink, facts }) => `somebody else has to confirm what ${ink.code(`gate/${facts.text('phase')}`)} asks for (${ink.plain(facts.text('why'), 200)}).`,
  'criterion-met': ({ ink, facts }) => `noted for ${ink.code(`gate/${facts.text('phase')}`)}: ${ink.plain(facts.text('criterion'), 200)}.`,
  approved: (input) => afterApproval(input),
  rejected: ({ ink, facts }) => `${ink.code(`gate/${facts.text('phase')}`)} is rejected.`,
  'already-approved': (input) => `you have approved ${input.ink.code(`gate/${input.facts.text('phase')}`)} already; once is enough.`,
  'already-open': ({ ink, facts }) => `${ink.code(`gate/${facts.text('phase')}`)} is open already.`,
};

function afterApproval({ ink, facts, state }: AnswerInput): string {
  const gate = ink.code(`gate/${facts.text('phase')}`);
  const missing = state.status === 'refused' || state.status === 'none' ? 0 : missingApprovals(state, facts.text('phase'));
  return missing > 0 ? `noted. ${gate} still needs ${missing} more.` : `noted; ${gate} has what it needs.`;
}
