import { approverPattern, longestQuestion, mostApprovals, mostApprovers } from '../core/mission/approval-question.ts';
import { closed, text, whole } from './schema-parts.ts';
import { StepError, type StepOutcome, type StepType } from './step-type.ts';

/** Asks people. */
export const approval: StepType = {
  name: 'approval',
  summary: 'Asks people a question and succeeds when enough of them comment `/approve <task>`; `/reject <task> <reason>` fails it. No worker waits. Gives `approved-by`.',
  needsWorkspace: false,
  effects: ['people'],
  waitsFor: 'people',
  parameters: closed({
    question: text('What they are asked. Lines and `code` are kept, everything else is shown as it is written.', longestQuestion, 1),
    count: whole('Persons who must agree; 1 when absent.', 1, mostApprovals),
    from: {
      type: 'array', minItems: 1, maxItems: mostApprovers, uniqueItems: true,
      items: { type: 'string', pattern: approverPattern, description: 'role:read, role:triage, role:write, role:maintain, role:admin or @login.' },
      description: 'Who may: role:read, role:triage, role:write, role:maintain, role:admin (and everybody above), or @login; [role:write] when absent.',
    },
    'allow-requester': { type: 'boolean', description: 'Whether the person who asked for the mission may answer; true when absent.' },
  }, ['question']),
  examples: [{ question: 'Shall the release go out today?' }, { question: 'Is the plan right?', count: 2, from: ['role:maintain', '@ada'] }],
  async run(): Promise<StepOutcome> {
    throw new StepError('input', 'An approval is given by people and asked for by the engine; no worker can run it.');
  },
};
