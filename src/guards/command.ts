import { command as step } from '../steps/command.ts';
import { StepError } from '../steps/step-type.ts';
import type { GuardType } from './guard-type.ts';

/** Failures of our side: no verdict about the work. The examination is repeated. */
const ours: ReadonlySet<string> = new Set(['cancelled', 'environment', 'network']);

/** Runs a program of the repository; what it exits with is the verdict. Its metrics are named after it: `<id>_failed` and `<id>_passed`. */
export const command: GuardType = {
  name: 'command',
  summary: 'Runs a program in the trunk; it passes when the program exits with 0. Has two metrics of its own, 0 or 1: `<id>_failed` and `<id>_passed`, with `_` for `-`.',
  metrics: [],
  limits: {},
  parameters: step.parameters,
  check: (parameters) => step.check?.(parameters) ?? [],
  examples: [{ run: ['node', '--version'] }],
  needsFiles: true,
  async examine(context) {
    try {
      const outcome = await context.runStep('command', context.parameters);
      return { passed: true, summary: outcome.summary, metrics: {}, findings: null, artifacts: outcome.artifacts };
    } catch (error) {
      if (!(error instanceof StepError) || ours.has(error.failure)) throw error;
      return { passed: false, summary: error.message, metrics: {}, findings: null, artifacts: error.artifacts };
    }
  },
};
