import { spawn } from 'node:child_process';
import { lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { StepError } from '../steps/step-type.ts';
import { isOwnerAlive, readOwner, thisProcess } from './folder-lock.ts';
import { killMarked } from './process-tree.ts';
import { MARK } from './run-program.ts';

/**
 * Where one attempt lives. What programs are given (`tree`, `home`, `temporary`) and what only the worker uses (`gitDir`) have no
 * folder in common but the data folder, so that a sandbox shows the one and not the other.
 */
export interface AttemptFolders {
  readonly name: string;
  /** Handed to programs: `<data>/attempts/<name>/{tree,home,tmp}`. */
  readonly visible: string;
  readonly tree: string;
  readonly home: string;
  readonly temporary: string;
  /** The worker's own: `<data>/private/<name>/{owner.json,git}`. Exists as long as the attempt's folders do. */
  readonly hidden: string;
  readonly gitDir: string;
}

export function attemptFolders(dataDir: string, name: string): AttemptFolders {
  const visible = join(dataDir, 'attempts', name);
  const hidden = join(dataDir, 'private', name);
  return { name, visible, tree: join(visible, 'tree'), home: join(visible, 'home'), temporary: join(visible, 'tmp'), hidden, gitDir: join(hidden, 'git') };
}

/** Takes the folders of an attempt into possession, or throws when a living process has them. */
export async function claimFolders(dataDir: string, folders: AttemptFolders): Promise<void> {
  await mkdir(join(dataDir, 'attempts'), { recursive: true, mode: 0o700 });
  await mkdir(join(dataDir, 'private'), { recursive: true, mode: 0o700 });
  const staging = join(dataDir, 'private', `.claim-${randomUUID()}`);
  await mkdir(staging);
  try {
    await writeFile(join(staging, 'owner.json'), JSON.stringify(thisProcess()));
    for (let attempt = 0; ; attempt += 1) {
      try {
        // A folder cannot replace one that is not empty: whoever renames first has it.
        await rename(staging, folders.hidden);
        break;
      } catch (error) {
        const owner = await readOwner(join(folders.hidden, 'owner.json'));
        if (attempt > 0 || (owner && isOwnerAlive(owner))) {
          throw new StepError('conflict', `The workspace ${folders.name} is in use by process ${owner?.pid ?? 'unknown'}. Two attempts must not have one name.`, []);
        }
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        await removeAbandoned(folders);
      }
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  await removeTree(folders.visible);
  for (const folder of [folders.visible, folders.tree, folders.home, folders.temporary]) await mkdir(folder, { mode: 0o700 });
}

/** Removes an attempt's folders, the owner's note last: after a crash in between, `sweep` goes on. */
export async function removeFolders(folders: AttemptFolders): Promise<void> {
  await removeTree(folders.visible);
  await removeTree(folders.hidden);
}

/** Removes what dead processes left: their programs, their folders. Returns the names. */
export async function sweepFolders(dataDir: string): Promise<string[]> {
  // Listed in this order: a living attempt has its hidden folder before its visible one.
  const visible = await readdir(join(dataDir, 'attempts')).catch(() => []);
  const hidden = await readdir(join(dataDir, 'private')).catch(() => []);
  const removed: string[] = [];
  for (const name of new Set([...visible, ...hidden])) {
    const folders = attemptFolders(dataDir, name);
    const owner = await readOwner(join(folders.hidden, 'owner.json'));
    if (owner && isOwnerAlive(owner)) continue;
    if (!owner && name.startsWith('.claim-') && !(await isOld(folders.hidden))) continue;
    await removeAbandoned(folders);
    removed.push(name);
  }
  return removed;
}

/** What a dead worker left may still be running. */
async function removeAbandoned(folders: AttemptFolders): Promise<void> {
  const mark = await readFile(join(folders.hidden, 'mark'), 'utf8').catch(() => '');
  if (mark !== '') await killMarked(`${MARK}=${mark}`);
  await removeFolders(folders);
}

/** A claim being made is a folder for a few milliseconds without an owner. */
const CLAIM_STALE_MS = 60_000;

async function isOld(path: string): Promise<boolean> {
  return lstat(path).then((facts) => Date.now() - facts.mtimeMs > CLAIM_STALE_MS, () => false);
}

/** Removes a folder whatever a program did to it: no permission bits, paths longer than PATH_MAX, links (which are not followed). */
async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    await runQuietly('chmod', ['-R', 'u+rwX', '--', path]);
    await runQuietly('rm', ['-rf', '--', path]);
    if (await lstat(path).catch(() => null)) throw new StepError('environment', `Could not remove the workspace folder ${path}. Remove it by hand.`);
  }
}

function runQuietly(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}
