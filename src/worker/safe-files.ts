import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { StepError, type WorkspaceTree } from '../steps/step-type.ts';
import { folderComponents, isGitName, pathComponents } from './safe-path.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants;

/**
 * Node has no `openat`. Linux gives the same through /proc: `/proc/self/fd/<n>/<name>` is resolved from the folder that is
 * already open, so that nobody can swap a folder for a symbolic link between the check and the use. Elsewhere the
 * folder's path is used after each component was checked: safe against what stands there, not against a race.
 */
const HAS_PROC_FD = existsSync('/proc/self/fd');

interface OpenFolder {
  readonly handle: FileHandle;
  readonly path: string;
}

function within(folder: OpenFolder, name: string): string {
  return HAS_PROC_FD ? `/proc/self/fd/${folder.handle.fd}/${name}` : join(folder.path, name);
}

function failure(path: string, error: unknown): StepError {
  if (error instanceof StepError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const shown = JSON.stringify(path);
  switch (code) {
    case 'ENOENT': return new StepError('input', `${shown} does not exist in the workspace.`);
    case 'ELOOP': return new StepError('input', `The path ${shown} is refused: it leads through a symbolic link, and links are not followed. Name the file itself.`);
    case 'ENOTDIR': return new StepError('input', `The path ${shown} is refused: a part of it is a file or a symbolic link, not a folder.`);
    case 'EISDIR': case 'ENOTEMPTY': case 'EEXIST': return new StepError('input', `${shown} is a folder. Name a file.`);
    case 'ENAMETOOLONG': return new StepError('input', `The path ${shown} is refused: it is too long for the file system.`);
    case 'EACCES': case 'EPERM': return new StepError('input', `${shown} may not be accessed: ${code}. Check the file's permissions in the workspace.`);
    default: return new StepError('environment', `Could not access ${shown}: ${code ?? message}. Check the worker's disk.`);
  }
}

/** Opens the folder that holds the last component, from the root inwards, never through a symbolic link. */
async function openParent(root: string, folders: readonly string[], create: boolean): Promise<OpenFolder> {
  let current: OpenFolder = { handle: await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: root };
  try {
    for (const name of folders) {
      const path = within(current, name);
      if (create) {
        await mkdir(path).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
      }
      const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await current.handle.close();
      current = { handle, path: join(current.path, name) };
    }
    return current;
  } catch (error) {
    await current.handle.close();
    throw error;
  }
}

type Missing = 'null when missing';

function inParent<T>(root: string, path: string, create: boolean, use: (parent: OpenFolder, name: string) => Promise<T>): Promise<T>;
function inParent<T>(root: string, path: string, create: boolean, use: (parent: OpenFolder, name: string) => Promise<T>, missing: Missing): Promise<T | null>;
async function inParent<T>(root: string, path: string, create: boolean, use: (parent: OpenFolder, name: string) => Promise<T>, missing?: Missing): Promise<T | null> {
  const components = pathComponents(path);
  const name = components.pop()!;
  try {
    const parent = await openParent(root, components, create);
    try {
      return await use(parent, name);
    } finally {
      await parent.handle.close();
    }
  } catch (error) {
    if (missing && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw failure(path, error);
  }
}

/** Reads a regular file as UTF-8; bytes that are no UTF-8 become U+FFFD. */
export async function readWorkspaceFile(root: string, path: string, maximumBytes: number): Promise<string> {
  return (await readWorkspaceBytes(root, path, maximumBytes)).toString('utf8');
}

/** Reads a regular file. */
export function readWorkspaceBytes(root: string, path: string, maximumBytes: number): Promise<Buffer> {
  return inParent(root, path, false, async (parent, name) => {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const file = await open(within(parent, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const facts = await file.stat();
      if (facts.isDirectory()) throw new StepError('input', `${JSON.stringify(path)} is a folder. Name a file.`);
      if (!facts.isFile()) throw new StepError('input', `${JSON.stringify(path)} is not a regular file.`);
      if (facts.size > maximumBytes) throw new StepError('input', `${JSON.stringify(path)} has ${facts.size} bytes; files above ${maximumBytes} bytes are not read.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  });
}

/** Names in a folder, git's own left out; links are told as links. Empty when there is no such folder. */
export async function readWorkspaceFolder(root: string, path: string): Promise<Awaited<ReturnType<WorkspaceTree['entries']>>> {
  try {
    const folder = await openParent(root, folderComponents(path), false);
    try {
      const entries = await readdir(HAS_PROC_FD ? `/proc/self/fd/${folder.handle.fd}` : folder.path, { withFileTypes: true });
      return entries
        .filter(({ name }) => !isGitName(name))
        .map((entry) => ({ name: entry.name, kind: entry.isFile() ? ('file' as const) : entry.isDirectory() ? ('folder' as const) : entry.isSymbolicLink() ? ('link' as const) : ('other' as const) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } finally {
      await folder.handle.close();
    }
  } catch (error) {
    const refused = failure(path, error);
    if (refused.failure === 'input') return [];
    throw refused;
  }
}

/** Writes the whole file or nothing: a new file beside it takes its place, so a hard link out of the workspace is cut, not written through. */
export function writeWorkspaceFile(root: string, path: string, content: string | Uint8Array, executable: boolean | undefined): Promise<void> {
  return inParent(root, path, true, async (parent, name) => {
    const target = within(parent, name);
    const existing = await lstat(target).catch(() => null);
    if (existing?.isSymbolicLink()) throw refusedLink(path);
    const mode = (executable ?? (existing !== null && (existing.mode & 0o100) !== 0)) ? 0o755 : 0o644;
    const temporary = within(parent, `.missiongate-${randomUUID()}.tmp`);
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      await file.writeFile(content, 'utf8');
      await file.chmod(mode);
      await file.close();
      await rename(temporary, target);
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  });
}

function refusedLink(path: string): StepError {
  return new StepError('input', `The path ${JSON.stringify(path)} is refused: it is a symbolic link, and links are not followed. Remove the link first.`);
}

export type FileFacts = NonNullable<Awaited<ReturnType<WorkspaceTree['facts']>>>;

/** What stands at a path, links not followed; null when nothing does, also when a folder on the way is missing. */
export async function workspaceFileFacts(root: string, path: string): Promise<FileFacts | null> {
  return inParent(root, path, false, async (parent, name) => {
    const facts = await lstat(within(parent, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!facts) return null;
    const kind = facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : facts.isSymbolicLink() ? 'link' : 'other';
    return { kind, bytes: facts.size, executable: (facts.mode & 0o100) !== 0 } as const;
  }, 'null when missing');
}

/** Renames a regular file within the workspace, in one step. A file at the new place is replaced; a link or folder is refused. */
export function moveWorkspaceFile(root: string, from: string, to: string): Promise<void> {
  return inParent(root, from, false, async (source, name) => {
    const origin = within(source, name);
    const facts = await lstat(origin);
    if (facts.isSymbolicLink()) throw refusedLink(from);
    if (!facts.isFile()) throw new StepError('input', `${JSON.stringify(from)} is not a regular file.`);
    await inParent(root, to, true, async (target, newName) => {
      const place = within(target, newName);
      const existing = await lstat(place).catch(() => null);
      if (existing?.isSymbolicLink()) throw refusedLink(to);
      await rename(origin, place);
    });
  });
}

/** Removes a file or a symbolic link itself. */
export function removeWorkspaceFile(root: string, path: string): Promise<void> {
  return inParent(root, path, false, async (parent, name) => {
    const target = within(parent, name);
    if ((await lstat(target)).isDirectory()) throw new StepError('input', `${JSON.stringify(path)} is a folder. Name a file.`);
    await unlink(target);
  });
}

/** The absolute path of a folder in the workspace, after checking that every part of it is a real folder. */
export async function workspaceFolder(root: string, path: string): Promise<string> {
  const components = folderComponents(path);
  try {
    const folder = await openParent(root, components, false);
    await folder.handle.close();
    return folder.path;
  } catch (error) {
    throw failure(path, error);
  }
}
