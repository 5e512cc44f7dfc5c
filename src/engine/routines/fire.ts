import { decideDue } from '../../core/schedule/misfire.ts';
import { isoTime } from '../../kit/time.ts';
import type { Millis } from '../../kit/time.ts';
import type { NewRun, StoredRoutine } from '../ports/routines.ts';
import { startRun } from './start-run.ts';
import type { StartParts } from './start-run.ts';

const routinesPerRound = 100;
const runsPerRound = 20;

/**
 * One round: records what is due, then starts what is recorded. Any number of processes may do it. A due time is one row under a key that
 * exists once, so that it starts at most one mission whoever sees it; the row outlives a process that dies, so that it starts one.
 */
export async function fireOnce(parts: StartParts, signal?: AbortSignal): Promise<number> {
  const { routines, clock } = parts;
  const now = clock.now();
  for (const routine of await routines.due(now, routinesPerRound)) await recordDue(parts, routine, now);
  let taken = 0;
  const owner = parts.newOwner();
  // One at a time: a process that dies keeps no more than that from being started.
  for (; taken < runsPerRound; taken += 1) {
    if (signal?.aborted === true) break;
    const [run] = await routines.take(owner, parts.holdMs, clock.now(), 1);
    if (run === undefined) break;
    await startRun(parts, owner, run);
  }
  return taken;
}

async function recordDue({ routines, log }: StartParts, routine: StoredRoutine, now: Millis): Promise<void> {
  const { definition, nextDue: first } = routine;
  if (first === null || definition === null || definition.schedule === null) return;
  const { run, missed, next } = decideDue(definition.schedule, definition.misfire, first, now);
  const runs = run.map((due): NewRun => ({ key: `due:${isoTime(due)}`, trigger: 'schedule', due, decided: 'queued', detail: '' }));
  const skipped: NewRun = { key: `missed:${isoTime(first)}`, trigger: 'schedule', due: first, decided: 'skipped', detail: `${missed} due ${missed === 1 ? 'time was' : 'times were'} missed and not made up for (misfire: ${definition.misfire.kind})` };
  const decided = await routines.decide(routine, missed === 0 ? runs : [skipped, ...runs], next, now);
  if (decided && missed > 0) log.warn('a routine missed due times', { routine: routine.name, repository: routine.repositoryId, missed, started: run.length });
}
