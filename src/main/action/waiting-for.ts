import type { Mission } from '../../core/mission/state.ts';
import { exitCodes } from '../local/exit-codes.ts';
import { openQuestions } from '../local/ask-approval.ts';
import { gatesInQuestion } from '../local/gate-sheet.ts';
import type { RunEnd } from '../local/reporter.ts';

/** What a mission cannot go on without: names for `yes-to`, or a budget. */
export interface WaitingFor {
  readonly gates: readonly string[];
  readonly questions: readonly string[];
  readonly budget: boolean;
}

export function waitingFor(mission: Mission): WaitingFor {
  return {
    gates: gatesInQuestion(mission).flatMap(({ phase, status }) => (status === 'awaiting' ? [phase] : [])),
    questions: openQuestions(mission).map(({ task }) => task),
    budget: mission.pausedFor !== undefined,
  };
}

/** One word for how a run ended. A mission whose gate is shut is still running for the ledger; for a workflow it has failed. */
export function statusOf({ exitCode, status }: RunEnd): string {
  if (exitCode === exitCodes.waiting) return 'waiting';
  if (exitCode === exitCodes.interrupted) return 'interrupted';
  return exitCode === exitCodes.failed && (status === 'running' || status === 'paused') ? 'failed' : status;
}

/** What to put into a workflow now, sentence by sentence. */
export function whatNow({ gates, questions, budget }: WaitingFor, status: string): readonly string[] {
  const names = [...gates, ...questions];
  if (status === 'interrupted') return ['Nothing is lost: go on with command: resume.'];
  if (names.length > 0) return [`It waits for ${gates.length > 0 ? 'a decision on' : 'an answer to'} ${names.join(', ')}. Once people have decided, go on with command: resume and yes-to: ${names.join(', ')}.`];
  if (budget) return ['A budget is used up. Give it more and go on with command: resume and budget: tokens=<number> (or usd=, minutes=).'];
  if (status === 'failed' || status === 'partially-failed') return ['To try what failed once more: command: resume.'];
  return [];
}
