import { readdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';

/** Sends a signal to a whole process group; a group that is gone already is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // ESRCH: the group has ended. EPERM: its last member changed user; nothing we may do.
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // As above.
  }
}

/**
 * Processes whose environment holds `assignment` (`NAME=value`, or the beginning of a value), found in /proc: this reaches descendants that left their group or session.
 * A program that clears its environment and leaves its group escapes this; only a sandbox closes that.
 * Empty where there is no /proc.
 */
async function processesMarked(assignment: string): Promise<number[]> {
  const needle = Buffer.from(assignment);
  const entries = await readdir('/proc').catch(() => []);
  const looked = await Promise.all(entries.filter((entry) => /^[1-9][0-9]*$/.test(entry)).map(async (entry) => {
    const pid = Number(entry);
    if (pid === process.pid) return null;
    const environment = await readFile(`/proc/${entry}/environ`).catch(() => null);
    return environment?.includes(needle) ? pid : null;
  }));
  return looked.filter((pid) => pid !== null);
}

/** Rounds of looking for new processes: a tree that forks while it is killed needs more than one. */
const KILL_ROUNDS = 20;

/** Kills every process that carries the mark, until a look finds none. Returns how many were killed. */
export async function killMarked(assignment: string): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const alive = (await processesMarked(assignment)).filter((pid) => !isZombie(pid));
    if (alive.length === 0) break;
    // Stopped first, so that none can fork while its siblings are being killed.
    for (const pid of alive) signalProcess(pid, 'SIGSTOP');
    for (const pid of alive) {
      signalProcess(pid, 'SIGKILL');
      killed.add(pid);
    }
  }
  return killed.size;
}

/** Fields of /proc/<pid>/stat after the program's name (which may hold spaces and parentheses), or null. */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** Identifies a process across reuse of its number: the start time in clock ticks since boot; null where there is no /proc. */
export function processStartTime(pid: number): string | null {
  // Field 22 of proc(5); the first two were cut off.
  return statFields(pid)?.[19] ?? null;
}

/** Whether the process that wrote `pid` and `startTime` down is still the one alive under that number. */
export function isSameProcessAlive(pid: number, startTime: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (isZombie(pid)) return false;
  return startTime === null || processStartTime(pid) === startTime;
}
