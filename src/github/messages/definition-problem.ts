import type { EventBody } from '../../core/mission/event.ts';
import type { Ink } from './ink.ts';
import { page, paragraph, table } from './page.ts';
import { count } from './words.ts';

type Refusal = Extract<EventBody, { type: 'mission.refused' }>;

/** Why an issue did not become a mission, and what to do about it. */
export function refusalComment(ink: Ink, refusal: Refusal): string {
  const to = ink.mention(refusal.requestedBy.login);
  if (refusal.code === 'permission') {
    return page([
      paragraph(`${to}, starting a mission needs **write access** to this repository; I found ${ink.plain(refusal.reason, 200)}.`),
      paragraph('Somebody with write access can take the label `mission` off and put it on again to start it.'),
    ]);
  }
  const rows = refusal.problems.map((problem) => [ink.code(problem.file), problem.line === 0 ? '–' : `${problem.line}:${problem.column}`, ink.plain(problem.message, 400)]);
  return page([
    paragraph(`${to}, I could not make a plan of this yet: ${count(refusal.problems.length, 'problem')} to solve.`),
    table(['file', 'line:column', 'problem'], rows, (left) => `… and ${count(left, 'more problem')}.`),
    paragraph('Nothing was started. Edit the issue and I read it again; after a change in a file, take the label `mission` off and put it on again.'),
  ]);
}

/** Replaces the refusal once the definition can be read. */
export function refusalSolved(): string {
  return '✅ Solved: the definition can be read now. The plan stands in a comment of its own.';
}
