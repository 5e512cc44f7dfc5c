import type { JsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { checkDepth } from './data-source.ts';
import { asOutput } from './output-size.ts';
import { closed, text, whole } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface ToolParameters {
  readonly server: string;
  readonly tool: string;
  readonly arguments?: JsonObject;
  readonly 'timeout-seconds'?: number;
}

/** Longest answer of a tool. */
const maximumBytes = 1_000_000;

/** Calls a tool of an MCP server. */
export const tool: StepType = {
  name: 'tool',
  summary: 'Calls one tool of an MCP server that the worker’s configuration names: outputs "text" and "value" (its structured content).',
  needsWorkspace: false,
  effects: ['network'],
  parameters: closed({
    server: text('Name of the server in the worker’s configuration.', 100, 1),
    tool: text('Name of the tool, as the server lists it.', 200, 1),
    arguments: { type: 'object', description: 'The tool’s arguments, by its own schema.' },
    'timeout-seconds': whole('For the call, the start of the server included; 60 when absent.', 1, 3600),
  }, ['server', 'tool']),
  examples: [{ server: 'search', tool: 'find', arguments: { query: 'slug' } }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { server, tool: name, arguments: given, 'timeout-seconds': seconds } = context.parameters as unknown as ToolParameters;
    const { tools } = outsideOf(context);
    const known = tools.names();
    if (!known.includes(server)) {
      throw new StepError('environment', `No MCP server ${JSON.stringify(server)} is configured on this worker${known.length === 0 ? '' : `, which has ${known.join(', ')}`}.${didYouMean(server, known)} Whoever runs the worker can add it under "tools" in its configuration; a definition cannot, because it would start a program.`);
    }
    const answer = await tools.call({ server, tool: name, arguments: given ?? {}, maximumBytes, timeoutMs: Math.min(context.timeoutMs, (seconds ?? 60) * 1000), signal: context.signal });
    const artifacts = [{ name: 'result', mediaType: 'text/plain', text: answer.text }];
    if (answer.isError) throw new StepError('work', `The tool ${name} of ${server} failed: ${answer.text.slice(0, 500)}`, artifacts);
    checkDepth('the result', answer.structured);
    return {
      summary: `The tool ${name} of ${server} answered.`,
      outputs: { text: asOutput(answer.text, 'Ask the tool for less.'), value: asOutput(answer.structured, 'Ask the tool for less.') },
      artifacts,
    };
  },
};
