import { indexPlan } from '../../core/mission/plan-index.ts';
import { optional, page, paragraph } from '../../github/messages/page.ts';
import { planGraph } from '../../github/messages/plan-graph.ts';
import { CannotRun } from '../local/exit-codes.ts';
import { describePlan } from '../plan-description.ts';
import { planOf } from '../plan-file.ts';
import { planText } from '../plan-text.ts';
import { readMissionInputs } from './mission-inputs.ts';
import type { Outcome } from './outputs.ts';
import { refused } from './refused.ts';
import { summaryBytes } from './summary.ts';
import type { Surroundings } from './surroundings.ts';

/** `command: plan`: what a mission would do; nothing runs. */
export function planCommand(surroundings: Surroundings): Outcome {
  const { call, log, ink } = surroundings;
  const inputs = readMissionInputs(call.written('inputs'));
  if (!inputs.ok) return refused(surroundings, inputs.error);
  const read = planOf(call.text('mission'), inputs.value.values.size === 0 ? undefined : inputs.value);
  if (read.kind === 'wrong-call') throw new CannotRun(`mission: ${read.message}`);
  if (read.kind === 'problems') return refused(surroundings, read.problems);
  const description = describePlan(read.definition, read.plan);
  const text = planText(description);
  for (const line of text.split('\n')) log.line(line);
  return {
    exitCode: 0,
    outputs: { status: 'planned', results: JSON.stringify(description) },
    summary: page([paragraph(`## 🗺️ Plan: ${ink.plain(read.plan.name)}`), optional(planGraph(ink, { plan: read.plan, index: indexPlan(read.plan) })), optional(ink.fence(text, 60_000))], summaryBytes),
  };
}
