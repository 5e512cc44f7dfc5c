import { checkFromTo, fromToSchema } from './file-copy.ts';
import { before, restoring } from './restoring.ts';
import { treeOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Renames one file. */
export const fileMove: StepType = {
  name: 'file.move',
  summary: 'Moves or renames one file of the repository in one step.',
  needsWorkspace: true,
  effects: ['writes-files'],
  parameters: fromToSchema,
  examples: [{ from: 'README.md', to: 'docs/index.md' }],
  inverse: restoring('from', 'to'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { from, to, overwrite } = context.parameters as unknown as { from: string; to: string; overwrite?: boolean };
    const tree = treeOf(context);
    await checkFromTo(tree, from, to, overwrite ?? false);
    await tree.move(from, to);
    return { summary: `Moved ${from} to ${to}.`, outputs: { from, to, ...before(context) }, artifacts: [] };
  },
};
