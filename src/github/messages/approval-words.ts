import { lowestRole } from '../../core/mission/approval-question.ts';
import { isoTime } from '../../kit/time.ts';
import type { Mission, TaskState, WaitState } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { sentence } from './sentence.ts';
import { count, list, roleWords, someOf } from './words.ts';

type Asked = Extract<WaitState, { for: 'people' }>;

/** More waiting tasks than this are only counted. */
const maximumWaits = 10;

/** One line for each task that waits: for whom and what to type, or until when. */
export function waitLines(ink: Ink, mission: Mission): readonly string[] {
  if (mission.counts.waiting === 0) return [];
  const waiting = [...mission.index.tasks.keys()].flatMap((id) => mission.tasks.get(id) ?? []).filter(({ status }) => status === 'waiting');
  const lines = waiting.slice(0, maximumWaits).flatMap((task) => (task.wait === undefined ? [] : [task.wait.for === 'people' ? askLine(ink, task, task.wait) : `⏱️ ${ink.code(task.id)} waits until ${instant(task.wait.until)}.`]));
  return waiting.length > maximumWaits ? [...lines, `⏳ ${count(waiting.length - maximumWaits, 'more task')} wait: ${someOf(waiting.slice(maximumWaits).map(({ id }) => ink.code(id)), 8)}.`] : lines;
}

function askLine(ink: Ink, task: TaskState, wait: Asked): string {
  return `❓ ${ink.code(task.id)} asks: ${sentence(ink, wait.question, 160)} It waits for ${count(missing(wait), 'approval')}: ${approvers(ink, wait)} comments ${ink.code(`/approve ${task.id}`)} or ${ink.code(`/reject ${task.id} <reason>`)}, until ${instant(wait.deadline)}.`;
}

function missing(wait: Asked): number {
  return Math.max(0, wait.count - wait.approvals.length);
}

/** Who may answer, as a person reads it. */
export function approvers(ink: Ink, { from, allowRequester }: Pick<Asked, 'from' | 'allowRequester'>): string {
  const role = lowestRole(from);
  const people = from.filter((one) => one.startsWith('@')).map((one) => ink.code(one.slice(1)));
  const who = list([...(role === null ? [] : [`somebody with ${roleWords[role]} or more`]), ...people], 'or');
  return allowRequester ? who : `${who} (but not who asked for the mission)`;
}

export function instant(at: number): string {
  return `${isoTime(at).slice(0, 16).replace('T', ' ')} UTC`;
}

/** The comment in which people are asked; edited when they have answered, or nobody needs to any more. */
export function questionComment(ink: Ink, mission: Mission, task: TaskState, wait: Asked): string {
  const title = ink.plain(mission.index.tasks.get(task.id)?.title ?? task.id, 200);
  return page([paragraph(`### ❓ ${ink.code(`task/${task.id}`)} asks you${title === task.id ? '' : `: ${title}`}`), paragraph(prose(ink, wait.question)), paragraph(outcome(ink, mission, task, wait))]);
}

function outcome(ink: Ink, mission: Mission, task: TaskState, wait: Asked): string {
  const given = wait.approvals.map(({ by }) => ink.code(by.login));
  if (wait.refusedBy !== null) return `❌ ${ink.code(wait.refusedBy.login)} said no. The reason stands in the issue.`;
  if (given.length >= wait.count) return `✅ Approved by ${list(given)}.`;
  if (task.status !== 'waiting' || mission.status === 'cancelled') return 'This is not asked any more; nothing needs to be answered.';
  const needed = `**${count(missing(wait), given.length === 0 ? 'approval' : 'more approval')}** ${missing(wait) === 1 ? 'is' : 'are'} needed${given.length === 0 ? '' : `; given by ${list(given)}`}.`;
  return `${needed} To say yes, ${approvers(ink, wait)} comments ${ink.code(`/approve ${task.id}`)}; to say no, ${ink.code(`/reject ${task.id} <reason>`)}. It is asked until ${instant(wait.deadline)}.`;
}

/** What a task says to people: lines and code spans are kept, everything else is literal. */
export function prose(ink: Ink, text: string): string {
  return text
    .split('\n')
    .map((line) => sentence(ink, line, 4000))
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** A task's own words to people, in a comment of their own. */
export function noticeComment(ink: Ink, task: string, text: string): string {
  return page([paragraph(prose(ink, text)), paragraph(`<sub>said by ${ink.code(`task/${task}`)}</sub>`)]);
}
