import { checkSource, parsed, sourceOf, sourceSchema } from './data-source.ts';
import { readXml } from './read-xml.ts';
import { closed } from './schema-parts.ts';
import type { StepContext, StepOutcome, StepType } from './step-type.ts';

/** Parses XML. */
export const dataXml: StepType = {
  name: 'data.xml',
  summary: 'Parses XML from a file or a text into the output "value": attributes as "@name", repeated elements as lists, all values as text. Document types and entities are refused.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed(sourceSchema),
  examples: [{ text: '<suite name="unit"><case>adds</case><case>subtracts</case></suite>' }, { text: '<a><b id="1"/></a>', select: '/a/b/@id' }],
  check: checkSource,
  async run(context: StepContext): Promise<StepOutcome> {
    const { name, content } = await sourceOf(context);
    return parsed(context, name, readXml(name, content));
  },
};
