import { agentMoves } from './agent-moves.ts';
import { workspaceOf } from './step-context.ts';
import { StepError, type Artifact, type StepContext, type StepOutcome, type StepType } from './step-type.ts';
import { countTokens } from '../kit/count-tokens.ts';
import type { Json } from '../kit/json.ts';

interface AgentParameters {
  readonly prompt: string;
  readonly agent?: string;
  readonly script?: Json;
}

/** Longest briefing: leaves an agent most of a context of 128,000 tokens for the work itself. */
export const maximumBriefingTokens = 32_000;

/** Hands a piece of work to a coding agent. */
export const agent: StepType = {
  name: 'agent',
  summary: 'Hands the work to a coding agent, which changes files of the repository; the worker commits what it did.',
  needsWorkspace: true,
  effects: ['model', 'reads-files', 'writes-files', 'runs-programs', 'network'],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['prompt'],
    properties: {
      prompt: { type: 'string', minLength: 1, maxLength: 100_000, description: 'What the agent is asked to do; with the title at most 32,000 tokens.' },
      agent: { type: 'string', minLength: 1, maxLength: 200, description: 'Name of a configured agent; the default one when absent.' },
      script: agentMoves,
    },
  },
  examples: [
    { prompt: 'Write down what the add function is for.' },
    {
      prompt: 'Rename the title.',
      script: [{ say: 'Looking at the README first.' }, { edit: { path: 'README.md', find: '# Test', replace: '# Tested' } }, { run: ['cat', 'README.md'] }],
    },
  ],
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as AgentParameters;
    if (!context.agent) {
      throw new StepError('environment', 'No agent is configured on this worker, so the task cannot be given to one. Configure an agent for the worker, or use a step of type "command".');
    }
    const briefingTokens = await countTokens(`${context.title}\n\n${parameters.prompt}`);
    if (briefingTokens > maximumBriefingTokens) {
      throw new StepError('input', `The task's title and prompt have ${briefingTokens} tokens; an agent is given at most ${maximumBriefingTokens}. Put what is long into a file of the repository, and name the file in the prompt.`);
    }
    const report = await context.agent.run({
      missionId: context.missionId,
      taskId: context.taskId,
      attempt: context.attempt,
      prompt: parameters.prompt,
      title: context.title,
      persona: context.about?.persona ?? null,
      zone: context.about?.zone ?? null,
      scope: context.about?.scope ?? null,
      agent: parameters.agent ?? null,
      script: parameters.script ?? null,
      workspace: workspaceOf(context),
      signal: context.signal,
      progress: (fraction, message) => context.progress(fraction, message),
    });
    const written: Artifact = {
      name: 'agent-report',
      mediaType: 'application/json',
      text: `${JSON.stringify({ status: report.status, summary: report.summary, agent: report.agent, briefingTokens }, null, 2)}\n`,
    };
    const artifacts = [written, ...report.artifacts];
    if (report.status !== 'complete') {
      throw new StepError('work', `The agent ${report.agent.name} left the task ${report.status}: ${report.summary} Retry it, or describe the task more closely.`, artifacts);
    }
    return { summary: report.summary, outputs: { agent: report.agent.name, status: report.status }, artifacts, agent: { name: report.agent.name, version: report.agent.version } };
  },
};
