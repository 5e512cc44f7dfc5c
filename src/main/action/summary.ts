import { summary } from '@actions/core';

import type { Verdict } from '../../core/gate/verdict.ts';
import type { Finding } from '../../core/mission/event.ts';
import type { Problem } from '../../core/mission/definition.ts';
import { annotationsOf } from '../../github/messages/annotations.ts';
import { cutBlocks } from '../../github/messages/cut.ts';
import type { Ink } from '../../github/messages/ink.ts';
import { table } from '../../github/messages/page.ts';
import type { Block } from '../../github/messages/page.ts';
import { count } from '../../github/messages/words.ts';
import { verdictMarks } from '../../github/messages/verdict-tree.ts';
import type { Annotation, WorkflowLog } from './workflow-log.ts';

/** GitHub takes 1 MiB for the summary of a step and shows none of a longer one. */
export const summaryBytes = 1_000_000;

/** GitHub shows the first ten annotations of a level; more only fill the log, and the summary has them all. */
const mostAnnotations = 50;

/** Shows a page on the page of the run; where there is none (an old server, a run by hand) nothing is missing but the page. */
export async function showSummary(markdown: string): Promise<void> {
  if (!process.env.GITHUB_STEP_SUMMARY) return;
  await summary.addRaw(cutBlocks(markdown, summaryBytes), true).write();
}

/** Problems as annotations at their lines; where the file is no file of the repository, its name stands in the message. */
export function annotateProblems(log: WorkflowLog, problems: readonly Problem[]): void {
  for (const problem of problems.slice(0, mostAnnotations)) log.annotate(annotationOf(problem));
}

function annotationOf({ file, line, column, code, message }: Problem): Annotation {
  const title = `Missiongate: ${code}`;
  if (/^(with$|with\.|template:)/.test(file)) return { level: 'failure', title, message: `${file}${line === 0 ? '' : `:${line}:${column}`}: ${message}` };
  return { level: 'failure', title, message, file, ...(line === 0 ? {} : { line, column }) };
}

export function problemsBlock(ink: Ink, problems: readonly Problem[]): Block {
  const rows = problems.map(({ file, line, column, message }) => [ink.code(line === 0 ? file : `${file}:${line}:${column}`, 200), ink.plain(message, 500)]);
  return table(['where', 'problem'], rows, (left) => `… and ${count(left, 'more problem')}.`, 1_000);
}

/** What guards found, at the lines of the files. */
export function annotateFindings(log: WorkflowLog, ink: Ink, findings: readonly Finding[]): void {
  for (const one of annotationsOf(ink, findings).slice(0, mostAnnotations)) {
    log.annotate({ level: one.annotation_level, title: one.title, message: one.message, file: one.path, line: one.start_line, endLine: one.end_line, column: one.start_column, endColumn: one.end_column });
  }
}

export function verdictHeading(ink: Ink, verdict: Verdict): string {
  return `### ${verdictMarks[verdict.state]} ${ink.code(verdict.name)}${verdict.reason === null ? '' : `: ${ink.plain(verdict.reason, 300)}`}`;
}
