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
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'content'],
    properties: {
      path: { type: 'string', minLength: 1, maxLength: 4096, description: 'Where to write, relative to the root of the repository, with "/" between names.' },
      content: { type: 'string', maxLength: 1_000_000, description: 'The whole content of the file.' },
      executable: { type: 'boolean', description: 'Whether the file may be executed. An existing file keeps what it had when this is absent.' },
    },
  },
  examples: [
    { path: 'docs/greeting.md', content: '# Hello\n' },
    { path: 'scripts/greet.sh', content: '#!/bin/sh\necho hello\n', executable: true },
  ],
  async run(context: StepContext): Promise<StepOutcome> {
    const { path, content, executable } = context.parameters as unknown as FileWriteParameters;
    await workspaceOf(context).writeFile(path, content, executable === undefined ? {} : { executable });
    const bytes = Buffer.byteLength(content);
    return { summary: `Wrote ${path} (${bytes} bytes).`, outputs: { path, bytes }, artifacts: [] };
  },
};
