import { refSchema } from './git-diff.ts';
import { closed, pathSchema } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Undoes changes of files. */
export const gitRestore: StepType = {
  name: 'git.restore',
  summary: 'Brings files back to what they were at a commit; what was not there then is removed. Rollback uses it to undo steps that changed files.',
  needsWorkspace: true,
  effects: ['writes-files'],
  parameters: closed({
    commit: refSchema('The commit to take them from.'),
    paths: { type: 'array', minItems: 1, maxItems: 1000, uniqueItems: true, items: { ...pathSchema }, description: 'The files, relative to the root of the repository.' },
  }, ['commit', 'paths']),
  examples: [{ commit: 'HEAD', paths: ['README.md'] }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { commit: ref, paths } = context.parameters as unknown as { commit: string; paths: readonly string[] };
    const git = gitOf(context);
    const commit = await git.resolve(ref);
    await git.restore(commit, paths);
    return { summary: `Restored ${paths.length === 1 ? paths[0] : `${paths.length} files`} from ${commit.slice(0, 12)}.`, outputs: { commit, count: paths.length }, artifacts: [] };
  },
};
