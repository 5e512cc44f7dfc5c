import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Does nothing, successfully: a place in the graph where branches meet, or a plan to try out. */
export const noop: StepType = {
  name: 'noop',
  summary: 'Does nothing and succeeds: joins branches of the graph, or stands in for work that is still to be planned.',
  needsWorkspace: false,
  effects: ['none'],
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      message: { type: 'string', maxLength: 1000, description: 'A line for the timeline.' },
    },
  },
  examples: [{}, { message: 'Both halves are done' }],
  async run(context: StepContext): Promise<StepOutcome> {
    const message = context.parameters['message'];
    return { summary: typeof message === 'string' && message !== '' ? message : 'Nothing to do.', outputs: {}, artifacts: [] };
  },
};
