import type { IntegrationResult } from '../../core/mission/signal.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { CommitIdentity } from '../../engine/ports/workspaces.ts';
import type { RepositoryGit } from './repository-git.ts';

export interface MergeRequest {
  readonly branch: string;
  readonly base: string;
  readonly commit: string;
  readonly message: string;
}

export interface Committer extends CommitIdentity {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Merges a commit into a branch without a worktree, as GitHub does: a merge commit, or nothing when it is contained already.
 * The branch is moved in one step, only from where it was seen.
 */
export async function mergeCommit(git: RepositoryGit, { branch, base, commit, message }: MergeRequest, by: Committer): Promise<IntegrationResult> {
  const ref = `refs/heads/${branch}`;
  const present = await commitOf(git, ref);
  const head = present ?? base;
  if (await contains(git, head, commit)) {
    // Nothing of its own on the branch yet: it begins where the mission began.
    if (present === null) await moveRef(git, ref, head, null);
    return { outcome: 'merged', head, authors: [] };
  }
  const holder = await worktreeOn(git, ref);
  if (holder !== null) return { outcome: 'refused', reason: `the branch ${branch} is checked out in ${holder}. Switch that worktree to another branch, then go on.` };
  const tree = await git({ args: ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', head, commit] });
  if (tree.exitCode === 1) return { outcome: 'conflict', reason: `it conflicts with what was merged before it in ${conflicts(tree.stdout)}`, trunk: { head, authors: [] } };
  if (tree.exitCode !== 0) throw failed(`merge ${commit.slice(0, 12)} into ${branch}`, tree.stderr);
  const date = `@${Math.floor(by.at / 1000)} +0000`;
  const env = { GIT_AUTHOR_NAME: by.name, GIT_AUTHOR_EMAIL: by.email, GIT_AUTHOR_DATE: date, GIT_COMMITTER_NAME: by.name, GIT_COMMITTER_EMAIL: by.email, GIT_COMMITTER_DATE: date };
  const made = await git({ args: ['commit-tree', tree.stdout.split('\0')[0] ?? '', '-p', head, '-p', commit, '-F', '-'], env, input: `${message}\n` });
  if (made.exitCode !== 0) throw failed(`write the merge of ${commit.slice(0, 12)}`, made.stderr);
  const merge = made.stdout.trim();
  await moveRef(git, ref, merge, present);
  return { outcome: 'merged', head: merge, authors: [] };
}

/** The commit that a name stands for, or null. */
export async function commitOf(git: RepositoryGit, name: string): Promise<string | null> {
  const { exitCode, stdout } = await git({ args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`] });
  return exitCode === 0 ? stdout.trim() : null;
}

async function contains(git: RepositoryGit, head: string, commit: string): Promise<boolean> {
  const { exitCode, stderr } = await git({ args: ['merge-base', '--is-ancestor', commit, head] });
  if (exitCode > 1) throw failed(`compare ${commit.slice(0, 12)} with ${head.slice(0, 12)}`, stderr);
  return exitCode === 0;
}

/** A branch that is checked out cannot be moved without making its worktree look changed. */
async function worktreeOn(git: RepositoryGit, ref: string): Promise<string | null> {
  const { stdout } = await git({ args: ['-c', 'core.bare=false', 'worktree', 'list', '--porcelain', '-z'] });
  for (const entry of stdout.split('\0\0')) {
    const lines = entry.split('\0');
    if (lines.includes(`branch ${ref}`)) return lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length) ?? ref;
  }
  return null;
}

async function moveRef(git: RepositoryGit, ref: string, to: string, from: string | null): Promise<void> {
  const { exitCode, stderr } = await git({ args: ['update-ref', '-m', 'missiongate: merge', ref, to, from ?? '0'.repeat(to.length)] });
  if (exitCode !== 0) throw new HostError('conflict', `${ref} could not be moved: ${lastLine(stderr)}`);
}

function conflicts(listing: string): string {
  const files = [...new Set(listing.split('\0').slice(1).filter((name) => name !== ''))];
  return files.length > 5 ? `${files.slice(0, 5).join(', ')} and ${files.length - 5} more` : files.join(', ');
}

function failed(attempted: string, stderr: string): HostError {
  return new HostError('unexpected', `git could not ${attempted}: ${lastLine(stderr)}`);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
