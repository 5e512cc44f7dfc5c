import type { Mission, TaskState } from '../../core/mission/state.ts';
import { artifactBlock } from './gate-check.ts';
import type { CheckOutput } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { sentence } from './sentence.ts';
import { count, duration, short, taskWords } from './words.ts';

/** A task's check run: what was done, by what, with which result. */
export function taskCheck(ink: Ink, mission: Mission, task: TaskState, excerpts: ReadonlyMap<string, string>): CheckOutput {
  const planned = mission.index.tasks.get(task.id);
  const { evidence } = task;
  const failed = task.status === 'failed' || task.status === 'retrying';
  const facts = [
    `attempt ${task.attempt}`,
    ...(task.commit === null ? [] : [`commit ${ink.code(short(task.commit))}`]),
    ...(evidence === null ? [] : [`done with ${ink.plain(evidence.producer, 80)}`, `took ${duration(evidence.durationMs)}`]),
    ...(evidence?.diff ? [`${count(evidence.diff.files, 'file')}, +${evidence.diff.additions} −${evidence.diff.deletions}`] : []),
  ];
  const summary = page([
    paragraph(`**${ink.plain(planned?.title ?? task.id, 200)}**: ${taskWords[task.status]}.`),
    ...(evidence && evidence.summary !== '' && !(failed && evidence.summary === task.reason) ? [paragraph(sentence(ink, evidence.summary, 1000))] : []),
    ...(failed ? [paragraph(failure(ink, task))] : []),
    paragraph(facts.join(' · ')),
  ]);
  const text = evidence ? page(evidence.artifacts.map((artifact) => artifactBlock(ink, task.id, artifact, excerpts))) : '';
  const title = failed ? `${task.status === 'failed' ? 'Failed' : 'Failed, will be tried again'}: ${task.reason ?? ''}` : evidence?.summary || taskWords[task.status];
  return { title: ink.title(title, 180) || taskWords[task.status], summary, text };
}

function failure(ink: Ink, task: TaskState): string {
  const why = `Failed (${task.failure ?? 'unknown'}): ${sentence(ink, task.reason || 'no reason given', 1000)}`;
  return task.status === 'retrying' ? `${why}\n\nI try again by myself.` : `${why}\n\nTo have it done again comment ${ink.code(`/retry ${task.id}`)} on the issue.`;
}
