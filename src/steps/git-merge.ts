import { asOutput } from './output-size.ts';
import { refSchema } from './git-diff.ts';
import { closed, text } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Merges a branch into the mission's work. */
export const gitMerge: StepType = {
  name: 'git.merge',
  summary: 'Merges another branch or commit of the repository into the mission’s work; the worker’s commit gets it as a second parent. A conflict changes nothing and names the files.',
  needsWorkspace: true,
  effects: ['reads-files', 'writes-files', 'network'],
  parameters: closed({
    from: refSchema('What to merge.'),
    message: text('Message of the merge commit; "Merge <from>" when absent.', 10_000, 1),
  }, ['from']),
  examples: [{ from: 'main' }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { from, message } = context.parameters as unknown as { from: string; message?: string };
    const git = gitOf(context);
    const commit = await git.resolve(from);
    const files = await git.merge(commit);
    if (files === null) return { summary: `${from} (${commit.slice(0, 12)}) is contained already.`, outputs: { commit, merged: false, files: [] }, artifacts: [] };
    git.describeCommit(message ?? `Merge ${from}`, { evenIfEmpty: true });
    return {
      summary: `Merged ${from} (${commit.slice(0, 12)}): ${files.length} ${files.length === 1 ? 'file' : 'files'}.`,
      outputs: { commit, merged: true, files: asOutput(files.map(({ path, status }) => ({ path, status })), 'Merge in smaller steps.') },
      artifacts: [],
    };
  },
};
