import { inZone, zoneOf } from '../../core/schedule/due-times.ts';
import type { PushFilter } from '../../core/schedule/push-filter.ts';
import { runStatusOf, statusOf } from '../../core/schedule/routine.ts';
import type { RoutineDefinition, RoutineRunStatus } from '../../core/schedule/routine.ts';
import { isoTime } from '../../kit/time.ts';
import type { Millis } from '../../kit/time.ts';
import type { RoutineRevision, RoutineRun, Routines, StoredRoutine } from '../ports/routines.ts';

/** A routine with as much of its history as is told. */
export interface ToldRoutine {
  readonly routine: StoredRoutine;
  readonly runs: readonly RoutineRun[];
  readonly revisions: readonly RoutineRevision[];
}

/** Reads what is told of routines. */
export async function tellRoutines(store: Pick<Routines, 'runs' | 'revisions'>, routines: readonly StoredRoutine[], most: { readonly runs: number; readonly revisions: number }): Promise<readonly ToldRoutine[]> {
  const told: ToldRoutine[] = [];
  for (const routine of routines) told.push({ routine, runs: await store.runs(routine, most.runs), revisions: await store.revisions(routine, most.revisions) });
  return told;
}

/** A routine for programs; the names are those of docs/use/routines.md. */
export function routineJson({ routine, runs, revisions }: ToldRoutine) {
  const { definition, place } = routine;
  return {
    repository: `${place.repository.owner}/${place.repository.name}`,
    name: routine.name,
    title: definition?.title ?? routine.name,
    status: statusOf(routine),
    standing: { person: routine.activatedBy, how: routine.standing },
    pausedBy: routine.pausedBy,
    mission: definition?.mission ?? null,
    schedule: definition?.schedule ?? null,
    repositoryDispatch: definition?.dispatches ?? [],
    workflowRun: definition?.workflowRun ?? null,
    push: definition?.push ?? null,
    misfire: definition?.misfire ?? null,
    overlap: definition?.overlap ?? null,
    requiresApproval: definition?.requiresApproval ?? null,
    nextDue: timeOrNull(routine.nextDue),
    lastRun: timeOrNull(runs[0]?.due ?? null),
    revision: routine.revision,
    problems: routine.problems,
    runs: runs.map((run) => ({ due: isoTime(run.due), trigger: run.trigger, status: statusOfRun(routine, run), detail: run.detail, issue: run.issue, mission: run.missionId, revision: run.revision })),
    revisions: revisions.map((one) => ({ ...one, at: isoTime(one.at) })),
  };
}

/** All that starts it, in words. */
export function startsText({ schedule, dispatches, workflowRun, push }: RoutineDefinition): string {
  return [
    ...(schedule === null ? [] : [schedule.kind === 'cron' ? `cron ${schedule.cron} (${schedule.timezone})` : `every ${schedule.everyMs / 60_000} minutes`]),
    ...dispatches.map((type) => `on repository_dispatch ${type}`),
    ...(workflowRun === null ? [] : [`when ${workflowRun.workflow} ends with ${workflowRun.conclusions.join(' or ')}`]),
    ...(push === null ? [] : [pushText(push)]),
  ].join(', ');
}

function pushText(push: PushFilter): string {
  const filters = [['branches', push.branches], ['branches-ignore', push.branchesIgnore], ['tags', push.tags], ['tags-ignore', push.tagsIgnore], ['paths', push.paths], ['paths-ignore', push.pathsIgnore]] as const;
  const given = filters.flatMap(([name, patterns]) => (patterns === null ? [] : [`${name} ${patterns.join(' ')}`]));
  return given.length === 0 ? 'on every push' : `on a push (${given.join('; ')})`;
}

export function statusOfRun({ definition }: StoredRoutine, { decided, missionStatus }: RoutineRun): RoutineRunStatus {
  return runStatusOf(decided, missionStatus, definition?.requiresApproval === true);
}

/** A due time as the clocks of the routine's zone show it. */
export function dueText({ definition }: StoredRoutine, due: Millis): string {
  const zone = zoneOf(definition?.schedule ?? null);
  const { date, time } = inZone(due, zone);
  return `${date} ${time} ${zone}`;
}

function timeOrNull(at: Millis | null): string | null {
  return at === null ? null : isoTime(at);
}
