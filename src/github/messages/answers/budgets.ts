import { isJsonObject } from '../../../kit/json.ts';
import type { JsonObject } from '../../../kit/json.ts';
import { raiseCommand, scopeName, spentOf } from '../budget-words.ts';
import type { AnswerText } from './answer.ts';

export const budgetAnswers: { readonly [code: string]: AnswerText } = {
  budget: ({ ink, facts }) => {
    const lines = facts.records('scopes').map((line) => `- ${scopeName(ink, text(line, 'scope'))}: ${spentOf(map(line, 'spent') ?? {}, map(line, 'budget'))}${map(line, 'budget') === null ? ' (no bound)' : ''}`);
    return `this is what the mission has used:\n\n${lines.join('\n')}\n\nSomebody with write access sets a bound with ${ink.code('/budget tokens=300000')}, for a phase or task with ${ink.code('/budget <id> usd=5')}.`;
  },
  'budget-raised': ({ ink, facts }) => `the budget of ${scopeName(ink, facts.text('scope'))} has its new bound.${facts.yes('paused') ? ' The mission is still paused; `/resume` goes on.' : ''}`,
  'budget-too-small': ({ ink, facts }) => {
    const [budget = {}] = facts.records('budget');
    return `of ${scopeName(ink, facts.text('scope'))} more is used up already: ${spentOf(facts.records('spent')[0] ?? {}, budget)}. A bound has to be above that, for example ${raiseCommand(ink, facts.text('scope'), budget)}.`;
  },
  'budget-unknown-scope': ({ ink, facts }) => `there is no phase or task called ${ink.code(facts.text('name'))}. The names stand in the checklist of the issue; without a name the mission is meant: ${ink.code('/budget tokens=300000')}.`,
  'budget-used-up': ({ ink, facts }) => {
    const [budget = {}] = facts.records('budget');
    return `the budget of ${scopeName(ink, facts.text('scope'))} is used up (${spentOf(facts.records('spent')[0] ?? {}, budget)}), so nothing could start. Give it more first, for example ${raiseCommand(ink, facts.text('scope'), budget)}; then the mission goes on by itself.`;
  },
};

function text(record: JsonObject, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : '';
}

function map(record: JsonObject, name: string): JsonObject | null {
  const value = record[name];
  return isJsonObject(value) ? value : null;
}
