import { routineFolder, statusOf } from '../../core/schedule/routine.ts';
import type { StoredRoutine } from '../../engine/ports/routines.ts';
import { activateButton } from '../routines/routine-marker.ts';
import { annotationsOf, annotationsPerCall } from './annotations.ts';
import type { CheckAnnotation } from './annotations.ts';
import type { CheckOutput } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { page, paragraph, table } from './page.ts';
import { dueWords } from './routine-issue.ts';
import { count } from './words.ts';

export interface RoutineCheck {
  readonly conclusion: 'success' | 'failure' | 'action_required';
  readonly output: CheckOutput;
  readonly annotations: CheckAnnotation[];
  readonly actions: readonly (typeof activateButton)[];
}

/** What became of the routine files of a commit: which run when, which wait for a person, which cannot be read and why. */
export function routineCheck(ink: Ink, routines: readonly StoredRoutine[], pageUrl: string | null = null): RoutineCheck {
  const broken = routines.filter((routine) => statusOf(routine) === 'broken');
  const proposed = routines.filter((routine) => statusOf(routine) === 'proposed');
  const title = broken.length > 0 ? `${count(broken.length, 'routine')} cannot be read` : proposed.length > 0 ? `${count(proposed.length, 'routine')} ${proposed.length === 1 ? 'waits' : 'wait'} for a person` : `${count(routines.length, 'routine')} in order`;
  const rows = routines.map((routine) => [ink.code(routine.name), statusOf(routine), nextWords(ink, routine), ink.plain(routine.standing)]);
  const ways = [
    ...(broken.length > 0 ? [`What cannot be read starts nothing until its file is corrected. Check it before you push: ${ink.code('missiongate validate .github/routines')}`] : []),
    ...(proposed.length > 0 ? [`A routine starts missions in the name of a person who may write to this repository. The button “Activate” lets you stand for all that are proposed here. To activate one alone, merge or push a change of its file yourself, or let whoever runs Missiongate say ${ink.code(`missiongate routine activate ${proposed[0]?.name ?? ''} --as <login>`)}.`] : []),
  ];
  const problems = broken.flatMap((routine) => routine.problems.map((problem) => [ink.code(`${problem.file}:${problem.line}:${problem.column}`), ink.plain(problem.message, 500)]));
  return {
    conclusion: broken.length > 0 ? 'failure' : proposed.length > 0 ? 'action_required' : 'success',
    output: {
      title: ink.title(title),
      summary: page([
        ...ways.map((way) => paragraph(way)),
        ...(pageUrl === null ? [] : [paragraph(`[All routines with their due times and runs](${pageUrl})`)]),
        table(['routine', 'status', 'next', 'who stands for it'], rows, (left) => `and ${count(left, 'more routine')}`),
        ...(problems.length === 0 ? [] : [table(['place', 'problem'], problems, (left) => `and ${count(left, 'more problem')}`)]),
      ]),
      text: '',
    },
    actions: proposed.length === 0 ? [] : [activateButton],
    annotations: annotationsOf(ink, broken.flatMap((routine) => routine.problems.filter(({ line }) => line > 0).map(({ code, message, file, line }) => ({ rule: code, level: 'error' as const, message, path: file.startsWith(routineFolder) ? file : null, line })))).slice(0, annotationsPerCall),
  };
}

function nextWords(ink: Ink, { nextDue, definition }: StoredRoutine): string {
  return nextDue === null || definition === null ? '–' : ink.plain(dueWords(definition, nextDue));
}
