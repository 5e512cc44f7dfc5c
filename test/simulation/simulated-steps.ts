import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { StepRegistry } from '../../src/steps/registry.ts';
import { StepError } from '../../src/steps/step-type.ts';
import type { FailureClass, StepOutcome, StepType } from '../../src/steps/step-type.ts';

/** Stands in for an agent: works a while, tells what it has used, fails in the attempts before the given one, in the given way. */
const spend: StepType = {
  name: 'spend',
  summary: 'Works and reports what it used up.',
  needsWorkspace: true,
  effects: ['none'],
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { tokens: { type: 'integer' }, 'succeeds-in': { type: 'integer' }, 'fails-as': { type: 'string' } },
  },
  examples: [],
  async run({ parameters, attempt, workspace, timeoutMs }): Promise<StepOutcome> {
    const { tokens = 0, 'succeeds-in': first = 1, 'fails-as': failure = 'work' } = parameters as { tokens?: number; 'succeeds-in'?: number; 'fails-as'?: FailureClass };
    const { endedBy } = (await workspace?.run({ argv: ['spend'], timeoutMs })) ?? { endedBy: null };
    if (endedBy !== null) throw new StepError('timeout', 'it took too long');
    if (attempt < first) throw new StepError(failure, `attempt ${attempt} fails on purpose`);
    return { summary: `used ${tokens} tokens`, outputs: { tokens }, artifacts: [], usage: { tokens } };
  },
};

/** Stands in for a linter: leaves a report with as many findings as are asked for, which guards of its gate read. */
const lint: StepType = {
  name: 'lint',
  summary: 'Leaves a report of findings.',
  needsWorkspace: false,
  effects: ['none'],
  parameters: { type: 'object', additionalProperties: false, properties: { findings: { type: 'integer' }, level: { type: 'string' } } },
  examples: [],
  async run({ parameters }): Promise<StepOutcome> {
    const { findings = 0, level = 'warning' } = parameters as { findings?: number; level?: string };
    const results = Array.from({ length: findings }, (_, index) => ({ ruleId: 'style', level, message: { text: `finding ${index + 1}` }, locations: [{ physicalLocation: { artifactLocation: { uri: 'a.txt' }, region: { startLine: index + 1 } } }] }));
    const report = { version: '2.1.0', runs: [{ tool: { driver: { name: 'lint' } }, results }] };
    return { summary: `found ${findings}`, outputs: {}, artifacts: [{ name: 'lint.sarif', mediaType: 'application/sarif+json', text: JSON.stringify(report) }], usage: {} };
  },
};

/** The steps of simulated worlds. */
export const simulatedSteps: StepRegistry = createStepRegistry([...builtInSteps, spend, lint]);
