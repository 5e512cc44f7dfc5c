import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { StepError } from '../steps/step-type.ts';
import { isSameProcessAlive, processStartTime } from './process-tree.ts';

/** How long between two looks at a lock that another process holds. */
const LOOK_EVERY_MS = 50;
/** The helper lock is held for two file operations; one that is older was left by a process that died between them. */
const TAKEOVER_STALE_MS = 10_000;

export interface LockOwner {
  readonly pid: number;
  readonly startTime: string | null;
  readonly token: string;
}

/** This process as an owner of locks and folders. */
export function thisProcess(): LockOwner {
  return { pid: process.pid, startTime: processStartTime(process.pid), token: randomUUID() };
}

/** Reads an owner file; null when it is missing or not whole. */
export async function readOwner(path: string): Promise<LockOwner | null> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<LockOwner>;
    if (typeof value.pid !== 'number' || typeof value.token !== 'string') return null;
    return { pid: value.pid, startTime: value.startTime ?? null, token: value.token };
  } catch {
    return null;
  }
}

export function isOwnerAlive(owner: LockOwner): boolean {
  return isSameProcessAlive(owner.pid, owner.startTime);
}

async function createLockFile(path: string, owner: LockOwner): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose owner is dead. A second lock makes sure that only one process judges and removes it. */
async function removeIfStale(path: string): Promise<void> {
  const helper = `${path}.takeover`;
  const age = await stat(helper).then((facts) => Date.now() - facts.mtimeMs, () => 0);
  if (age > TAKEOVER_STALE_MS) await rm(helper, { force: true });
  if (!(await createLockFile(helper, thisProcess()))) return;
  try {
    const owner = await readOwner(path);
    // Null: being written right now, or cut off by a crash; the age tells which.
    const stale = owner ? !isOwnerAlive(owner) : await stat(path).then((facts) => Date.now() - facts.mtimeMs > TAKEOVER_STALE_MS, () => false);
    if (stale) await rm(path, { force: true });
  } finally {
    await rm(helper, { force: true });
  }
}

/** Runs `work` while no other call and no other process on this machine holds the lock of the same path. */
export interface FolderLock {
  hold<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/**
 * A lock by a chain of promises within the process and a lock file between processes. It spares double work; correctness
 * does not rest on it (git's own ref locks and atomic renames do that).
 */
export function createFolderLock(): FolderLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async hold(path, signal, work) {
      const before = tails.get(path) ?? Promise.resolve();
      let release!: () => void;
      const mine = new Promise<void>((resolve) => {
        release = resolve;
      });
      const tail = before.then(() => mine);
      tails.set(path, tail);
      try {
        await turnOrAbort(before, signal);
        return await holdFile(path, signal, work);
      } finally {
        release();
        if (tails.get(path) === tail) tails.delete(path);
      }
    },
  };
}

/** Whoever waits in line can be cancelled, also while the one in front fetches for minutes. */
async function turnOrAbort(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const listening = new AbortController();
  const aborted = once(signal, listening.signal);
  try {
    await Promise.race([turn, aborted]);
  } finally {
    listening.abort();
  }
  if (signal.aborted) throw waitingEnded();
}

function once(signal: AbortSignal, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: until });
  });
}

function waitingEnded(): StepError {
  return new StepError('cancelled', 'Waiting for the repository’s mirror was ended because the attempt was cancelled.');
}

async function holdFile<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const owner = thisProcess();
  while (!(await createLockFile(path, owner))) {
    if (signal.aborted) throw waitingEnded();
    await removeIfStale(path);
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  try {
    return await work();
  } finally {
    if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
  }
}
