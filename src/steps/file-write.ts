import { before, restoring } from './restoring.ts';
import { closed, flag, path, text } from './schema-parts.ts';
import { workspaceOf } from './step-context.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

interface FileWriteParameters {
  readonly path: string;
  readonly content: string;
  readonly executable?: boolean;
}

/** Writes one file with a given content. */
export const fileWrite: StepType = {
  name: 'file.write',
  summary: 'Writes one file of the repository with the content given, creating folders as needed.',
  needsWorkspace: true,
  effects: ['writes-files'],
  parameters: closed({
    path: path('Where to write, relative to the root of the repository, with "/" between names.'),
    content: text('The whole content of the file.', 1_000_000),
    executable: flag('Whether the file may be executed. An existing file keeps what it had when this is absent.'),
  }, ['path', 'content']),
  examples: [
    { path: 'docs/greeting.md', content: '# Hello\n' },
    { path: 'scripts/greet.sh', content: '#!/bin/sh\necho hello\n', executable: true },
  ],
  inverse: restoring('path'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { path: file, content, executable } = context.parameters as unknown as FileWriteParameters;
    await workspaceOf(context).writeFile(file, content, executable === undefined ? {} : { executable });
    const bytes = Buffer.byteLength(content);
    return { summary: `Wrote ${file} (${bytes} bytes).`, outputs: { path: file, bytes, ...before(context) }, artifacts: [] };
  },
};
