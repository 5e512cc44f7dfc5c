import { before, restoring } from './restoring.ts';
import { closed, flag, path } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType, type WorkspaceTree } from './step-type.ts';

interface FromTo {
  readonly from: string;
  readonly to: string;
  readonly overwrite?: boolean;
}

/** Parameters of `file.copy` and `file.move`. */
export const fromToSchema = closed({
  from: path('The file, relative to the root of the repository.'),
  to: path('Its new place, with its name; folders are created as needed.'),
  overwrite: flag('True: a file that stands there is replaced. Otherwise that fails the task.'),
}, ['from', 'to']);

/** Copies one file, byte by byte. */
export const fileCopy: StepType = {
  name: 'file.copy',
  summary: 'Copies one file of the repository, whatever it holds, with its executable bit.',
  needsWorkspace: true,
  effects: ['reads-files', 'writes-files'],
  parameters: fromToSchema,
  examples: [{ from: 'README.md', to: 'docs/README.md' }],
  inverse: restoring('to'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { from, to, overwrite } = context.parameters as unknown as FromTo;
    const tree = treeOf(context);
    const { executable } = await checkFromTo(tree, from, to, overwrite ?? false);
    const content = await tree.readBytes(from);
    await tree.writeBytes(to, content, { executable });
    return { summary: `Copied ${from} to ${to} (${content.length} bytes).`, outputs: { from, to, bytes: content.length, ...before(context) }, artifacts: [] };
  },
};

/** Refuses what cannot be copied or moved; tells about the file. */
export async function checkFromTo(tree: WorkspaceTree, from: string, to: string, overwrite: boolean): Promise<{ readonly executable: boolean }> {
  const source = await tree.facts(from);
  if (!source) throw new StepError('input', `${JSON.stringify(from)} does not exist in the workspace. Correct "from".`);
  if (source.kind !== 'file') throw new StepError('input', `${JSON.stringify(from)} is a ${source.kind === 'link' ? 'symbolic link, and links are not followed' : source.kind}. Name a regular file.`);
  const target = await tree.facts(to);
  if (target?.kind === 'folder') throw new StepError('input', `${JSON.stringify(to)} is a folder. Name the file in it.`);
  if (target && !overwrite) throw new StepError('input', `${JSON.stringify(to)} exists already. Choose another place, or say "overwrite: true".`);
  return source;
}
