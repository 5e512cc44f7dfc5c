import type { JsonObject } from '../kit/json.ts';

/** Parts that the schemas of several step types share. */
export const pathSchema = { type: 'string', minLength: 1, maxLength: 4096 } as const;

export function path(description: string): JsonObject {
  return { ...pathSchema, description };
}

export function globs(description: string): JsonObject {
  return { type: 'array', minItems: 1, maxItems: 50, uniqueItems: true, items: { type: 'string', minLength: 1, maxLength: 500 }, description };
}

export function text(description: string, maxLength: number, minLength = 0): JsonObject {
  return { type: 'string', ...(minLength > 0 ? { minLength } : {}), maxLength, description };
}

export function whole(description: string, minimum: number, maximum: number): JsonObject {
  return { type: 'integer', minimum, maximum, description };
}

export function flag(description: string): JsonObject {
  return { type: 'boolean', description };
}

export function oneOf(values: readonly string[], description: string): JsonObject {
  return { enum: [...values], description };
}

/** Program and arguments, as `command` takes them. */
export const argvSchema = { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'string', maxLength: 100_000, pattern: '^[^\\u0000]*$' } } as const;

export function closed(properties: Readonly<Record<string, JsonObject>>, required: readonly string[] = []): JsonObject {
  return { type: 'object', additionalProperties: false, ...(required.length > 0 ? { required: [...required] } : {}), properties };
}
