import { asOutput } from './output-size.ts';
import { closed, text } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Parameter of git steps that name a commit. */
export const refSchema = (description: string) => text(`${description} A branch, a tag, a full commit id, HEAD (where the task starts) or HEAD^ (the commit before).`, 244, 1);

/** Compares two commits. */
export const gitDiff: StepType = {
  name: 'git.diff',
  summary: 'Compares two commits of the repository: outputs "files", "additions" and "deletions"; the patch is kept as evidence.',
  needsWorkspace: true,
  effects: ['reads-files', 'network'],
  parameters: closed({
    from: refSchema('What to compare with; HEAD^ when absent.'),
    to: refSchema('What to compare; HEAD when absent.'),
  }),
  examples: [{}, { from: 'main' }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { from = 'HEAD^', to = 'HEAD' } = context.parameters as { from?: string; to?: string };
    const git = gitOf(context);
    const [old, now] = [await git.resolve(from), await git.resolve(to)];
    const diff = await git.diff(old, now);
    return {
      summary: `${diff.files.length} ${diff.files.length === 1 ? 'file differs' : 'files differ'} between ${from} and ${to} (+${diff.additions} −${diff.deletions}).`,
      outputs: { from: old, to: now, files: asOutput(diff.files.map((file) => ({ ...file })), 'Compare commits that are closer to each other.'), additions: diff.additions, deletions: diff.deletions },
      artifacts: [{ name: 'patch', mediaType: 'text/x-diff', text: diff.patch === '' ? '(no difference)\n' : diff.patch }],
    };
  },
};
