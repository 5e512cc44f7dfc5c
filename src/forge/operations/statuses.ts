import { STATUS_DESCRIPTION_MAX } from '../model/limits.ts';
import { gitHubTime } from '../model/github-time.ts';
import { readCommit } from '../git/commits.ts';
import type { Account, CommitStatus, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { Problem, validationFailed } from '../rest/problem.ts';
import { serializeCommit } from '../serialize/commits.ts';
import { repositoryApi } from '../serialize/repositories.ts';

/** The newest status of each context of a commit. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const latest = new Map<string, CommitStatus>();
  for (const status of repository.statuses) if (status.sha === sha) latest.set(status.context, status);
  return [...latest.values()];
}

export interface NewStatus {
  readonly sha: string;
  readonly state: CommitStatus['state'];
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
}

/** Records a commit status and tells Apps about it. */
export async function createStatus(world: World, repository: Repository, creator: Account, given: NewStatus): Promise<CommitStatus> {
  if ((await repository.git.objectType(given.sha)) !== 'commit') throw new Problem(422, `No commit found for SHA: ${given.sha}`);
  if (given.description !== null && given.description.length > STATUS_DESCRIPTION_MAX) {
    throw validationFailed({ resource: 'Status', field: 'description', code: 'custom', message: `description is too long (maximum is ${STATUS_DESCRIPTION_MAX} characters)` });
  }
  const status: CommitStatus = { ...given, id: world.ids.next('status'), creator, createdAt: world.clock.now() };
  repository.statuses.push(status);
  const commit = await readCommit(repository.git, given.sha);
  const at = gitHubTime(status.createdAt);
  const branches = (await repository.git.refs('refs/heads/')).filter((ref) => ref.sha === given.sha).slice(0, 10);
  world.emit({
    event: 'status',
    action: null,
    repository,
    sender: creator,
    payload: {
      id: status.id,
      sha: status.sha,
      name: repository.fullName,
      target_url: status.targetUrl,
      avatar_url: `${world.webUrl}/_forge/avatars/${creator.id}.svg`,
      context: status.context,
      description: status.description,
      state: status.state,
      commit: serializeCommit(world, repository, commit),
      branches: branches.map((ref) => {
        const name = ref.ref.slice('refs/heads/'.length);
        return { name, commit: { sha: ref.sha, url: `${repositoryApi(world, repository)}/commits/${ref.sha}` }, protected: repository.protections.has(name) };
      }),
      created_at: at,
      updated_at: at,
    },
  });
  return status;
}
