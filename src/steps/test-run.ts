import { checkToolRun, runTool, toolRunSchema } from './run-tool.ts';
import { closed } from './schema-parts.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';
import { testResults } from './test-results.ts';

/** Runs the project's tests. */
export const testRun: StepType = {
  name: 'test.run',
  summary: 'Runs the project’s tests: the program given, or the one its files tell. JUnit XML (.xml) and TAP (.tap) among the reports become the outputs "tests", "failed", "skipped" and "failures".',
  needsWorkspace: true,
  effects: ['runs-programs', 'reads-files', 'writes-files', 'network'],
  parameters: closed(toolRunSchema),
  examples: [{}, { framework: 'npm', 'timeout-seconds': 600 }],
  check: checkToolRun,
  async run(context: StepContext): Promise<StepOutcome> {
    const run = await runTool(context, 'test');
    const results = await testResults(run.reports);
    const inNumbers = results === null ? '' : ` ${results.tests} tests, ${results.failed} failed, ${results.skipped} skipped.`;
    if (run.failure) {
      const named = results && results.failures.length > 0 ? ` Failed: ${results.failures.slice(0, 10).join('; ')}.` : '';
      throw new StepError(run.failure.failure, `${run.failure.message}${inNumbers}${named}`, run.failure.artifacts);
    }
    if (results && results.failed > 0) throw new StepError('work', `${run.shown} exited with 0, but its reports say:${inNumbers} Failed: ${results.failures.slice(0, 10).join('; ')}.`, run.artifacts);
    return {
      summary: `${run.shown} succeeded.${inNumbers}`,
      outputs: { framework: run.framework, 'duration-ms': run.durationMs, ...(results === null ? {} : { tests: results.tests, failed: results.failed, skipped: results.skipped, failures: results.failures }) },
      artifacts: run.artifacts,
    };
  },
};
