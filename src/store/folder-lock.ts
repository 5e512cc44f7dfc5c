import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

import type { JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';

/** The holder touches its lock this often (ms), so that another machine on a shared disk can see that it lives. */
const HEARTBEAT_MS = 5_000;
/** A lock of another machine (or container) that has not been touched for this long (ms) is taken for abandoned. */
const ABANDONED_AFTER_MS = 30_000;

/** Another living process has the folder open; two at once would silently destroy each other's data. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly code = 'folder_in_use';
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number, message: string) {
    super(message);
    this.folder = folder;
    this.pid = pid;
  }
}

export interface FolderLock {
  readonly path: string;
  /** Gives the folder free. Harmless when called twice or when the lock file is gone. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells this process from a later one with the same pid; empty where the system does not say. */
  readonly started: string;
}

/**
 * Takes the lock file `<folder>.lock`, created exclusively, for this process. A lock whose process is dead (or whose pid
 * now belongs to another process) is taken over. Throws `FolderInUse` while its holder lives, naming the pid and the way
 * out. Not an OS lock: it protects against starting twice by mistake.
 */
export function lockFolder(folder: string): FolderLock {
  const path = `${folder}.lock`;
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) ?? '' } satisfies Holder);
  if (!createExclusively(path, mine)) {
    takeOver(folder, path, mine);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    path,
    release(): void {
      clearInterval(heartbeat);
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

/**
 * Replaces the lock of a dead holder. Only the one process that holds the guard file may remove a lock, so a lock that
 * was just created by a third process can never be removed by mistake.
 */
function takeOver(folder: string, path: string, mine: string): void {
  refuseIfAlive(folder, path);
  const guard = `${path}.takeover`;
  if (!createExclusively(guard, mine)) {
    const pid = holder(guard)?.pid ?? 0;
    throw new FolderInUse(folder, pid, `Process ${pid} is just taking over ${folder}. Try again; if this repeats and that process is gone, delete ${guard}.`);
  }
  try {
    refuseIfAlive(folder, path);
    rmSync(path, { force: true });
    if (!createExclusively(path, mine)) refuseIfAlive(folder, path);
    if (read(path) !== mine) throw new FolderInUse(folder, 0, `${folder} was taken by another process that started at the same moment.`);
  } finally {
    rmSync(guard, { force: true });
  }
}

function refuseIfAlive(folder: string, path: string): void {
  const current = holder(path);
  if (current === undefined) return;
  if (current.host !== hostname()) {
    const silent = silence(path);
    if (silent === undefined || silent >= ABANDONED_AFTER_MS) return;
    throw new FolderInUse(
      folder,
      current.pid,
      `${folder} is open in process ${current.pid} on ${current.host}. Stop that process; if it was killed, the folder is free in ${Math.ceil((ABANDONED_AFTER_MS - silent) / 1000)} s. Several processes need a PostgreSQL server (DATABASE_URL).`,
    );
  }
  const started = startOf(current.pid);
  if (started === undefined || (started !== '' && current.started !== '' && started !== current.started)) return;
  const who = current.pid === process.pid ? `this process (${current.pid})` : `process ${current.pid}`;
  throw new FolderInUse(
    folder,
    current.pid,
    `${folder} is already open in ${who}. Stop it first (kill ${current.pid}), or use another data folder. Several processes need a PostgreSQL server (DATABASE_URL).`,
  );
}

/** Undefined when no such process exists; otherwise a text that no later process with this pid has, or '' if unknown. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, it is just not ours.
    if (codeOf(error) !== 'EPERM') return undefined;
  }
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the program's name in parentheses and may hold spaces; start time is field 22. A zombie is dead.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : `${boot} ${fields[19] ?? ''}`;
    }
    if (process.platform === 'darwin') return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // Not readable: judged by the pid alone.
  }
  return '';
}

/**
 * Creates the file with its content in one step (a link to a finished file): a lock that is seen is never half written.
 * On file systems without hard links the file is created empty and then written.
 */
function createExclusively(path: string, content: string): boolean {
  const finished = `${path}.${randomUUID()}`;
  writeFileSync(finished, content, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(finished, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
  } finally {
    rmSync(finished, { force: true });
  }
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined when there is no lock, or one that nobody can be found behind (empty or damaged by a full disk). */
function holder(path: string): Holder | undefined {
  const content = read(path);
  if (content === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return undefined;
  }
  return isJsonObject(parsed) ? asHolder(parsed) : undefined;
}

function asHolder({ pid, host, started }: JsonObject): Holder | undefined {
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof started !== 'string') return undefined;
  return { pid, host, started };
}

function silence(path: string): number | undefined {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The folder may have been deleted under us; the database will say so.
  }
}
