import { someOf } from '../words.ts';
import { instant } from '../approval-words.ts';
import type { Facts } from '../facts.ts';
import type { Ink } from '../ink.ts';
import { waiveLine } from '../waiver-words.ts';
import type { AnswerText } from './answer.ts';

/** Answers to `/waive`, `/approve-waiver` and `/withdraw-waiver`. */
export const waiverAnswers: { readonly [code: string]: AnswerText } = {
  'waiver-no-verdict': ({ ink, facts }) =>
    facts.text('status') === 'evaluating' ? `${gateOf(ink, facts)} is being examined; what can be waived is known when its check has its verdict.` : `${gateOf(ink, facts)} has not been examined yet, so there is nothing to waive.`,
  'waiver-unknown-rule': ({ ink, facts }) => {
    const lines = facts.list('lines');
    const word = facts.text('rule');
    const near = facts.text('nearest');
    const known = lines.length === 0 ? `Nothing at ${gateOf(ink, facts)} can be waived now.` : `To waive what did not pass, paste ${someOf(lines.map((rule) => waiveLine(ink, { phase: facts.text('phase'), rule })), 8)}, with your words in the quotes.`;
    const found = word === '' ? 'which rule is meant?' : `${gateOf(ink, facts)} has no rule ${ink.code(word)}.${near === '' ? '' : ` Did you mean ${ink.code(near)}?`}`;
    return `${found} ${known}`;
  },
  'waiver-not-needed': ({ ink, facts }) => `${ruleOf(ink, facts)} passes at ${gateOf(ink, facts)} (${ink.plain(facts.text('measured'), 60)}): there is nothing to waive.`,
  'waiver-not-possible': ({ ink, facts }) => `${ruleOf(ink, facts)} cannot be waived: nothing passes a gate without evidence. Have the task that left none done again with ${ink.code('/retry <task>')}.`,
  'waiver-bad-time': ({ ink, facts }) => `no calendar has ${ink.code(facts.text('until'))}. Say how long, or a day: ${lineFor(ink, facts, '7d')}.`,
  'waiver-incomplete': ({ ink, facts }) => `a waiver needs an end, a reason, and a control: what is done instead, so that the risk stays small. Paste this, with your words for what is missing: ${lineFor(ink, facts, facts.text('until') || '7d')}.`,
  'waiver-past': ({ ink, facts }) => `${ink.code(facts.text('until'))} is over already. Paste ${lineFor(ink, facts, '7d')}, or with another end.`,
  'waiver-too-long': ({ ink, facts }) => `here a waiver lasts at most ${facts.text('maximumDays')} days. Paste ${lineFor(ink, facts, `${facts.text('maximumDays')}d`)}, or with a nearer end.`,
  'waiver-requested': ({ ink, facts }) =>
    `noted: ${ruleOf(ink, facts)} at ${gateOf(ink, facts)} is to be waived until ${instant(facts.number('until'))}. It counts when somebody else (${someOf(facts.list('from').map((one) => ink.plain(one, 120)), 6) || 'who may confirm it'}), who wrote none of the change, comments ${ink.code(`/approve-waiver ${facts.text('phase')} ${facts.text('rule')}`)}.`,
  'waiver-none-here': ({ ink }) => `the policy of this repository allows no waivers (${ink.code('max-days: 0')} in ${ink.code('.github/missiongate.yml')}).`,
  'waiver-not-yours': ({ ink, facts }) => `waivers are confirmed here by ${someOf(facts.list('from').map((one) => ink.plain(one, 120)), 8)}; that is not you, as far as GitHub tells.`,
  'waiver-own': ({ ink, facts }) => `you asked for this waiver yourself; a second person has to confirm it with ${ink.code(`/approve-waiver ${facts.text('phase')} ${facts.text('rule')}`)}.`,
  'waiver-own-work': ({ ink, facts }) => `you wrote part of this change, so somebody else has to confirm the waiver of ${ruleOf(ink, facts)}: ${ink.code(`/approve-waiver ${facts.text('phase')} ${facts.text('rule')}`)}.`,
  'waiver-own-mission': ({ ink, facts }) => `you started this mission, and its rules ask for somebody else to confirm the waiver of ${ruleOf(ink, facts)}: ${ink.code(`/approve-waiver ${facts.text('phase')} ${facts.text('rule')}`)}.`,
  'waiver-outgrown': ({ ink, facts }) =>
    `${ruleOf(ink, facts)} measures ${ink.code(facts.text('measured'))} now, and the waiver was asked for at ${ink.code(facts.text('seen'))}. It covers nothing worse than that: somebody has to ask again with ${lineFor(ink, facts, '7d')}.`,
  'waiver-approved': ({ ink, facts }) => `noted; ${ruleOf(ink, facts)} at ${gateOf(ink, facts)} is waived until ${instant(facts.number('until'))}. I open an issue, so that it is not forgotten.`,
  'waiver-withdrawn': ({ ink, facts }) => `noted; ${ruleOf(ink, facts)} at ${gateOf(ink, facts)} is not waived.`,
  'waiver-unknown': ({ ink, facts }) => {
    const waivers = facts.list('waivers');
    const known = waivers.length === 0 ? 'No waiver of that gate is open.' : `Open there: ${someOf(waivers.map((one) => ink.code(one)), 8)}.`;
    switch (facts.text('status')) {
      case 'approved':
        return `the waiver of ${ruleOf(ink, facts)} at ${gateOf(ink, facts)} is confirmed already.`;
      case 'expired':
      case 'withdrawn':
        return `the waiver of ${ruleOf(ink, facts)} at ${gateOf(ink, facts)} ${facts.text('status') === 'expired' ? 'has expired' : 'was withdrawn'}. Somebody has to ask again with ${lineFor(ink, facts, '7d')}.`;
      default:
        return `nobody asked to waive ${facts.text('rule') === '' ? 'that' : ruleOf(ink, facts)} at ${gateOf(ink, facts)}. ${known}`;
    }
  },
};

function gateOf(ink: Ink, facts: Facts): string {
  return ink.code(`gate/${facts.text('phase')}`);
}

function ruleOf(ink: Ink, facts: Facts): string {
  return ink.code(facts.text('rule'));
}

function lineFor(ink: Ink, facts: Facts, until: string): string {
  return waiveLine(ink, { phase: facts.text('phase'), rule: facts.text('rule') || '<rule>', until, reason: facts.text('reason') || '…', control: facts.text('control') || '…' });
}
