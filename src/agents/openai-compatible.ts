import { countTokens } from '../kit/count-tokens.ts';
import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import type { ModelAnswer, ModelClient, ModelRequest } from '../steps/outside.ts';
import { StepError } from '../steps/step-type.ts';

export interface OpenAiCompatibleOptions {
  /** Base of the API, `/v1` included. Given by the operator, so it may be a server of their own network. */
  readonly url: string;
  /** Null: the server wants none. */
  readonly key: string | null;
  /** The model used when a request names none. */
  readonly model: string;
}

/** Longest answer that is read, in bytes. */
const longestAnswer = 10_000_000;

/** A chat model behind an API as OpenAI's: one call of `/chat/completions`, without streaming. */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): ModelClient {
  const url = `${options.url.replace(/\/+$/, '')}/chat/completions`;

  async function post(body: JsonObject, request: ModelRequest): Promise<{ readonly status: number; readonly text: string }> {
    const limit = AbortSignal.timeout(Math.min(request.timeoutMs, 2_147_483_647));
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(options.key === null ? {} : { authorization: `Bearer ${options.key}` }) },
        body: JSON.stringify(body),
        // The key would go along.
        redirect: 'error',
        signal: AbortSignal.any([request.signal, limit]),
      });
      return { status: answer.status, text: await limitedText(answer) };
    } catch (error) {
      if (error instanceof StepError) throw error;
      if (request.signal.aborted) throw new StepError('cancelled', 'The call of the model was ended because the attempt was cancelled.');
      if (limit.aborted) throw new StepError('timeout', 'The model did not answer within the time limit. Ask for less, or raise the limit.');
      throw new StepError('network', `The model's server could not be reached: ${causeOf(error)}. Try again; when it stays so, look at MISSIONGATE_MODEL_URL.`);
    }
  }

  return {
    async complete(request) {
      const model = request.model ?? options.model;
      let body = bodyOf(model, request);
      let answer = await post(body, request);
      // Servers of this kind differ in two fields; what one refuses is said another way, once each.
      for (const quirk of [withoutResponseFormat, withNewerLimit]) {
        const changed: JsonObject | null = answer.status === 400 ? quirk(body, answer.text) : null;
        if (changed) {
          body = changed;
          answer = await post(body, request);
        }
      }
      if (answer.status !== 200) throw refusal(answer.status, answer.text, model);
      return readAnswer(answer.text, model, request);
    },
  };
}

function bodyOf(model: string, request: ModelRequest): JsonObject {
  const rules = request.schema === null ? null : `Answer with JSON alone, nothing around it, that follows this JSON Schema:\n${JSON.stringify(request.schema)}`;
  const system = [request.system, rules].filter((part) => part !== null).join('\n\n');
  return {
    model,
    messages: [...(system === '' ? [] : [{ role: 'system', content: system }]), { role: 'user', content: request.prompt }],
    ...(request.maximumTokens === null ? {} : { max_tokens: request.maximumTokens }),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.schema === null ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: request.schema } } }),
  };
}

function withoutResponseFormat({ response_format: format, ...body }: JsonObject, complaint: string): JsonObject | null {
  return format !== undefined && /response_format|json_schema/i.test(complaint) ? body : null;
}

function withNewerLimit({ max_tokens: limit, ...body }: JsonObject, complaint: string): JsonObject | null {
  return limit !== undefined && /max_completion_tokens/.test(complaint) ? { ...body, max_completion_tokens: limit } : null;
}

async function limitedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > longestAnswer) throw new StepError('work', `The model's server answered with more than ${longestAnswer} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(status: number, text: string, model: string): StepError {
  const failure = status === 401 || status === 403 ? 'permission' : status === 429 || status >= 500 ? 'network' : status === 404 ? 'environment' : 'input';
  const wayOut = { permission: 'Look at MISSIONGATE_MODEL_KEY.', network: 'Try again later.', environment: 'Look at MISSIONGATE_MODEL_URL and at the name of the model.', input: 'Look at the parameters.' }[failure];
  return new StepError(failure, `The server of the model ${JSON.stringify(model)} answered ${status}: ${reasonIn(text)}. ${wayOut}`);
}

function reasonIn(text: string): string {
  const value = parsed(text);
  const error = isJsonObject(value) ? value['error'] : null;
  const message = isJsonObject(error) ? error['message'] : error;
  return (typeof message === 'string' ? message : text).replace(/\s+/g, ' ').slice(0, 300) || 'no reason was given';
}

async function readAnswer(text: string, model: string, request: ModelRequest): Promise<ModelAnswer> {
  const value = parsed(text);
  const choices = isJsonObject(value) ? value['choices'] : null;
  const choice: Json | undefined = Array.isArray(choices) ? (choices as readonly Json[])[0] : undefined;
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  const content = isJsonObject(message) ? message['content'] : undefined;
  if (!isJsonObject(value) || !isJsonObject(choice) || typeof content !== 'string') throw new StepError('environment', `The server of the model ${JSON.stringify(model)} did not answer in the form of OpenAI's chat completions. Look at MISSIONGATE_MODEL_URL: it ends with /v1 with most servers.`);
  const usage: JsonObject = isJsonObject(value['usage']) ? value['usage'] : {};
  const count = async (name: string, of: string): Promise<number> => (typeof usage[name] === 'number' ? usage[name] : countTokens(of));
  return {
    text: content,
    model: typeof value['model'] === 'string' ? value['model'].slice(0, 200) : model,
    finishReason: typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : 'stop',
    // A server that does not count is counted for, so that budgets hold.
    promptTokens: await count('prompt_tokens', `${request.system ?? ''}\n\n${request.prompt}`),
    completionTokens: await count('completion_tokens', content),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message.slice(0, 200)) : 'unknown';
}
