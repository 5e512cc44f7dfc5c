import { sentence } from '../sentence.ts';
import type { AnswerText } from './answer.ts';

/** Commands that could not be understood: the parser's sentence says what it found and how the command is written. */
const misspelt: AnswerText = ({ ink, facts }) => {
  const message = facts.text('message');
  if (message !== '') return `I could not carry that out. ${sentence(ink, message)}`;
  const name = facts.text('name');
  return `${name === '' ? 'I do not know that command' : `I know no command ${ink.code(`/${name}`)}`}. \`/help\` lists them all.`;
};

export const commandAnswers: { readonly [code: string]: AnswerText } = {
  'missing-command': misspelt,
  'unknown-command': misspelt,
  'missing-argument': misspelt,
  'bad-value': misspelt,
  'unknown-argument': misspelt,
  'duplicate-argument': misspelt,
  'too-many-arguments': misspelt,
  'loose-word': misspelt,
  'unclosed-quote': misspelt,
  'hidden-character': misspelt,
  'too-many-commands': misspelt,
  'too-complex': misspelt,
};

export { misspelt };
