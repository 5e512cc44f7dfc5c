import type { BroughtVersions, DiffSummary } from '../engine/ports/workspaces.ts';
import type { TrunkCommit } from '../guards/guard-type.ts';
import { StepError } from '../steps/step-type.ts';
import { isCommitId } from './branch-name.ts';
import { broughtVersions, readContents } from './brought-versions.ts';
import { cutAtLine, parseRawAndNumstat } from './diff.ts';
import type { GitCall, GitResult } from './git-command.ts';
import { gitFailure } from './git-errors.ts';
import type { AttemptGit } from './staging.ts';

export interface CommitFactsParts {
  readonly git: (call: Pick<GitCall, 'args' | 'input' | 'stopAfterBytes'>) => Promise<GitResult>;
  readonly gitOrThrow: AttemptGit;
  readonly scrub: (text: string) => string;
  /** Kept of a patch. */
  readonly patchBytes: number;
  /** Makes sure that a commit can be read. */
  readonly bring: (commit: string) => Promise<void>;
}

/** What commits hold and how they differ; nothing of a worktree. Commits are named by their full ids. */
export interface CommitFacts {
  diff(from: string, to: string): Promise<DiffSummary>;
  /** Commits that `head` has and `from` has not, oldest first, at most 1,000. */
  commitsSince(from: string, head: string): Promise<readonly TrunkCommit[]>;
  /** Every file of a commit by path, with the id of its content. */
  digests(commit: string): Promise<ReadonlyMap<string, string>>;
  /** Versions of files that `head` has in its history and `from` has not. */
  versionsSince(from: string, head: string): Promise<BroughtVersions>;
  /** Contents by their ids, of files or of commits. The caller sees to it that they fit into memory together. */
  contents(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
}

export function createCommitFacts({ git, gitOrThrow, scrub, patchBytes, bring }: CommitFactsParts): CommitFacts {
  async function bringChecked(commit: string): Promise<void> {
    if (!isCommitId(commit)) throw new StepError('input', `${JSON.stringify(commit.slice(0, 100))} is not a full commit id.`);
    await bring(commit);
  }

  return {
    async diff(from, to) {
      await bringChecked(from);
      const options = ['-r', '-M', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none', '--submodule=short'];
      const listing = await gitOrThrow(`compare with ${from}`, ['diff-tree', ...options, '-z', '--raw', '--numstat', '--end-of-options', from, to]);
      const patch = await git({ args: ['diff-tree', ...options, '-p', '--full-index', '--end-of-options', from, to], stopAfterBytes: patchBytes });
      if (patch.exitCode !== 0 && !patch.truncated) throw gitFailure(`compare with ${from}`, patch, scrub);
      return { ...parseRawAndNumstat(listing), patch: scrub(cutAtLine(patch.stdout, patch.truncated)), truncated: patch.truncated };
    },
    async commitsSince(from, head) {
      await bringChecked(from);
      const listing = await gitOrThrow(`list the commits since ${from}`, ['log', '-z', '--max-count=1000', '--no-show-signature', '--no-notes', '--no-color', '--encoding=UTF-8', '--format=%H %P%n%B', head, `^${from}`, '--']);
      return listing.toString('utf8').split('\0').filter((one) => one !== '').map((one) => {
        const end = one.indexOf('\n');
        const [commit = '', ...parents] = one.slice(0, end).trim().split(' ');
        return { commit, message: scrub(one.slice(end + 1).trim()), parents: parents.length };
      }).toReversed();
    },
    async digests(commit) {
      const listing = await gitOrThrow('list the files', ['ls-tree', '-r', '-z', '--end-of-options', commit]);
      return new Map(listing.toString('utf8').split('\0').flatMap((line) => {
        const [, digest, path] = /^\d+ blob ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
        return digest === undefined || path === undefined ? [] : [[path, digest] as const];
      }));
    },
    async versionsSince(from, head) {
      await bringChecked(from);
      return broughtVersions({ git, gitOrThrow }, from, head);
    },
    contents: (ids) => readContents(gitOrThrow, ids),
  };
}
