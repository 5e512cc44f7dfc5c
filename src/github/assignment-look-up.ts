import type { Assignable, AssignmentLook } from '../core/mission/assignment.ts';
import { isAmong } from '../core/mission/assignment.ts';
import type { MissionSource } from '../core/mission/source.ts';
import type { InstallationClient } from './client.ts';
import { nullIfAbsent } from './host-errors.ts';

/** Who is assigned to the issue; and of the other logins, whether GitHub would assign them. It drops those it would not without a word. */
export async function lookUpAssignment(client: InstallationClient, { repository, issue }: MissionSource, logins: readonly string[]): Promise<AssignmentLook> {
  const at = { owner: repository.owner, repo: repository.name };
  const { data } = await client.read('reading the assignees', (octokit) => octokit.rest.issues.get({ ...at, issue_number: issue.number }));
  const present = (data.assignees ?? []).map(({ login }) => login);
  const others = logins.filter((login) => !isAmong(login, present));
  return { present, people: await Promise.all(others.map(async (login) => ({ login, assignable: await assignableTo(client, at, login) }))) };
}

async function assignableTo(client: InstallationClient, at: { readonly owner: string; readonly repo: string }, login: string): Promise<Assignable> {
  if (login.endsWith('[bot]')) return 'no-person';
  const may = await nullIfAbsent(() => client.read(`looking up whether ${login} can be assigned`, (octokit) => octokit.rest.issues.checkUserCanBeAssigned({ ...at, assignee: login })));
  if (may !== null) return 'yes';
  const account = await nullIfAbsent(() => client.read(`looking up who ${login} is`, (octokit) => octokit.rest.users.getByUsername({ username: login })));
  if (account === null) return 'nobody';
  return account.data.type === 'User' ? 'no-access' : 'no-person';
}
