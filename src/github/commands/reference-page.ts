import { commandSpecs } from '../../core/command/command-spec.ts';
import { whoMayUse } from './who-may-use.ts';

/** The text of docs/use/commands.md; a test compares the file with it. */
export function commandsPage(): string {
  return `${[
    '# Slash commands',
    '',
    "Write a command at the start of a line, in a comment on the mission's issue or on its pull request. One comment may hold",
    'several. A command inside a code block, a quotation, a list, a link or HTML is text and does nothing. Where another bot',
    'uses the same words, put `/mg` in front: `/mg retry build-api`.',
    '',
    'The answer is a reaction: 🚀 means done, 😕 means refused, and then a reply says why and what to type instead. Editing a',
    'comment runs only the commands that were not in it before; deleting a comment undoes nothing.',
    '',
    '| command | what it does | who may use it |',
    '| --- | --- | --- |',
    ...commandSpecs.map((spec) => `| \`${spec.usage}\` | ${spec.summary} | ${whoMayUse(spec.name)} |`),
    '',
    '## Arguments and examples',
    '',
    ...commandSpecs.flatMap((spec) => [
      `### ${spec.name}`,
      '',
      ...spec.arguments.map((argument) => `- \`${argument.name}\` (${argument.required ? 'required' : 'optional'}): ${argument.summary}`),
      ...(spec.arguments.length > 0 ? [''] : []),
      '```text',
      ...spec.examples,
      '```',
      '',
    ]),
    '## Labels',
    '',
    '| label | what it does |',
    '| --- | --- |',
    '| `mission` | makes the issue a mission: its checklist is read and answered with the plan. Taken off, the mission is paused until it is back |',
    '| `mission:queue` | starts the mission; the label is taken off again |',
    '| `mission:pause` | starts nothing new while it is there |',
    '',
    'Labels count only from people with write access, although GitHub lets the triage role set them.',
    '',
    '## Reviews and buttons',
    '',
    "An approving review of the mission's pull request approves the gate that waits; a review that requests changes rejects",
    'it. The check of a waiting gate has the buttons **Approve gate**, **Reject gate** and **Examine again**.',
  ].join('\n')}\n`;
}
