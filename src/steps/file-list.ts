import type { JsonObject } from '../kit/json.ts';
import { globProblems, matcherOf } from './globs.ts';
import { asOutput } from './output-size.ts';
import { closed, globs, whole } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Names the files that globs take. */
export const fileList: StepType = {
  name: 'file.list',
  summary: 'Lists files of the repository that globs take, in order of name, into the output "files". What git ignores is left out.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed({
    files: globs('Globs like src/**/*.ts; one that begins with "!" leaves files out. Every file when absent.'),
    'max-files': whole('More than this fail the task; 2,000 when absent.', 1, 10_000),
  }),
  examples: [{}, { files: ['**/*.md', '!docs/**'] }],
  check: (parameters: JsonObject) => globProblems('files', (parameters as { files?: readonly string[] }).files ?? []),
  async run(context: StepContext): Promise<StepOutcome> {
    const { files: wanted, 'max-files': most = 2000 } = context.parameters as unknown as { files?: readonly string[]; 'max-files'?: number };
    const matches = matcherOf(wanted ?? ['**']);
    const files = (await treeOf(context).list()).map((entry) => entry.path).filter(matches);
    if (files.length > most) throw new StepError('input', `${files.length} files match; at most ${most} are listed. Narrow the globs, or raise "max-files".`);
    return { summary: `${files.length} ${files.length === 1 ? 'file matches' : 'files match'}.`, outputs: { files: asOutput(files, 'Narrow the globs.'), count: files.length }, artifacts: [] };
  },
};
