import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { InstallationClient } from './client.ts';

/** The commit a branch stands on, or null when there is no such branch. */
export async function headOf(client: InstallationClient, { repository }: MissionSource, branch: string): Promise<string | null> {
  try {
    const { data } = await client.read(`reading the branch ${branch}`, (octokit) => octokit.rest.git.getRef({ owner: repository.owner, repo: repository.name, ref: `heads/${branch}` }));
    return data.object.sha;
  } catch (error) {
    if (error instanceof HostError && error.failure === 'gone') return null;
    throw error;
  }
}

/** Creates a branch. False when it was there already: a ref name is its own marker, so that this is harmless twice. */
export async function createBranch(
  client: InstallationClient,
  { repository }: MissionSource,
  branch: string,
  commit: string,
  confirm?: () => Promise<boolean>,
): Promise<boolean> {
  try {
    await client.write({ write: 'branch', what: `creating the branch ${branch}`, priority: 'decision', content: false, ...(confirm === undefined ? {} : { confirm }) }, (octokit) =>
      octokit.rest.git.createRef({ owner: repository.owner, repo: repository.name, ref: `refs/heads/${branch}`, sha: commit }),
    );
    return true;
  } catch (error) {
    if (error instanceof HostError && error.status === 422 && /already exists/i.test(error.message)) return false;
    throw error;
  }
}
