import { createHash } from 'node:crypto';

import { changeId } from '../core/mission/same-change.ts';
import type { ChangeIdentity } from '../engine/ports/workspaces.ts';
import { isCommitId } from './branch-name.ts';
import type { GitCall, GitResult } from './git-command.ts';

/** A larger change is not compared: nobody approves that much twice by reading it. */
const maximumPatchBytes = 64 * 1024 * 1024;

export interface ChangeParts {
  readonly git: (call: Pick<GitCall, 'args' | 'stopAfterBytes'>) => Promise<GitResult>;
  readonly gitOrThrow: (attempted: string, args: readonly string[]) => Promise<Buffer>;
  readonly fetchCommit: (commit: string) => Promise<void>;
  /** The commit of the branch the change goes into; null when there is none. */
  readonly baseCommit: string | null;
  readonly head: string;
}

/**
 * What `head` changes against the base branch, wherever that stands: where the two parted, and a digest of the patch from there.
 * Null when they share no history, or the patch is too large.
 */
export async function identifyChange({ git, gitOrThrow, fetchCommit, baseCommit, head }: ChangeParts): Promise<ChangeIdentity | null> {
  if (baseCommit === null) return null;
  const known = await git({ args: ['cat-file', '-e', `${baseCommit}^{commit}`] });
  if (known.exitCode !== 0) await fetchCommit(baseCommit);
  const found = await git({ args: ['merge-base', '--end-of-options', baseCommit, head] });
  const mergeBase = found.stdout.toString('utf8').trim();
  if (found.exitCode !== 0 || !isCommitId(mergeBase)) return null;
  const options = ['-r', '-p', '-U3', '--no-renames', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv', '--diff-algorithm=myers', '--ignore-submodules=none', '--submodule=short', '--src-prefix=a/', '--dst-prefix=b/'];
  const patch = await git({ args: ['diff-tree', ...options, '--end-of-options', mergeBase, head], stopAfterBytes: maximumPatchBytes });
  if (patch.truncated) return null;
  if (patch.exitCode !== 0) await gitOrThrow(`compare with ${mergeBase}`, ['diff-tree', ...options, '--end-of-options', mergeBase, head]);
  return { mergeBase, patchId: patchIdOf(patch.stdout) };
}

/**
 * What a patch is known by. Its digest does not depend on where it applies, as that of `git patch-id`: line numbers and blob ids are left
 * out. Other than there, white space counts, file modes count, and of binary files the content counts by its blob ids. Beside it stand
 * digests of the touched files before and after, by their blob ids: equal patches may go to different places.
 */
export function patchIdOf(patch: Buffer): string {
  const [hash, before, after] = [createHash('sha256'), createHash('sha256'), createHash('sha256')];
  const lines = patch.toString('latin1').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('@@ ')) hash.update('@@\n', 'latin1');
    // Within a hunk every line begins with a space, `+`, `-` or `\`: this one stands in a file's head.
    else if (!line.startsWith('index ') || lines[index + 1]?.startsWith('Binary files ') === true) hash.update(`${line}\n`, 'latin1');
    const [, from, to] = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    before.update(`${from}\n`);
    after.update(`${to}\n`);
  }
  return changeId(hash.digest('hex'), before.digest('hex'), after.digest('hex'));
}
