import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { compileParameters } from '../steps/parameters.ts';
import { readYaml } from './read-yaml.ts';
import { parameterWords } from './step-types.ts';
import { ProblemList } from './problems.ts';

/** What steps of this worker may reach, as its operator says. Everything is absent by default. */
export interface WorkerConfig {
  /** Hosts, addresses and networks besides the public ones. */
  readonly allow: readonly string[];
  /** Secrets for headers, each with the hosts it may go to. */
  readonly secrets: Readonly<Record<string, { readonly value: string; readonly hosts: readonly string[] }>>;
  /** MCP servers. */
  readonly tools: Readonly<Record<string, ToolServerConfig>>;
  readonly databases: Readonly<Record<string, { readonly url: string; readonly write: boolean }>>;
}

export type ToolServerConfig =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> };

export const emptyWorkerConfig: WorkerConfig = { allow: [], secrets: {}, tools: {}, databases: {} };

export interface WorkerConfigOptions {
  /** What is wrong with an entry of `network.allow`; null when nothing is. */
  readonly allowEntryProblem: (entry: string) => string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const name = { pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,99}$' };
const variable = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'Name of an environment variable of the worker that holds the value.' };
const host = { type: 'string', minLength: 1, maxLength: 253 };
const value = {
  description: 'Text, or {from: VARIABLE, prefix: text} for a value that stands in an environment variable.',
  oneOf: [{ type: 'string', maxLength: 10_000 }, { type: 'object', additionalProperties: false, required: ['from'], properties: { from: variable, prefix: { type: 'string', maxLength: 100, description: 'What stands before the value.' } } }],
};

/** The file's shape, published in `docs/reference/worker-configuration.md`. */
export const workerConfigSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    network: {
      type: 'object', additionalProperties: false, description: 'What steps may reach.',
      properties: { allow: { type: 'array', maxItems: 1000, items: { ...host }, description: 'Hosts (db.internal, *.staging.example), addresses and networks (10.0.0.0/8) that are not public and may be reached all the same.' } },
    },
    secrets: {
      type: 'object', propertyNames: name, description: 'Secrets for headers of `http` and `notify`.',
      additionalProperties: { type: 'object', additionalProperties: false, required: ['from', 'hosts'], properties: { from: variable, hosts: { type: 'array', minItems: 1, maxItems: 100, items: { ...host }, description: 'The hosts it may be sent to; *.example.com takes those below.' } } },
    },
    tools: {
      type: 'object', propertyNames: name, description: 'MCP servers for `tool`.',
      additionalProperties: {
        type: 'object', additionalProperties: false,
        properties: {
          command: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', maxLength: 10_000 }, description: 'Program and arguments of a server that speaks on its standard input and output.' },
          env: { type: 'object', additionalProperties: value, description: 'Environment of that program.' },
          url: { type: 'string', pattern: '^https?://', maxLength: 2000, description: 'A server that speaks HTTP, in place of a command.' },
          headers: { type: 'object', additionalProperties: value, description: 'Headers for that server.' },
        },
      },
    },
    databases: {
      type: 'object', propertyNames: name, description: 'PostgreSQL databases for `sql.query`.',
      additionalProperties: { type: 'object', additionalProperties: false, required: ['from'], properties: { from: variable, write: { type: 'boolean', description: 'True: statements may change data. Only reading when absent.' } } },
    },
  },
};

const check = compileParameters({ parameters: workerConfigSchema }, 'configuration');

