import { repositoryRoles } from '../../../core/mission/definition.ts';
import type { RepositoryRole } from '../../../core/mission/definition.ts';
import { roleWords } from '../words.ts';
import type { AnswerText } from './answer.ts';

export const permissionAnswers: { readonly [code: string]: AnswerText } = {
  'permission-denied': ({ facts }) =>
    `that needs **${words(facts.text('minimum'))}** or more to this repository; you have ${words(facts.text('role'))}. Somebody who has it can do it, or an administrator can change your role.`,
  'permission-unknown': ({ ink, facts }) =>
    `I could not find out what you may do here (${ink.plain(facts.text('reason') || 'no reason given', 200)}), and then the answer is no. Please try again in a minute.`,
};

function words(role: string): string {
  return isRole(role) ? roleWords[role] : 'another role';
}

function isRole(role: string): role is RepositoryRole {
  return (repositoryRoles as readonly string[]).includes(role);
}
