import { lstat } from 'node:fs/promises';

import { StepError } from '../steps/step-type.ts';
import { isGitName } from './safe-path.ts';

/** Runs git on the attempt's private git folder and worktree; throws when git fails. */
export type AttemptGit = (attempted: string, args: readonly string[], input?: Buffer) => Promise<Buffer>;

export interface Staged {
  /** Paths that were left out although they changed, each with the reason. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Brings the private index to what stands in the worktree, ignored files excepted.
 *
 * Not `git add --all`: that looks into folders which hold a `.git` of their own and runs `git status` there (git's
 * submodule.c, `is_submodule_modified`), with the configuration a task's program may have written. The plumbing used here
 * lists paths and hashes files, nothing else; nested repositories, submodules and git-like names are left out by us.
 */
export async function stageAll(root: string, git: AttemptGit, fileBytes: number): Promise<Staged> {
  const untracked = splitZ(await git('list new files', ['ls-files', '-z', '--others', '--exclude-standard']));
  const changed = splitZ(await git('list changed files', ['diff-files', '-z', '--name-only', '--ignore-submodules=all']));
  const submodules = await submodulePaths(git);
  const add: Buffer[] = [];
  const remove: Buffer[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  for (const path of [...untracked, ...changed]) {
    const shown = path.toString('utf8');
    const reason = reasonToLeaveOut(shown, submodules);
    if (reason) {
      leftOut.push({ path: shown, reason });
      continue;
    }
    const facts = await lstat(Buffer.concat([Buffer.from(`${root}/`), path])).catch(() => null);
    if (facts?.isFile() && facts.size > fileBytes) {
      throw new StepError('work', `${JSON.stringify(shown)} has ${facts.size} bytes; files above ${fileBytes} bytes are not committed because the server refuses them. Ignore it in .gitignore, or keep it outside the repository.`);
    }
    if (facts?.isFile() || facts?.isSymbolicLink()) add.push(path);
    else remove.push(path);
  }
  // Removed first: a file may have become a folder, or a folder a file.
  await git('stage removed files', ['update-index', '-z', '--force-remove', '--stdin'], joinZ(remove));
  await git('stage changed files', ['update-index', '-z', '--add', '--replace', '--stdin'], joinZ(add));
  return { leftOut };
}

function reasonToLeaveOut(path: string, submodules: ReadonlySet<string>): string | null {
  // Only folders that are repositories of their own are listed with a trailing slash.
  if (path.endsWith('/')) return 'it is a git repository of its own';
  if (path.split('/').some(isGitName)) return 'its name is one of git’s own';
  if (submodules.has(path)) return 'it is a submodule';
  return null;
}

async function submodulePaths(git: AttemptGit): Promise<Set<string>> {
  const paths = new Set<string>();
  for (const entry of splitZ(await git('list tracked files', ['ls-files', '-z', '--stage']))) {
    const line = entry.toString('utf8');
    if (line.startsWith('160000 ')) paths.add(line.slice(line.indexOf('\t') + 1));
  }
  return paths;
}

/** NUL-ended fields, as bytes: a file name need not be UTF-8. */
export function splitZ(output: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let start = 0;
  for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, start)) {
    fields.push(output.subarray(start, end));
    start = end + 1;
  }
  return fields;
}

function joinZ(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields.flatMap((field) => [field, Buffer.from([0])]));
}