export type WorkerConfigResult = { readonly ok: true; readonly config: WorkerConfig } | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the worker's configuration; all problems at once, as `file:line:column: message`. Values of variables never appear in one. */
export function readWorkerConfig(file: string, text: string, options: WorkerConfigOptions): WorkerConfigResult {
  const yaml = readYaml(file, text);
  if (!yaml.ok) return { ok: false, problems: yaml.error.map(inWords) };
  const written = yaml.value.value ?? {};
  const problems = new ProblemList(file);
  const report = (path: readonly (string | number)[], message: string): void => problems.add('worker-config', yaml.value.locate(path), message);
  if (!isJsonObject(written)) {
    report([], 'The configuration must be a mapping with network, secrets, tools, databases.');
    return { ok: false, problems: problems.list().map(inWords) };
  }
  for (const problem of check(written)) report(problem.path, parameterWords(problem));
  if (!problems.isEmpty) return { ok: false, problems: problems.list().map(inWords) };
  const config = complete(written, options, report);
  return problems.isEmpty ? { ok: true, config } : { ok: false, problems: problems.list().map(inWords) };
}

/** Every value that must not be seen, for the redactor. */
export function secretsOf(config: WorkerConfig): readonly string[] {
  const ofTools = Object.values(config.tools).flatMap((tool) => Object.values('url' in tool ? tool.headers : tool.env));
  const ofDatabases = Object.values(config.databases).flatMap(({ url }) => [url, URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '']);
  // A short value would be redacted everywhere it stands by chance.
  return [...Object.values(config.secrets).map((secret) => secret.value), ...ofTools, ...ofDatabases].filter((one) => one.length >= 6);
}

function complete(written: JsonObject, options: WorkerConfigOptions, report: (path: readonly (string | number)[], message: string) => void): WorkerConfig {
  const allow = ((written['network'] as { allow?: readonly string[] } | undefined)?.allow ?? []).filter((entry, index) => {
    const problem = options.allowEntryProblem(entry);
    if (problem !== null) report(['network', 'allow', index], `${problem}.`);
    return problem === null;
  });
  const from = (path: readonly (string | number)[], variableName: string): string => {
    const found = options.env[variableName] ?? '';
    if (found === '') report(path, `The environment variable ${variableName} is not set on this worker.`);
    return found;
  };
  const valueOf = (path: readonly (string | number)[], one: Json): string => (isJsonObject(one) ? `${textOf(one['prefix'])}${from([...path, 'from'], textOf(one['from']))}` : textOf(one));
  const valuesOf = (path: readonly (string | number)[], some: Json | undefined): Record<string, string> => Object.fromEntries(Object.entries(isJsonObject(some) ? some : {}).map(([key, one]) => [key, valueOf([...path, key], one ?? '')]));

  const secrets = mapped(written['secrets'], (key, one) => ({ value: from(['secrets', key, 'from'], textOf(one['from'])), hosts: one['hosts'] as readonly string[] }));
  const databases = mapped(written['databases'], (key, one) => {
    const url = from(['databases', key, 'from'], textOf(one['from']));
    if (url !== '' && !/^postgres(?:ql)?:\/\//.test(url)) report(['databases', key, 'from'], `The value of ${textOf(one['from'])} does not start with postgres://.`);
    return { url, write: one['write'] === true };
  });
  const tools = mapped(written['tools'], (key, one): ToolServerConfig => {
    const { command, url } = one as { command?: readonly string[]; url?: string };
    if ((command === undefined) === (url === undefined)) report(['tools', key], `The tool server ${JSON.stringify(key)} needs either "command" or "url".`);
    if (url !== undefined) return { url, headers: valuesOf(['tools', key, 'headers'], one['headers']) };
    return { command: command?.[0] ?? '', args: command?.slice(1) ?? [], env: valuesOf(['tools', key, 'env'], one['env']) };
  });
  return { allow, secrets, tools, databases };
}

/** The schema has seen to it that it is text where text is meant. */
function textOf(one: Json | undefined): string {
  return typeof one === 'string' ? one : '';
}

function mapped<T>(written: Json | undefined, make: (key: string, one: JsonObject) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(isJsonObject(written) ? written : {}).map(([key, one]) => [key, make(key, isJsonObject(one) ? one : {})]));
}

function inWords(problem: { file: string; line: number; column: number; message: string }): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
