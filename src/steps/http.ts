import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { checkDepth } from './data-source.ts';
import { maximumOutputBytes } from './output-size.ts';
import { closed, text, whole } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type ParameterProblem, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface HttpParameters {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly 'secret-headers'?: Readonly<Record<string, { readonly secret: string; readonly prefix?: string }>>;
  readonly body?: string;
  readonly json?: Json;
  readonly expect?: readonly number[];
  readonly 'max-bytes'?: number;
  readonly 'max-redirects'?: number;
  readonly 'timeout-seconds'?: number;
}

/** Headers that hold credentials: a definition is public to whoever reads the repository, so their values never stand in it. */
const secretNames = /^(?:authorization|cookie|proxy-authorization|x-api-key|.*(?:token|secret|password|api-?key).*)$/i;
/** Headers that frame the message; the client sets them. */
const framing = /^(?:host|content-length|transfer-encoding|connection|upgrade|expect|te|trailer|keep-alive|proxy-.*)$/i;

export const headerName = { pattern: '^[A-Za-z0-9!#$%&\'*+.^_`|~-]{1,100}$' } as const;

/** Headers with secrets, by name of a secret in the worker's configuration. Also for `notify`. */
export const secretHeadersSchema: JsonObject = {
  type: 'object',
  maxProperties: 10,
  propertyNames: { ...headerName },
  additionalProperties: closed({ secret: text('Name of a secret in the worker’s configuration.', 100, 1), prefix: text('What stands before it, like "Bearer ".', 40) }, ['secret']),
  description: 'Headers whose value is a secret: {Authorization: {secret: STATUS_PAGE, prefix: "Bearer "}}. The worker’s configuration names the secret and the hosts it may go to.',
};

/** Asks a web server. */
export const http: StepType = {
  name: 'http',
  summary: 'Sends one HTTP request and succeeds when the status is expected: outputs "status", "headers", "body", and "json" when the answer is JSON. Only public addresses are reached, also after redirects, unless the worker’s policy allows others.',
  needsWorkspace: false,
  effects: ['network'],
  parameters: closed({
    url: text('http or https; no user or password in it.', 8000, 1),
    method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], description: 'GET when absent; POST when there is a body.' },
    headers: { type: 'object', maxProperties: 50, propertyNames: { ...headerName }, additionalProperties: { type: 'string', maxLength: 8000, pattern: '^[^\\r\\n\\u0000]*$' }, description: 'Headers. None with credentials: they come by "secret-headers".' },
    'secret-headers': secretHeadersSchema,
    body: text('What is sent, as it is.', 1_000_000),
    json: { description: 'A value that is sent as JSON, in place of a body.' },
    expect: { type: 'array', minItems: 1, maxItems: 50, items: { type: 'integer', minimum: 100, maximum: 599 }, description: 'Statuses that count as success; 200 to 299 when absent.' },
    'max-bytes': whole('A longer answer fails the task; 1,000,000 when absent. Answers above 200,000 bytes are evidence, not an output.', 1, 10_000_000),
    'max-redirects': whole('Redirects that are followed; 5 when absent, none with 0.', 0, 20),
    'timeout-seconds': whole('For the whole request, redirects included; 30 when absent.', 1, 600),
  }, ['url']),
  examples: [
    { url: 'https://api.example.com/health' },
    { url: 'https://api.example.com/items', method: 'POST', json: { name: 'demo' }, expect: [200, 201], 'secret-headers': { Authorization: { secret: 'EXAMPLE_API', prefix: 'Bearer ' } } },
  ],
  check: checkHttp,
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as HttpParameters;
    const { network } = outsideOf(context);
    const hasBody = parameters.body !== undefined || parameters.json !== undefined;
    const method = parameters.method ?? (hasBody ? 'POST' : 'GET');
    const answer = await network.request({
      method,
      url: parameters.url,
      headers: { ...(parameters.json === undefined ? {} : { 'content-type': 'application/json' }), ...parameters.headers },
      secretHeaders: secretHeaders(context, parameters.url, parameters['secret-headers']),
      body: parameters.json === undefined ? (parameters.body ?? null) : JSON.stringify(parameters.json),
      maximumBytes: parameters['max-bytes'] ?? 1_000_000,
      maximumRedirects: parameters['max-redirects'] ?? 5,
      timeoutMs: Math.min(context.timeoutMs, (parameters['timeout-seconds'] ?? 30) * 1000),
      signal: context.signal,
    });
    const type = answer.headers['content-type'] ?? 'text/plain';
    const body = answer.body.toString('utf8');
    const artifacts = [{ name: 'answer', mediaType: type.split(';')[0]!.trim().slice(0, 100) || 'text/plain', text: body }];
    const isExpected = parameters.expect ? parameters.expect.includes(answer.status) : answer.status >= 200 && answer.status < 300;
    if (!isExpected) {
      // A server that asks for a pause or is in trouble may do better later; what it refuses it will refuse again.
      const failure = answer.status === 429 || answer.status >= 500 ? 'network' : 'work';
      throw new StepError(failure, `${method} ${withoutQuery(answer.url)} answered ${answer.status}; expected ${parameters.expect?.join(', ') ?? '200 to 299'}.`, artifacts);
    }
    return { summary: `${method} ${withoutQuery(answer.url)} answered ${answer.status}.`, outputs: outputsOf(answer.status, answer.headers, body, answer.url, type), artifacts };
  },
};

