import { closed, text } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

interface GitCommitParameters {
  readonly message: string;
  readonly trailers?: Readonly<Record<string, string>>;
}

/** Says what a commit shall say. */
export const gitCommit: StepType = {
  name: 'git.commit',
  summary: 'Sets a mark in the history: a commit with a message of its own. What earlier tasks changed is committed already, each task by itself; the worker makes this commit as well, with its trailers.',
  needsWorkspace: true,
  effects: ['writes-files'],
  parameters: closed({
    message: text('The message: a subject of at most 72 characters, a blank line, and what else there is to say.', 10_000, 1),
    trailers: {
      type: 'object',
      maxProperties: 20,
      propertyNames: { pattern: '^(?![Mm]issiongate-)[A-Za-z][A-Za-z0-9-]{0,60}$' },
      additionalProperties: { type: 'string', maxLength: 500, pattern: '^[^\\r\\n\\u0000]+$' },
      description: 'Lines "Name: value" below the message, like Closes or Reviewed-by. Names that begin with "Missiongate-" are the product’s own.',
    },
  }, ['message']),
  examples: [{ message: 'Mark the end of the first stage' }, { message: 'Close the first stage', trailers: { Closes: '#12' } }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { message, trailers = {} } = context.parameters as unknown as GitCommitParameters;
    const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}`);
    gitOf(context).describeCommit([message.trim(), ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n'), { evenIfEmpty: true });
    const subject = message.trim().split('\n')[0] ?? '';
    return { summary: `The commit says: ${subject.slice(0, 200)}`, outputs: { message }, artifacts: [] };
  },
};
