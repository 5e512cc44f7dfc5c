import { readYaml } from '../core/text/read-yaml.ts';
import { checkSource, parsed, sourceOf, sourceSchema } from './data-source.ts';
import { closed } from './schema-parts.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Parses YAML. */
export const dataYaml: StepType = {
  name: 'data.yaml',
  summary: 'Parses one YAML document (1.2) from a file or a text into the output "value". Tags, duplicate keys and aliases that multiply are refused.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed(sourceSchema),
  examples: [{ text: 'name: demo\nversions: [1, 2]\n' }, { text: 'jobs: {build: {steps: [checkout]}}\n', select: '/jobs/build/steps/0' }],
  check: checkSource,
  async run(context: StepContext): Promise<StepOutcome> {
    const { name, content } = await sourceOf(context);
    const read = readYaml(name, content);
    if (!read.ok) throw new StepError('input', read.error.slice(0, 20).map((problem) => `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`).join('\n'));
    return parsed(context, name, read.value.value);
  },
};
