import { closed, text } from './schema-parts.ts';
import { StepError, type StepOutcome, type StepType } from './step-type.ts';

/** Another mission file as a part of this one. */
export const mission: StepType = {
  name: 'mission',
  summary: 'Puts the tasks of another mission file in the place of this task. Written short: "uses: mission:./other.yml", with that mission’s inputs under "with".',
  needsWorkspace: false,
  effects: ['none'],
  isInlined: true,
  parameters: closed({
    file: text('The other mission file, relative to the folder of this one.', 4096, 1),
    inputs: { type: 'object', description: 'Values for its inputs.' },
  }, ['file']),
  examples: [{ file: './release.yml', inputs: { version: '1.2.0' } }],
  async run(): Promise<StepOutcome> {
    throw new StepError('input', 'A mission in a mission is put in its place when the file is read; no worker can run it. Write "uses: mission:./other.yml".');
  },
};
