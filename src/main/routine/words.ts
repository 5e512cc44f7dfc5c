import { inZone, zoneOf } from '../../core/schedule/due-times.ts';
import type { PushFilter } from '../../core/schedule/push-filter.ts';
import { runStatusOf, statusOf } from '../../core/schedule/routine.ts';
import type { RoutineRevision, RoutineRun, StoredRoutine } from '../../engine/ports/routines.ts';
import { isoTime } from '../../kit/time.ts';
import type { Millis } from '../../kit/time.ts';

/** A routine with as much of its history as is told. */
export interface ToldRoutine {
  readonly routine: StoredRoutine;
  readonly runs: readonly RoutineRun[];
  readonly revisions: readonly RoutineRevision[];
}

/** One line for each routine. */
export function listText(told: readonly ToldRoutine[]): string {
  if (told.length === 0) return 'No routines: a routine is a file .github/routines/<name>.yml on the default branch of a repository the App is installed in.';
  const rows = told.map(({ routine, runs }) => {
    const [latest] = runs;
    return [longName(routine), statusOf(routine), routine.nextDue === null ? '–' : dueText(routine, routine.nextDue), latest === undefined ? 'never' : runText(routine, latest)];
  });
  return columns([['ROUTINE', 'STATUS', 'NEXT', 'LATEST RUN'], ...rows]);
}

/** All there is to know about one. */
export function showText({ routine, runs, revisions }: ToldRoutine): string {
  const { definition } = routine;
  const facts = [
    ['routine', longName(routine)],
    ['status', `${statusOf(routine)}${routine.pausedBy === null ? '' : ` (paused by ${routine.pausedBy})`}`],
    ['who', routine.standing],
    ...(definition === null
      ? []
      : [
          ['mission', definition.mission],
          ['starts', [scheduleText(routine), ...definition.dispatches.map((type) => `on repository_dispatch ${type}`), ...(definition.workflowRun === null ? [] : [`when ${definition.workflowRun.workflow} ends with ${definition.workflowRun.conclusions.join(' or ')}`]), ...(definition.push === null ? [] : [pushText(definition.push)])].filter((part) => part !== '').join(', ')],
          ['misfire', definition.misfire.kind === 'catch-up' ? `catch-up ${definition.misfire.most}` : definition.misfire.kind],
          ['overlap', definition.overlap],
        ]),
    ['next', routine.nextDue === null ? '–' : dueText(routine, routine.nextDue)],
    ['revision', String(routine.revision)],
  ];
  const problems = routine.problems.map(({ file, line, column, message }) => `  ${file}:${line}:${column}  ${message}`);
  return [
    columns(facts),
    ...(problems.length === 0 ? [] : ['', 'problems', ...problems]),
    '',
    'runs',
    ...(runs.length === 0 ? ['  none yet'] : runs.map((run) => `  ${dueText(routine, run.due)}  ${run.trigger}  ${runText(routine, run)}`)),
    '',
    'revisions',
    ...revisions.map((one) => `  ${one.revision}  ${isoTime(one.at)}  ${one.removed ? 'removed' : one.digest.slice(0, 7)}  ${one.standing}`),
  ].join('\n');
}

function pushText(push: PushFilter): string {
  const filters = [['branches', push.branches], ['branches-ignore', push.branchesIgnore], ['tags', push.tags], ['tags-ignore', push.tagsIgnore], ['paths', push.paths], ['paths-ignore', push.pathsIgnore]] as const;
  const given = filters.flatMap(([name, patterns]) => (patterns === null ? [] : [`${name} ${patterns.join(' ')}`]));
  return given.length === 0 ? 'on every push' : `on a push (${given.join('; ')})`;
}

/** The same for programs; the names are those of docs/use/routines.md. */
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

function scheduleText({ definition }: StoredRoutine): string {
  const schedule = definition?.schedule ?? null;
  if (schedule === null) return '';
  return schedule.kind === 'cron' ? `cron ${schedule.cron} (${schedule.timezone})` : `every ${schedule.everyMs / 60_000} minutes`;
}

function runText(routine: StoredRoutine, run: RoutineRun): string {
  return [statusOfRun(routine, run), run.issue === null ? '' : `#${run.issue}`, run.detail].filter((part) => part !== '').join(' · ');
}

function statusOfRun({ definition }: StoredRoutine, { decided, missionStatus }: RoutineRun) {
  return runStatusOf(decided, missionStatus, definition?.requiresApproval === true);
}

function longName({ place, name }: StoredRoutine): string {
  return `${place.repository.owner}/${place.repository.name}/${name}`;
}

function dueText({ definition }: StoredRoutine, due: Millis): string {
  const zone = zoneOf(definition?.schedule ?? null);
  const { date, time } = inZone(due, zone);
  return `${date} ${time} ${zone}`;
}

function timeOrNull(at: Millis | null): string | null {
  return at === null ? null : isoTime(at);
}

/** Text in columns as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')).join('\n');
}
