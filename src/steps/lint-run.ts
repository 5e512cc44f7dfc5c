import { checkToolRun, runToolStep, toolRunSchema } from './run-tool.ts';
import { closed } from './schema-parts.ts';
import type { StepType } from './step-type.ts';

/** Runs the project's linter. */
export const lintRun: StepType = {
  name: 'lint.run',
  summary: 'Runs the project’s linter: the program given, or the one its files tell. It succeeds when that exits with 0.',
  needsWorkspace: true,
  effects: ['runs-programs', 'reads-files', 'network'],
  parameters: closed(toolRunSchema),
  examples: [{}, { run: ['node', '--check', 'src/add.js'] }],
  check: checkToolRun,
  run: (context) => runToolStep(context, 'lint'),
};
