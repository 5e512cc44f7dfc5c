import { countCommits } from '../git/commits.ts';
import { diffFiles } from '../git/diff.ts';
import type { FileChange } from '../git/diff.ts';
import type { Issue, Pull, Repository } from '../model/records.ts';

/** The commit a pull request's diff is taken from: the merge base of head and base. */
export async function diffBase(repository: Repository, pull: Pull): Promise<string> {
  const base = pull.mergedAt === null ? ((await repository.git.branch(pull.baseRef)) ?? pull.baseSha) : pull.baseSha;
  return (await repository.git.mergeBase(base, pull.headSha)) ?? base;
}

export async function pullFiles(repository: Repository, pull: Pull): Promise<FileChange[]> {
  return diffFiles(repository.git, await diffBase(repository, pull), pull.headSha);
}

export interface PullSize {
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
}

const sizes = new WeakMap<Issue, { key: string; size: PullSize }>();

/** Counts of commits, files and lines; remembered per pair of commits, since neither ever changes. */
export async function pullSize(repository: Repository, issue: Issue, pull: Pull): Promise<PullSize> {
  const base = await diffBase(repository, pull);
  const key = `${base}..${pull.headSha}`;
  const known = sizes.get(issue);
  if (known?.key === key) return known.size;
  const numbers = await repository.git.run(['diff-tree', '-r', '-M', '--numstat', base, pull.headSha]);
  const rows = numbers
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t').map((field) => Number(field) || 0));
  const size = {
    commits: await countCommits(repository.git, [`^${base}`, pull.headSha]),
    additions: rows.reduce((sum, row) => sum + (row[0] ?? 0), 0),
    deletions: rows.reduce((sum, row) => sum + (row[1] ?? 0), 0),
    changedFiles: rows.length,
  };
  sizes.set(issue, { key, size });
  return size;
}
