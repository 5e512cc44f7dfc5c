import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { countTokens } from '../kit/count-tokens.ts';
import { schemaErrors, schemaProblems } from './json-schema.ts';
import { asOutput } from './output-size.ts';
import { closed, text, whole } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface LlmParameters {
  readonly prompt: string;
  readonly system?: string;
  readonly model?: string;
  readonly 'max-tokens'?: number;
  readonly temperature?: number;
  readonly schema?: JsonObject;
}

/** Longest prompt: what present models take with room for an answer. */
export const maximumPromptTokens = 100_000;

/** Asks a chat model once. */
export const llm: StepType = {
  name: 'llm',
  summary: 'Asks the worker’s chat model one question: outputs "text", and "value" when a schema was given. It changes no files; the step type "agent" does.',
  needsWorkspace: false,
  effects: ['model', 'network'],
  parameters: closed({
    prompt: text('The question; with "system" at most 100,000 tokens.', 500_000, 1),
    system: text('What the model is told before.', 100_000, 1),
    model: text('Name of a model of the worker’s server; its default when absent.', 200, 1),
    'max-tokens': whole('Longest answer, in tokens; the server’s own limit when absent.', 1, 200_000),
    temperature: { type: 'number', minimum: 0, maximum: 2, description: '0 answers as evenly as the model can.' },
    schema: { type: 'object', description: 'JSON Schema (2020-12) of the answer, which then is JSON: output "value". An answer that does not follow it fails the attempt.' },
  }, ['prompt']),
  examples: [
    { prompt: 'Say in one sentence what a slug is.' },
    { prompt: 'How severe is a typo in a comment?', temperature: 0, schema: { type: 'object', required: ['severity'], properties: { severity: { enum: ['low', 'medium', 'high'] } } } },
  ],
  check: (parameters) => schemaProblems('schema', parameters['schema']),
  async run(context: StepContext): Promise<StepOutcome> {
    const { prompt, system, model, schema, 'max-tokens': maximumTokens, temperature } = context.parameters as unknown as LlmParameters;
    const client = outsideOf(context).model;
    if (!client) throw new StepError('environment', 'No model is configured on this worker. Whoever runs it can set MISSIONGATE_MODEL_URL, MISSIONGATE_MODEL and MISSIONGATE_MODEL_KEY.');
    const promptTokens = await countTokens(system === undefined ? prompt : `${system}\n\n${prompt}`);
    if (promptTokens > maximumPromptTokens) throw new StepError('input', `The prompt has ${promptTokens} tokens; a model is given at most ${maximumPromptTokens}. Shorten it, or split the task.`);
    // A schema that is none must not cost a call.
    if (schema) schemaErrors('with.schema', schema, null);
    const answer = await client.complete({
      prompt, system: system ?? null, model: model ?? null, maximumTokens: maximumTokens ?? null, temperature: temperature ?? null, schema: schema ?? null,
      timeoutMs: context.timeoutMs, signal: context.signal,
    });
    const tokens = answer.promptTokens + answer.completionTokens;
    const artifacts = [{ name: 'answer', mediaType: schema ? 'application/json' : 'text/markdown', text: answer.text }];
    if (answer.finishReason === 'length') throw new StepError('work', `The answer of ${answer.model} was cut at its limit of tokens. Raise "max-tokens", or ask for less.`, artifacts);
    const value = schema ? valueOf(answer.text, schema, answer.model, artifacts) : undefined;
    return {
      summary: `${answer.model} answered (${tokens} tokens).`,
      outputs: { text: asOutput(answer.text, 'Ask for a shorter answer.'), model: answer.model, tokens, ...(value === undefined ? {} : { value }) },
      artifacts,
      usage: { tokens },
    };
  },
};

function valueOf(answer: string, schema: JsonObject, model: string, artifacts: StepError['artifacts']): Json {
  let value: Json;
  try {
    // Some models wrap JSON in a code block although they were asked for JSON alone.
    value = JSON.parse(/^\s*```(?:json)?\s*\n([^]*?)\n\s*```\s*$/.exec(answer)?.[1] ?? answer) as Json;
  } catch {
    throw new StepError('work', `The answer of ${model} is not JSON, although a schema was given.`, artifacts);
  }
  const errors = schemaErrors('with.schema', schema, value);
  if (errors.length > 0) throw new StepError('work', `The answer of ${model} does not follow the schema: ${errors.slice(0, 10).join('; ')}.`, artifacts);
  return isJsonObject(value) || Array.isArray(value) ? asOutput(value, 'Ask for less.') : value;
}
