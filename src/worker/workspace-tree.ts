import type { WorkspaceEntry, WorkspaceTree } from '../steps/step-type.ts';
import { moveWorkspaceFile, readWorkspaceBytes, readWorkspaceFolder, workspaceFileFacts, writeWorkspaceFile } from './safe-files.ts';
import { isGitName } from './safe-path.ts';
import { splitZ, type AttemptGit } from './staging.ts';

/** Files below one worktree, as a tree of bytes. What git would not see is not listed, what `safe-files.ts` refuses is refused. */
export function createWorkspaceTree(root: string, git: AttemptGit, fileBytes: number): WorkspaceTree {
  return {
    facts: (path) => workspaceFileFacts(root, path),
    list: () => listFiles(root, git),
    entries: (folder) => readWorkspaceFolder(root, folder),
    readBytes: (path, maximumBytes) => readWorkspaceBytes(root, path, Math.min(maximumBytes ?? fileBytes, fileBytes)),
    writeBytes: (path, content, options) => writeWorkspaceFile(root, path, content, options?.executable),
    move: (from, to) => moveWorkspaceFile(root, from, to),
  };
}

async function listFiles(root: string, git: AttemptGit): Promise<readonly WorkspaceEntry[]> {
  const listed = splitZ(await git('list files', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']));
  const paths = [...new Set(listed.map((path) => path.toString('utf8')))].filter((path) => !path.endsWith('/') && !path.split('/').some(isGitName));
  const entries: WorkspaceEntry[] = [];
  for (const path of paths.toSorted()) {
    // A name that `safe-path.ts` refuses (a backslash, a control character) cannot be reached by any step; it is left out.
    const facts = await workspaceFileFacts(root, path).catch(() => null);
    if (facts?.kind === 'file') entries.push({ path, bytes: facts.bytes, executable: facts.executable });
  }
  return entries;
}
