import { closed } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import { asOutput } from './output-size.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Tells where a task starts from. */
export const gitStatus: StepType = {
  name: 'git.status',
  summary: 'Tells the commit a task starts from and what differs from it: outputs "commit", "clean" and "files".',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed({}),
  examples: [{}],
  async run(context: StepContext): Promise<StepOutcome> {
    const git = gitOf(context);
    const files = await git.status();
    const summary = files.length === 0 ? `At ${git.baseCommit.slice(0, 12)}, nothing changed.` : `At ${git.baseCommit.slice(0, 12)}, ${files.length} changed.`;
    return { summary, outputs: { commit: git.baseCommit, clean: files.length === 0, files: asOutput(files.map(({ path, status }) => ({ path, status })), 'Change fewer files in one task.') }, artifacts: [] };
  },
};
