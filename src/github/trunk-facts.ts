import type { TrunkFacts } from '../core/mission/signal.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import { authorsOf } from './commit-authors.ts';
import type { ComparedCommit } from './commit-authors.ts';
import type { InstallationClient } from './client.ts';

const commitsPerPage = 100;
/** More commits than this cannot be looked through; then nobody can be said to be no author. */
const maximumPages = 50;

/** The head with everybody who wrote what it has over the default branch: what came in from there is no part of the change. */
export async function readTrunk(client: InstallationClient, { repository }: MissionSource, head: string, base: string | null, botLogin: string): Promise<TrunkFacts> {
  if (base === null || base === head) return { head, authors: [] };
  const commits: ComparedCommit[] = [];
  for (let page = 1; ; page += 1) {
    const { data } = await client.read('comparing the trunk with its base', (octokit) =>
      octokit.rest.repos.compareCommitsWithBasehead({ owner: repository.owner, repo: repository.name, basehead: `${repository.defaultBranch}...${head}`, per_page: commitsPerPage, page }),
    );
    commits.push(...(data.commits as readonly ComparedCommit[]));
    if (data.commits.length === 0 || commits.length >= data.total_commits) break;
    if (page === maximumPages) {
      throw new HostError('unexpected', `the trunk has ${data.total_commits} commits over its base, more than the ${maximumPages * commitsPerPage} whose authors can be looked up`);
    }
  }
  return { head, ...authorsOf(commits, botLogin) };
}
