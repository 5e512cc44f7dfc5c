import { refSchema } from './git-diff.ts';
import { branchPattern, closed, text } from './schema-parts.ts';
import { gitOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Makes a branch. */
export const gitBranch: StepType = {
  name: 'git.branch',
  summary: 'Makes a branch of the repository on the server. One that is there already stays where it is: at this commit that is fine, at another one the task fails.',
  needsWorkspace: true,
  effects: ['network'],
  parameters: closed({
    name: { ...text('Name of the branch; not below mission/, gate/ or missiongate/.', 244, 1), pattern: branchPattern },
    from: refSchema('Where it starts; HEAD when absent.'),
  }, ['name']),
  examples: [{ name: 'release/1.0' }, { name: 'archive/before-the-change', from: 'main' }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { name, from = 'HEAD' } = context.parameters as unknown as { name: string; from?: string };
    const git = gitOf(context);
    const commit = await git.resolve(from);
    const outcome = await git.createBranch(name, commit);
    return { summary: `${outcome === 'created' ? 'Made' : 'There was'} branch ${name} at ${commit.slice(0, 12)}.`, outputs: { name, commit, created: outcome === 'created' }, artifacts: [] };
  },
};
