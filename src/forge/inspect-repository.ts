import { listCommits } from './git/commits.ts';
import type { Repository } from './model/records.ts';
import type { World } from './model/world.ts';
import type { RepositoryInspection } from './forge.ts';
import { repositoryWeb } from './serialize/repositories.ts';

/** A read-only look at a repository: records as they are, git through git. */
export function inspectRepository(world: World, repository: Repository): RepositoryInspection {
  const { git } = repository;
  async function commitAt(ref: string): Promise<string> {
    const sha = await git.resolveCommit(ref);
    if (sha === null) throw new TypeError(`${repository.fullName} has no ref or commit "${ref}"`);
    return sha;
  }
  return {
    id: repository.id,
    fullName: repository.fullName,
    cloneUrl: `${repositoryWeb(world, repository)}.git`,
    gitDir: git.path,
    get defaultBranch() {
      return repository.defaultBranch;
    },
    issues: () => [...repository.issues.values()],
    issue(number) {
      const issue = repository.issues.get(number);
      if (issue === undefined) throw new TypeError(`${repository.fullName} has no issue #${number}`);
      return issue;
    },
    comments: (issueNumber) => [...repository.comments.values()].filter((comment) => issueNumber === undefined || comment.issueNumber === issueNumber),
    labels: () => [...repository.labels.values()],
    pulls: () => [...repository.issues.values()].flatMap((issue) => (issue.pull === null ? [] : [{ issue, pull: issue.pull, reviews: issue.pull.reviews }])),
    checkRuns: (sha) => [...repository.checkRuns.values()].filter((run) => sha === undefined || run.headSha === sha),
    dispatches: () => repository.dispatches,
    refs: () => git.refs(),
    commits: async (ref = repository.defaultBranch) => listCommits(git, [await commitAt(ref)], {}),
    async filesAt(ref = repository.defaultBranch) {
      const entries = (await git.tree(await commitAt(ref), { recursive: true })).filter((entry) => entry.type === 'blob');
      const files = new Map<string, string>();
      for (const entry of entries) files.set(entry.path, (await git.blob(entry.sha)).toString('utf8'));
      return files;
    },
    fsck: () => git.fsck(),
  };
}
