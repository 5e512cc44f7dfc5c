import type { BareRepository } from './bare-repository.ts';
import { GitError } from './run-git.ts';

/** The tree of a merge as git computes it, or null when it conflicts. */
export async function mergeTree(repository: BareRepository, base: string, head: string): Promise<string | null> {
  const args = ['merge-tree', '--write-tree', '--no-messages', base, head];
  const { exitCode, stdout } = await repository.git(args, { accept: [1, 128] });
  if (exitCode === 1) return null;
  // 128 covers "refusing to merge unrelated histories", which GitHub treats as not mergeable too.
  if (exitCode === 128) {
    if ((await repository.mergeBase(base, head)) === null) return null;
    throw new GitError(args, exitCode, 'merge-tree failed');
  }
  return stdout.toString('utf8').split('\n')[0]?.trim() ?? null;
}
