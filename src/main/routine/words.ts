import { statusOf } from '../../core/schedule/routine.ts';
import type { RoutineRun, StoredRoutine } from '../../engine/ports/routines.ts';
import { dueText, startsText, statusOfRun } from '../../engine/routines/told-routine.ts';
import type { ToldRoutine } from '../../engine/routines/told-routine.ts';
import { isoTime } from '../../kit/time.ts';

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
          ['starts', startsText(definition)],
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

function runText(routine: StoredRoutine, run: RoutineRun): string {
  return [statusOfRun(routine, run), run.issue === null ? '' : `#${run.issue}`, run.detail].filter((part) => part !== '').join(' · ');
}

function longName({ place, name }: StoredRoutine): string {
  return `${place.repository.owner}/${place.repository.name}/${name}`;
}

/** Text in columns as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')).join('\n');
}
