import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { templatesIn } from '../core/expression/template.ts';
import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { linearRegExp } from './patterns.ts';
import { checkDepth } from './data-source.ts';
import { StepError, type ParameterProblem } from './step-type.ts';

const options = { allErrors: true, strict: false, validateFormats: true, code: { regExp: linearRegExp }, logger: false } as const;

/**
 * Checks a value by somebody's JSON Schema (2020-12, or draft-07 when it says so). Nothing is fetched: a reference out of the
 * schema is refused. Patterns run in linear time. Every error comes back, as `path: message`; none means it is valid.
 */
export function schemaErrors(name: string, schema: JsonObject, value: Json): readonly string[] {
  const validate = compiled(name, schema);
  return validate(value) ? [] : (validate.errors ?? []).map(inWords);
}

/** What is wrong with a schema that stands in a definition, so that it is told before anything runs. One with templates in it is looked at when they are filled in. */
export function schemaProblems(name: string, schema: Json | undefined): readonly ParameterProblem[] {
  if (!isJsonObject(schema) || templatesIn(schema).length > 0) return [];
  try {
    compiled(`with.${name}`, schema);
    return [];
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return [{ path: [name], message: error.message, found: null, expected: 'a JSON Schema of draft 2020-12 or draft-07', nearest: null }];
  }
}

function compiled(name: string, schema: JsonObject): ValidateFunction {
  checkDepth(name, schema);
  const draft = typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  const ajv = /draft-0[4-7]/.test(draft) ? new Ajv(options) : new Ajv2020(options);
  // oxlint-disable-next-line typescript/no-unsafe-call -- the module's default is the function itself
  (addFormats as unknown as (to: Ajv, formats?: readonly string[]) => void)(ajv, ['date', 'time', 'date-time', 'email', 'uuid', 'ipv4', 'ipv6', 'hostname']);
  try {
    return ajv.compile(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 300) : 'it cannot be read';
    if (/can't resolve reference/.test(reason)) throw new StepError('input', `${name} refers to a schema that is not in it (${reason.slice(0, 200)}). Nothing is fetched: put it under "$defs".`);
    throw new StepError('input', `${name} is no JSON Schema: ${reason}.`);
  }
}

function inWords(error: ErrorObject): string {
  const facts: Record<string, unknown> = error.params;
  const extra = facts['additionalProperty'] ?? (error.keyword === 'enum' ? (facts['allowedValues'] as Json[]).map((one) => JSON.stringify(one)).join(', ') : null);
  return `${error.instancePath === '' ? '/' : error.instancePath}: ${error.message ?? error.keyword}${typeof extra === 'string' ? ` (${extra.slice(0, 200)})` : ''}`;
}
