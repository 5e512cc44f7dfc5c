import type { Json } from '../kit/json.ts';
import { checkSource, parsed, sourceOf, sourceSchema } from './data-source.ts';
import { closed } from './schema-parts.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Parses JSON. */
export const dataJson: StepType = {
  name: 'data.json',
  summary: 'Parses JSON from a file or a text into the output "value".',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed(sourceSchema),
  examples: [{ text: '{"name": "demo", "versions": [1, 2]}' }, { text: '{"a": [{"b": 1}, {"b": 2}]}', select: '$.a[*].b' }],
  check: checkSource,
  async run(context: StepContext): Promise<StepOutcome> {
    const { name, content } = await sourceOf(context);
    return parsed(context, name, parseJson(name, content));
  },
};

export function parseJson(name: string, content: string): Json {
  try {
    return JSON.parse(content) as Json;
  } catch (error) {
    throw new StepError('input', `${name} is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'}.`);
  }
}
