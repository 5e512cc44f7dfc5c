import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';

import { LENIENT_FORMATS } from './known-faults.ts';

export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Media {
  readonly schema?: Schema;
}

export interface ResponseShape {
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, ResponseShape | { readonly $ref: string }>>;
  readonly 'x-github': { readonly enabledForGitHubApps: boolean };
}

interface Extract {
  readonly version: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, Schema>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

// The package is CommonJS; under NodeNext its default export is typed as the module.
const addFormats = formatsModule as unknown as (ajv: Ajv2020) => void;

/** GitHub's description, with validators made when first needed. */
export class Description {
  readonly #extract: Extract;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  readonly #added = new Set<string>();
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    this.#extract = JSON.parse(readFileSync(new URL('github-extract.json', import.meta.url), 'utf8')) as Extract;
    addFormats(this.#ajv);
    for (const format of LENIENT_FORMATS) this.#ajv.addFormat(format, true);
  }

  get version(): string {
    return this.#extract.version;
  }

  operation(method: string, template: string): Operation | undefined {
    return this.#extract.paths[template]?.[method.toLowerCase()];
  }

  webhook(key: string): Schema | undefined {
    return this.#extract.webhooks[key];
  }

  /** Follows a reference into the components. */
  resolve<T>(node: T | { readonly $ref: string }): T {
    if (typeof node !== 'object' || node === null || !('$ref' in node)) return node;
    const [, , kind = '', name = ''] = node.$ref.split('/');
    return this.#extract.components[kind]?.[name] as T;
  }

  /** The validator of a schema, kept under a name. */
  validator(name: string, schema: Schema): ValidateFunction {
    let validate = this.#validators.get(name);
    if (validate === undefined) {
      validate = this.#ajv.compile(this.#convert(schema) as Schema);
      this.#validators.set(name, validate);
    }
    return validate;
  }

  /** OpenAPI 3.0 to JSON Schema 2020-12: `nullable`, boolean `exclusiveMinimum`, and components as schemas of their own. */
  #convert(node: unknown, names = false): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#convert(item));
    if (typeof node !== 'object' || node === null) return node;
    const given = node as Record<string, unknown>;
    if (!names && typeof given['$ref'] === 'string') return { $ref: this.#component(given['$ref']) };
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(given)) {
      if (!names && key === 'nullable') continue;
      result[key] = key === 'enum' && !names ? value : this.#convert(value, !names && key === 'properties');
    }
    if (names) return result;
    if (result['exclusiveMinimum'] === true) {
      result['exclusiveMinimum'] = result['minimum'];
      delete result['minimum'];
    }
    return given['nullable'] === true ? nullable(result) : result;
  }

  #component(ref: string): string {
    const name = ref.split('/').at(-1) ?? '';
    const id = `gh:${name}`;
    if (!this.#added.has(id)) {
      this.#added.add(id);
      const converted = this.#convert(this.resolve<Schema>({ $ref: ref })) as Schema;
      this.#ajv.addSchema({ ...converted, $id: id });
    }
    return id;
  }
}

function nullable(schema: Record<string, unknown>): unknown {
  if (typeof schema['type'] !== 'string') return { anyOf: [{ type: 'null' }, schema] };
  const values = schema['enum'];
  return { ...schema, type: [schema['type'], 'null'], ...(Array.isArray(values) && !values.includes(null) ? { enum: [...(values as unknown[]), null] } : {}) };
}
