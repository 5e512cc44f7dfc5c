import { nextDue } from '../../core/schedule/due-times.ts';
import { routineFolder, statusOf } from '../../core/schedule/routine.ts';
import type { Json } from '../../kit/json.ts';
import type { Clock, Millis } from '../../kit/time.ts';
import type { Log } from '../ports/log.ts';
import type { ObjectRecords } from '../ports/projector.ts';
import { HostError } from '../ports/repository-host.ts';
import type { ReadRoutine, RoutineFile, RoutineHost, RoutinePlace, Routines, StoredRoutine } from '../ports/routines.ts';

export interface LookParts {
  readonly routines: Routines;
  readonly records: ObjectRecords;
  readonly host: RoutineHost;
  readonly read: ReadRoutine;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a look leaves for the next one; `over`: there is nothing to look at. */
export interface LookOutcome {
  readonly memory: Json;
  readonly quiet: boolean;
  readonly over: boolean;
}

/**
 * Reads a repository's routine files and stores what changed: a changed file is a new revision, a removed one ends its routine, one that
 * cannot be read stops it. Level-triggered, so that a push of which nobody told is seen by the next look.
 */
export async function lookAtRoutines(parts: LookParts, memory: Json): Promise<LookOutcome> {
  const look = await parts.host.look(memory);
  if (look === null) return { memory, quiet: true, over: true };
  if (look.files === null) return { memory: look.memory, quiet: true, over: false };
  const { place, files } = look;
  const known = new Map((await parts.routines.ofRepository(place.repository.id)).map((routine) => [routine.name, routine]));
  let changed = false;
  const byName = new Map(files.flatMap((file) => {
    const name = nameOf(file.path);
    return name === null ? [] : [[name, file] as const];
  }));
  for (const [name, file] of byName) {
    const before = known.get(name) ?? null;
    if (before !== null && before.digest === file.digest && !before.removed) continue;
    changed = (await store(parts, await revise(parts, place, name, file, before))) || changed;
  }
  for (const before of known.values()) {
    if (!byName.has(before.name) && !before.removed) changed = (await store(parts, ended(before))) || changed;
  }
  await reportRoutines(parts, place);
  return { memory: look.memory, quiet: !changed, over: false };
}

/** Ids of routines are the names of their files. */
export function nameOf(path: string): string | null {
  const match = /^([a-z0-9]+(?:-[a-z0-9]+)*)\.ya?ml$/.exec(path.startsWith(`${routineFolder}/`) ? path.slice(routineFolder.length + 1) : '');
  return match?.[1] !== undefined && match[1].length <= 63 ? match[1] : null;
}

async function revise({ host, read, clock }: LookParts, place: RoutinePlace, name: string, file: RoutineFile, before: StoredRoutine | null): Promise<StoredRoutine> {
  const base = { repositoryId: place.repository.id, name, place, revision: (before?.revision ?? 0) + 1, digest: file.digest, removed: false, pausedBy: before?.pausedBy ?? null };
  const reading = read(await host.textOf(place, file), file.path);
  if (!reading.ok) return { ...base, definition: before?.definition ?? null, problems: reading.error, activatedBy: null, standing: 'the file has problems', nextDue: null };
  const standing = await host.standingOf(place, file);
  const routine: StoredRoutine = {
    ...base,
    definition: reading.value,
    problems: [],
    activatedBy: standing.person,
    standing: standing.person === null ? standing.why : standing.how,
    nextDue: null,
  };
  return dueFromNow(routine, clock.now());
}

/** What ends keeps its history; the same name may come again. */
function ended(before: StoredRoutine): StoredRoutine {
  return { ...before, revision: before.revision + 1, digest: '', removed: true, problems: [], activatedBy: null, standing: 'the file was removed', nextDue: null };
}

/** The routine with the due time that its status asks for: none unless it is active, and never one that has passed. */
export function dueFromNow(routine: StoredRoutine, now: Millis): StoredRoutine {
  const schedule = routine.definition?.schedule ?? null;
  return { ...routine, nextDue: schedule === null || statusOf(routine) !== 'active' ? null : nextDue(schedule, now) };
}

async function store({ routines, clock, log }: LookParts, routine: StoredRoutine): Promise<boolean> {
  const stored = await routines.put(routine, clock.now());
  if (stored) log.info('a routine has a new revision', { repository: routine.repositoryId, routine: routine.name, revision: routine.revision, status: statusOf(routine) });
  return stored;
}

/** The check is a courtesy: what GitHub refuses for good must not keep routines from being read. */
export async function reportRoutines({ routines, records, host, log }: Omit<LookParts, 'read'>, place: RoutinePlace): Promise<void> {
  const now = (await routines.ofRepository(place.repository.id)).filter(({ removed }) => !removed);
  try {
    if (now.length > 0) await host.report(place, now, records);
  } catch (error) {
    if (!(error instanceof HostError) || (error.failure !== 'permission' && error.failure !== 'gone')) throw error;
    log.warn('the check about routines was refused', { repository: place.repository.id, reason: error.message });
  }
}
