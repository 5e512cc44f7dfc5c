import { commandSpecs, findCommand } from '../../core/command/command-spec.ts';
import { repositoryRoles, roleReaches } from '../../core/mission/definition.ts';
import type { RepositoryRole } from '../../core/mission/definition.ts';
import { accessTo, whoMayUse } from '../commands/who-may-use.ts';
import type { AnswerText } from './answers/answer.ts';
import { roleWords } from './words.ts';

/** `/help`: every command with what it does, and whether the person who asks may use it; `/help retry`: one of them. */
export const helpReply: AnswerText = ({ facts }) => {
  const role = repositoryRoles.find((known) => known === facts.text('role'));
  const one = findCommand(facts.text('command'));
  const have = role === undefined ? 'I could not find out what you may do here, so ask again if a command is refused.' : `You have ${roleWords[role]}.`;
  if (one !== null) {
    return [`\`${one.usage}\`: ${one.summary} For ${whoMayUse(one.name)}. ${have}`, '', '```text', ...one.examples, '```'].join('\n');
  }
  const rows = commandSpecs.map((spec) => `| \`${spec.usage}\` | ${spec.summary} | ${mark(role, accessTo(spec.name).minimum)}${whoMayUse(spec.name)} |`);
  return [
    `here is what I understand. ${have}`,
    '',
    '| command | what it does | who |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'A command stands at the start of a line. The labels `mission:queue` and `mission:pause` work too, and an approving review approves the gate that waits.',
  ].join('\n');
};

function mark(role: RepositoryRole | undefined, minimum: RepositoryRole): string {
  if (role === undefined) return '';
  return roleReaches(role, minimum) ? '✅ ' : '🔒 ';
}
