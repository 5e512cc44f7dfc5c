import type { ErrorObject } from 'ajv';

import { Description } from './description.ts';
import type { Operation, Parameter, Schema } from './description.ts';
import { APP_OPERATIONS, KNOWN_FAULTS, PATH_ALIASES, UNDOCUMENTED_STATUSES } from './known-faults.ts';

export interface CalledOperation {
  readonly method: string;
  /** The path as the description writes it; null when the forge knows no such endpoint. */
  readonly route: string | null;
  /** The path as called, for messages. */
  readonly path: string;
}

export interface MadeRequest extends CalledOperation {
  readonly query: string;
  readonly body: unknown;
  /** Called with an App's JSON Web Token or an installation token. */
  readonly byApp: boolean;
}

export interface GivenAnswer extends CalledOperation {
  readonly status: number;
  readonly body: unknown;
  readonly contentType: string;
}

/** Compares requests, answers and webhooks with GitHub's description. Every method returns what is wrong, in words. */
export class Contract {
  readonly #description = new Description();

  get version(): string {
    return this.#description.version;
  }

  /** Method, path, query, body including unknown names, and whether Apps may call it at all. */
  request(made: MadeRequest): string[] {
    const found = this.#find(made);
    if (found === null) return isGraphql(made) ? [] : [`${made.method} ${made.path}: no such operation in GitHub's description`];
    const { key, operation } = found;
    const problems: string[] = [];
    if (made.byApp && !operation['x-github'].enabledForGitHubApps && !APP_OPERATIONS.has(key)) problems.push(`${key}: not enabled for GitHub Apps`);
    problems.push(...this.#query(key, operation, new URLSearchParams(made.query)));
    problems.push(...this.#body(key, operation, made.body));
    return problems;
  }

  #find(called: CalledOperation): { key: string; operation: Operation } | null {
    if (called.route === null) return null;
    const template = PATH_ALIASES[called.route] ?? called.route;
    const operation = this.#description.operation(called.method, template);
    return operation === undefined ? null : { key: `${called.method} ${template}`, operation };
  }

  #query(key: string, operation: Operation, query: URLSearchParams): string[] {
    const known = operation.parameters.map((one) => this.#description.resolve<Parameter>(one)).filter((one) => one.in === 'query');
    const problems: string[] = [];
    for (const name of new Set(query.keys())) {
      const parameter = known.find((one) => one.name === name || `${one.name}[]` === name);
      if (parameter === undefined) {
        problems.push(`${key}: unknown query parameter "${name}"`);
        continue;
      }
      const value = coerce(query.get(name) ?? '', parameter.schema, query.getAll(name));
      problems.push(...this.#check('request', `${key} ?${name}`, key, parameter.schema, value));
    }
    for (const parameter of known) {
      if (parameter.required === true && !query.has(parameter.name)) problems.push(`${key}: the query parameter "${parameter.name}" is required`);
    }
    return problems;
  }

  #body(key: string, operation: Operation, body: unknown): string[] {
    const expected = operation.requestBody;
    if (expected === undefined) {
      const empty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
      return empty ? [] : [`${key}: takes no body but got ${JSON.stringify(body).slice(0, 120)}`];
    }
    if (body === undefined) return expected.required === true ? [`${key}: needs a body`] : [];
    const schema = Object.values(expected.content)[0]?.schema;
    if (schema === undefined) return [];
    // GitHub's schemas leave objects open, so a misspelt name would pass the validator.
    const names = propertyNames(this.#description, schema);
    const unknown = names === null || typeof body !== 'object' || body === null || Array.isArray(body) ? [] : Object.keys(body).filter((name) => !names.has(name));
    return [...unknown.map((name) => `${key}: unknown name "${name}" in the body`), ...this.#check('request', `${key} body`, key, schema, body)];
  }

  /** Status documented, body as its schema says. */
  answer(given: GivenAnswer): string[] {
    if (given.status === 304) return given.body === null || given.body === undefined ? [] : [`${given.method} ${given.path}: 304 with a body`];
    const found = this.#find(given);
    if (found === null) return given.status === 404 || isGraphql(given) ? [] : [`${given.method} ${given.path}: answered ${given.status} for an operation GitHub does not have`];
    const { key, operation } = found;
    const shape = operation.responses[String(given.status)];
    const name = `${key} ${given.status}`;
    if (shape === undefined) {
      if (!UNDOCUMENTED_STATUSES.includes(given.status)) return [`${name}: this status is not documented`];
      return this.#check('response', 'error', key, { anyOf: [{ $ref: '#/components/schemas/validation-error' }, { $ref: '#/components/schemas/basic-error' }] }, given.body).map((one) => `${name}: ${one}`);
    }
    const { content } = this.#description.resolve(shape);
    if (content === undefined) {
      const quiet = given.body === undefined || given.body === null || (given.status >= 400 && typeof given.body === 'object') || given.status === 202;
      return quiet ? [] : [`${name}: should have no body`];
    }
    // Raw and diff media types answer text.
    if (!given.contentType.includes('json') || given.contentType.includes('raw')) return typeof given.body === 'string' ? [] : [`${name}: should be text`];
    if (Array.isArray(given.body) && content['application/json']?.schema === undefined) return [];
    const schema = content['application/json']?.schema ?? Object.values(content)[0]?.schema;
    const problems = schema === undefined ? [] : this.#check('response', name, key, schema, given.body);
    const other = content['application/vnd.github.object']?.schema;
    if (problems.length > 0 && other !== undefined && this.#check('response', `${name} object`, key, other, given.body).length === 0) return [];
    return problems;
  }

  /** A webhook's payload. `repository_dispatch` is described once for every action. */
  webhook(event: string, action: string | null, payload: unknown): string[] {
    const dashed = event.replaceAll('_', '-');
    const wanted = event === 'repository_dispatch' ? 'repository-dispatch-sample.collected' : action === null ? dashed : `${dashed}-${action.replaceAll('_', '-')}`;
    const schema = this.#description.webhook(wanted);
    if (schema === undefined) return [`webhook ${wanted}: not in GitHub's description`];
    return this.#check('webhook', `webhook ${wanted}`, wanted, schema, payload);
  }

  #check(where: 'request' | 'response' | 'webhook', name: string, key: string, schema: Schema, value: unknown): string[] {
    const validate = this.#description.validator(name, schema);
    if (validate(value)) return [];
    const real = (validate.errors ?? []).filter((error) => !forgiven(where, key, error));
    // Branch errors of `anyOf` alone say nothing once their causes are forgiven.
    const causes = real.filter((error) => !['anyOf', 'oneOf', 'allOf', 'if'].includes(error.keyword));
    if (causes.length === 0 && real.length < (validate.errors ?? []).length) return [];
    return real.slice(0, 8).map((error) => `${name}${error.instancePath}: ${error.message ?? error.keyword} ${JSON.stringify(error.params)}`);
  }
}

function forgiven(where: string, key: string, error: ErrorObject): boolean {
  return KNOWN_FAULTS.some((fault) => fault.where === where && fault.keyword === error.keyword && fault.key.test(key) && fault.at.test(error.instancePath));
}

function isGraphql(called: CalledOperation): boolean {
  return called.route === '/graphql';
}

/** Query values are texts; the description types them. */
function coerce(value: string, schema: Schema, all: readonly string[]): unknown {
  if (schema['type'] === 'integer' || schema['type'] === 'number') return /^-?\d+$/.test(value) ? Number(value) : value;
  if (schema['type'] === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return schema['type'] === 'array' ? all : value;
}

/** Every top-level name a body may have, over all its variants; null when the schema does not say. */
function propertyNames(description: Description, given: Schema): Set<string> | null {
  const schema = description.resolve<Schema>(given);
  const names = new Set(Object.keys((schema['properties'] as Schema | undefined) ?? {}));
  if (schema['additionalProperties'] === true) return null;
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    for (const variant of (schema[keyword] as Schema[] | undefined) ?? []) for (const name of propertyNames(description, variant) ?? []) names.add(name);
  }
  return names.size === 0 ? null : names;
}
