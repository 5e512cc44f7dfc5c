import { before, restoring } from './restoring.ts';
import { closed, flag, path } from './schema-parts.ts';
import { treeOf, workspaceOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Removes one file. */
export const fileDelete: StepType = {
  name: 'file.delete',
  summary: 'Removes one file of the repository; of a symbolic link the link, never what it points to.',
  needsWorkspace: true,
  effects: ['writes-files'],
  parameters: closed({
    path: path('The file, relative to the root of the repository.'),
    'if-exists': flag('True: a file that is not there is fine. Otherwise that fails the task.'),
  }, ['path']),
  examples: [{ path: 'README.md' }, { path: 'old/notes.md', 'if-exists': true }],
  inverse: restoring('path'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { path: file, 'if-exists': ifExists } = context.parameters as unknown as { path: string; 'if-exists'?: boolean };
    const there = (await treeOf(context).facts(file)) !== null;
    if (!there && ifExists === true) return { summary: `${file} was not there.`, outputs: { path: file, deleted: false }, artifacts: [] };
    if (!there) throw new StepError('input', `${JSON.stringify(file)} does not exist in the workspace. Correct the path, or say "if-exists: true".`);
    await workspaceOf(context).removeFile(file);
    return { summary: `Deleted ${file}.`, outputs: { path: file, deleted: true, ...before(context) }, artifacts: [] };
  },
};