function checkHttp(parameters: JsonObject): readonly ParameterProblem[] {
  const { url, headers = {}, body, json, 'secret-headers': secrets = {}, method } = parameters as unknown as HttpParameters;
  const problems: ParameterProblem[] = [...urlProblems('url', url)];
  if (body !== undefined && json !== undefined) problems.push({ path: [], message: 'with has both "body" and "json".', found: null, expected: 'one of the two', nearest: null });
  if ((body !== undefined || json !== undefined) && (method === 'GET' || method === 'HEAD')) problems.push({ path: ['method'], message: `with.method is ${method}, which sends no body.`, found: method, expected: 'POST, PUT or PATCH', nearest: null });
  for (const name of Object.keys(headers)) {
    if (secretNames.test(name)) problems.push({ path: ['headers', name], message: `with.headers.${name} is a credential, and a definition is public. Name a secret of the worker's configuration: "secret-headers: {${name}: {secret: NAME}}".`, found: '"…"', expected: 'a header without a secret', nearest: null });
  }
  for (const [part, names] of [['headers', headers], ['secret-headers', secrets]] as const) {
    for (const name of Object.keys(names)) if (framing.test(name)) problems.push({ path: [part, name], message: `with.${part}.${name} is set by the worker itself.`, found: JSON.stringify(name), expected: 'another header', nearest: null });
  }
  return problems;
}

/** What a URL in a definition cannot be. Templates are checked when they have become URLs. */
export function urlProblems(name: string, url: string): readonly ParameterProblem[] {
  if (url.includes('${{')) return [];
  const reason = !URL.canParse(url) ? 'is not a URL' : !/^https?:$/.test(new URL(url).protocol) ? 'is neither http nor https' : new URL(url).username !== '' || new URL(url).password !== '' ? 'holds a user or a password; name a secret in "secret-headers"' : null;
  return reason === null ? [] : [{ path: [name], message: `with.${name} ${reason}.`, found: null, expected: 'a URL like https://example.com/health', nearest: null }];
}

/** The secrets a step names, as headers for a URL; refused in words when there is none for it. */
export function secretHeaders(context: StepContext, url: string, named: HttpParameters['secret-headers']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, { secret, prefix = '' }] of Object.entries(named ?? {})) {
    const found = outsideOf(context).secrets.forUrl(secret, url);
    if (!found.ok) throw new StepError('permission', found.reason);
    headers[name] = prefix + found.value;
  }
  return headers;
}

function outputsOf(status: number, headers: Readonly<Record<string, string>>, body: string, url: string, type: string): Record<string, Json> {
  const { 'set-cookie': _dropped, ...shown } = headers;
  const small = Buffer.byteLength(body) <= maximumOutputBytes / 2;
  const json = small && /[/+]json\b/i.test(type) ? parsed(body) : undefined;
  return { status, url, headers: shown, ...(small ? { body } : {}), ...(json === undefined ? {} : { json }) };
}

function parsed(body: string): Json | undefined {
  try {
    const value = JSON.parse(body) as Json;
    if (isJsonObject(value) || Array.isArray(value)) checkDepth('the answer', value);
    return value;
  } catch {
    return undefined;
  }
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
