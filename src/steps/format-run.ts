import { checkToolRun, runToolStep, toolRunSchema } from './run-tool.ts';
import { closed } from './schema-parts.ts';
import type { StepType } from './step-type.ts';

/** Runs the project's formatter. */
export const formatRun: StepType = {
  name: 'format.run',
  summary: 'Runs the project’s formatter: the program given, or the one its files tell. What it changed is committed by the worker.',
  needsWorkspace: true,
  effects: ['runs-programs', 'reads-files', 'writes-files', 'network'],
  parameters: closed(toolRunSchema),
  examples: [{}, { run: ['touch', 'formatted.txt'] }],
  check: checkToolRun,
  run: (context) => runToolStep(context, 'format'),
};
