import { closed, text, whole } from './schema-parts.ts';
import { StepError, type StepOutcome, type StepType } from './step-type.ts';

/** Asks people. */
export const approval: StepType = {
  name: 'approval',
  summary: 'Asks people a question and succeeds when enough of them agree. The mission waits; no worker does.',
  needsWorkspace: false,
  effects: ['people'],
  waitsFor: 'people',
  parameters: closed({
    question: text('What they are asked; Markdown.', 10_000, 1),
    count: whole('Persons who must agree; 1 when absent.', 1, 10),
    from: {
      type: 'array', minItems: 1, maxItems: 20, uniqueItems: true,
      items: { type: 'string', pattern: '^(?:role:(?:read|triage|write|maintain|admin)|@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))$' },
      description: 'Who may: role:read, role:triage, role:write, role:maintain, role:admin (and everybody above), or @login; [role:write] when absent.',
    },
  }, ['question']),
  examples: [{ question: 'Shall the release go out today?' }, { question: 'Is the plan right?', count: 2, from: ['role:maintain', '@ada'] }],
  async run(): Promise<StepOutcome> {
    throw new StepError('input', 'An approval is given by people and asked for by the engine; no worker can run it.');
  },
};
