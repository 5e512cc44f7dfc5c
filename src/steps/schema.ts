import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import type { StepRegistry } from './registry.ts';
import type { StepType } from './step-type.ts';

const template: JsonObject = { description: 'A value known when the task runs: ${{ … }}.', type: 'string', pattern: String.raw`^\s*\$\{\{(?:(?!\}\})[\s\S])*\}\}\s*$` };
const textWithTemplates: JsonObject = { description: 'A text with ${{ … }} in it, known when the task runs.', type: 'string', pattern: String.raw`\$\{\{` };
/** Texts of fewer characters may be shorter than the template that stands for them. */
const longText = 1000;

/** Where a program is named it is written out: no template as a whole, and none in its name. */
const programSteps = ['command', 'test.run', 'lint.run', 'format.run'];

/** `$defs` of `config/schemas/mission.v1.schema.json` that say what step types there are and what each takes; a test compares. */
export function stepSchemas(registry: StepRegistry): { readonly template: Json; readonly textWithTemplates: Json; readonly uses: Json; readonly undoes: Json; readonly repairs: Json; readonly step: Json } {
  const named = (types: readonly StepType[]) => types.map(({ name }) => name);
  const workers = registry.types.filter((type) => type.isInlined !== true && type.waitsFor !== 'people');
  return {
    template,
    textWithTemplates,
    uses: { anyOf: [{ enum: named(registry.types) }, { type: 'string', pattern: String.raw`^mission:\.{1,2}/[^\\]*\.[yY][aA]?[mM][lL]$`, maxLength: 256 }] },
    undoes: { enum: named(workers) },
    repairs: { enum: named(workers.filter((type) => type.waitsFor === undefined)) },
    step: {
      allOf: registry.types.map((type) => ({
        if: { required: ['uses'], properties: { uses: { const: type.name } } },
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: { properties: { with: parametersOf(type) }, ...(needsParameters(type) ? { required: ['with'] } : {}) },
      })),
    },
  };
}

function needsParameters({ parameters }: StepType): boolean {
  return Array.isArray(parameters['required']) || Number(parameters['minProperties'] ?? 0) > 0;
}

function parametersOf(type: StepType): JsonObject {
  const open = withTemplates(type.parameters);
  const { properties } = type.parameters;
  const run = isJsonObject(properties) ? properties['run'] : undefined;
  if (!programSteps.includes(type.name) || !isJsonObject(run) || !isJsonObject(run['items']) || !isJsonObject(open['properties'])) return open;
  const program = { ...run['items'], description: 'The name of the program, written out.', minLength: 1, not: { pattern: textWithTemplates['pattern'] ?? '' } };
  return { ...open, properties: { ...open['properties'], run: { ...withTemplates(run), prefixItems: [program] } } };
}

/** A schema for values as they are written, in place of values as they are used: inside it, a template may stand for anything but plain text. */
function withTemplates(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => {
    switch (keyword) {
      case 'properties': return [keyword, isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one ?? null)])) : (value ?? null)];
      case 'items': case 'additionalProperties': return [keyword, written(value ?? null)];
      // A template fits several alternatives at once.
      case 'oneOf': case 'anyOf': return ['anyOf', each(value)];
      case 'allOf': return [keyword, each(value)];
      default: return [keyword, value ?? null];
    }
  }));
}

function each(schemas: Json | undefined): Json {
  return Array.isArray(schemas) ? (schemas as readonly Json[]).map((one) => (isJsonObject(one) ? withTemplates(one) : one)) : null;
}

function written(schema: Json): Json {
  if (!isJsonObject(schema) || Object.keys(schema).every((keyword) => keyword === 'description')) return schema;
  const { description, ...rest } = schema;
  const { type, maxLength = longText } = rest;
  if (type === 'string' && !('pattern' in rest) && Number(maxLength) >= longText) return schema;
  const takesText = type === 'string' || 'enum' in rest || (Array.isArray(type) && type.includes('string'));
  return { ...(description === undefined ? {} : { description }), anyOf: [withTemplates(rest), { $ref: `#/$defs/${takesText ? 'textWithTemplates' : 'template'}` }] };
}
