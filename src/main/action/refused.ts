import type { Problem } from '../../core/mission/definition.ts';
import type { Ink } from '../../github/messages/ink.ts';
import { page, paragraph } from '../../github/messages/page.ts';
import { count } from '../../github/messages/words.ts';
import { exitCodes } from '../local/exit-codes.ts';
import { describeProblem } from '../local/read-mission.ts';
import type { Outcome } from './outputs.ts';
import { annotateProblems, problemsBlock, summaryBytes } from './summary.ts';
import type { WorkflowLog } from './workflow-log.ts';

/** The workflow, or a file it names, is not as it must be: everything that is wrong, at once. Nothing was begun. */
export function refused({ log, ink }: { readonly log: WorkflowLog; readonly ink: Ink }, problems: readonly Problem[]): Outcome {
  for (const problem of problems) log.line(ink.text(describeProblem(problem), 4_000));
  annotateProblems(log, problems);
  return {
    exitCode: exitCodes.usage,
    outputs: { status: 'refused', problems: JSON.stringify(problems) },
    summary: page([paragraph(`## ❌ ${count(problems.length, 'problem')}; nothing was begun`), problemsBlock(ink, problems)], summaryBytes),
  };
}
