import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { StepError } from '../steps/step-type.ts';

/** The whole configuration of a git folder of ours. Written by hand instead of by `git init`: no templates, no hooks, no surprises. */
function configText(options: { readonly bare: boolean; readonly commitId: string }): string {
  // A repository has one hash function; GitHub's is SHA-1, other servers may use SHA-256 (64 digits).
  const sha256 = options.commitId.length === 64;
  return `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = ${options.bare}\n\tlogallrefupdates = false\n${sha256 ? '[extensions]\n\tobjectformat = sha256\n' : ''}`;
}

export interface GitFolderOptions {
  readonly bare: boolean;
  /** Any commit id of the repository: tells the hash function. */
  readonly commitId: string;
  /** An `objects` folder to read from besides the own one. */
  readonly alternate?: string;
  /** What HEAD holds; a branch that does not exist when absent. */
  readonly head?: string;
}

/** Lays a git folder out. The folder must not exist. */
export async function createGitFolder(path: string, options: GitFolderOptions): Promise<void> {
  await mkdir(join(path, 'objects', 'info'), { recursive: true });
  await mkdir(join(path, 'objects', 'pack'));
  await mkdir(join(path, 'refs', 'heads'), { recursive: true });
  if (options.alternate !== undefined) await writeFile(join(path, 'objects', 'info', 'alternates'), `${options.alternate}\n`);
  await writeFile(join(path, 'config'), configText(options), { mode: 0o444 });
  await writeFile(join(path, 'HEAD'), options.head === undefined ? 'ref: refs/heads/main\n' : `${options.head}\n`);
}

/**
 * Refuses to go on when an attempt's private git folder is not as we wrote it. The folder is outside what a task's program
 * is given; where no sandbox stands between them, a hostile program of the same user could still find it.
 */
export async function checkGitFolder(path: string, options: GitFolderOptions): Promise<void> {
  const config = await readFile(join(path, 'config'), 'utf8').catch(() => '');
  const foreign = ['commondir', 'config.worktree', 'hooks', 'info', 'shallow'].find((name) => existsSync(join(path, name)));
  if (config === configText(options) && foreign === undefined) return;
  throw new StepError('permission', `The attempt's private git folder was changed from outside (${foreign ?? 'config'}). Nothing was committed or pushed. Look at what this task's program did before it runs again.`);
}

/**
 * Puts a git folder of their own into the worktree for the programs: eslint, vitest and many more want to ask git. The worker
 * never reads it, and a path into it is never committed; whatever a program does to it stays there.
 */
export async function createDecoy(root: string, options: GitFolderOptions, index: string): Promise<void> {
  const path = join(root, '.git');
  await rm(path, { recursive: true, force: true });
  await createGitFolder(path, options);
  await copyFile(index, join(path, 'index'));
}
