import type { Assignable, AssignmentLook } from '../core/mission/assignment.ts';
import { isAmong } from '../core/mission/assignment.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { InstallationClient } from './client.ts';

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
  const may = await found(() => client.read(`looking up whether ${login} can be assigned`, (octokit) => octokit.rest.issues.checkUserCanBeAssigned({ ...at, assignee: login })));
  if (may !== null) return 'yes';
  const account = await found(() => client.read(`looking up who ${login} is`, (octokit) => octokit.rest.users.getByUsername({ username: login })));
  if (account === null) return 'nobody';
  return account.data.type === 'User' ? 'no-access' : 'no-person';
}

async function found<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof HostError && error.status === 404) return null;
    throw error;
  }
}
