import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { nearestWord } from '../kit/nearest-word.ts';
import { patternWords } from './schema-parts.ts';
import type { ParameterProblem, StepType } from './step-type.ts';

// `verbose` puts the offending value and schema into each error; strict mode makes a misspelt keyword a thrown error.
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true });

/**
 * A check by a schema that reports every problem at once. The schema is compiled when the check is used for the first time, since most processes
 * use few of many; one that is none throws then.
 * @param root what messages call the value as a whole.
 */
export function compileParameters(type: Pick<StepType, 'parameters' | 'check'>, root = 'with'): (parameters: JsonObject) => readonly ParameterProblem[] {
  let compiled: ValidateFunction | undefined;
  return (parameters) => {
    const validate = (compiled ??= ajv.compile(type.parameters));
    if (validate(parameters)) return type.check?.(parameters) ?? [];
    return onceEach((validate.errors ?? []).flatMap((error) => problemOf(error, root)));
  };
}

/** `anyOf` and `oneOf` repeat what their branches said. */
function onceEach(problems: readonly ParameterProblem[]): readonly ParameterProblem[] {
  const told = new Map<string, ParameterProblem>();
  for (const one of problems) {
    const key = `${one.path.join('/')}\0${one.message}`;
    if (!told.has(key)) told.set(key, one);
  }
  return [...told.values()];
}

function problemOf(error: ErrorObject, root: string): ParameterProblem[] {
  const path = pointerPath(error.instancePath);
  const schema = isJsonObject(error.parentSchema) ? error.parentSchema : {};
  const facts: Record<string, unknown> = error.params;
  const at = [root, ...path].join('.');
  const found = shorten(error.data as Json);
  switch (error.keyword) {
    // These sum up what other errors of the same value say in detail.
    case 'if': case 'oneOf': case 'anyOf':
      return error.keyword === 'if' ? [] : [problem(path, `${at} fits none of the allowed forms`, found, alternatives(schema))];
    case 'required': {
      const name = String(facts['missingProperty']);
      return [problem([...path, name], `${at}.${name} is missing`, null, expectation(propertyOf(schema, name)))];
    }
    case 'additionalProperties': case 'unevaluatedProperties': {
      const name = String(facts['additionalProperty'] ?? facts['unevaluatedProperty']);
      const known = Object.keys(isJsonObject(schema['properties']) ? schema['properties'] : {});
      const nearest = nearestWord(name, known);
      const hint = nearest ? `; did you mean ${JSON.stringify(nearest)}?` : '';
      const value = isJsonObject(error.data) ? error.data[name] : null;
      return [problem([...path, name], `${at} has no parameter ${JSON.stringify(name)}${hint}`, shorten(value ?? null), `one of: ${known.join(', ')}`, nearest, 'name')];
    }
    case 'enum': {
      const allowed = (facts['allowedValues'] as Json[]).map((value) => JSON.stringify(value));
      const nearest = typeof error.data === 'string' ? nearestWord(error.data, (facts['allowedValues'] as Json[]).filter((value) => typeof value === 'string')) : null;
      return [problem(path, `${at} is not one of the allowed values${nearest ? `; did you mean ${JSON.stringify(nearest)}?` : ''}`, found, `one of: ${allowed.join(', ')}`, nearest)];
    }
    case 'minProperties': case 'maxProperties':
      return [problem(path, `${at} must have ${facts['limit'] === 1 && schema['minProperties'] === schema['maxProperties'] ? 'exactly one' : `${error.keyword === 'minProperties' ? 'at least' : 'at most'} ${String(facts['limit'])}`} of its parameters`, found, expectation(schema))];
    case 'pattern': {
      const words = patternWords.get(String(facts['pattern']));
      return [problem(path, `${at} ${words ?? 'is not written as expected'}`, found, words === undefined ? expectation(schema) : 'text')];
    }
    case 'type':
      return [problem(path, `${at} has the wrong type`, found, expectation(schema), null, 'type')];
    default:
      return [problem(path, `${at} ${error.message ?? 'is not valid'}`, found, expectation(schema))];
  }
}

function problem(path: readonly (string | number)[], message: string, found: string | null, expected: string, nearest: string | null = null, kind?: ParameterProblem['kind']): ParameterProblem {
  return { path, message: `${message}.`.replace(/\?\.$/, '?'), found, expected, nearest, ...(kind === undefined ? {} : { kind }) };
}

function propertyOf(schema: JsonObject, name: string): JsonObject {
  const properties = schema['properties'];
  const property = isJsonObject(properties) ? properties[name] : null;
  return isJsonObject(property) ? property : {};
}

/** Types of JSON Schema as people who write YAML call them. */
const typeWords: Readonly<Record<string, string>> = { object: 'a mapping', array: 'a list', string: 'text', integer: 'a whole number', number: 'a number', boolean: 'true or false', null: 'nothing' };

/** The schema in words: its description, else its type. */
function expectation(schema: JsonObject): string {
  const written = schema['type'];
  const types = (Array.isArray(written) ? (written as readonly Json[]) : [written]).flatMap((one) => (typeof one === 'string' ? [typeWords[one] ?? one] : []));
  const type = types.length === 0 ? 'a value' : types.join(' or ');
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  return description === '' ? type : `${type}: ${description}`;
}

function alternatives(schema: JsonObject): string {
  const branches = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(branches) ? branches.map((branch: Json) => expectation(isJsonObject(branch) ? branch : {})).join('; or ') : expectation(schema);
}

/** RFC 6901 pointer → names and positions. */
function pointerPath(pointer: string): (string | number)[] {
  return pointer.split('/').slice(1).map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function shorten(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
