import type { JsonObject } from '../kit/json.ts';
import type { GuardRegistry } from './registry.ts';

/** `$defs.guard` of `config/schemas/mission.v1.schema.json`, made from the registry; a test compares the two. */
export function guardSchema(registry: GuardRegistry): JsonObject {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['uses'],
    properties: {
      id: { $ref: '#/$defs/id' },
      uses: { description: 'What examines the work; docs/reference/guards.md says what each does and which metrics it gives.', enum: [...registry.names()] },
      with: { description: 'Parameters of the guard.', type: 'object' },
    },
    allOf: registry.types.map((type) => ({
      if: { required: ['uses'], properties: { uses: { const: type.name } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { properties: { with: type.parameters }, ...(Array.isArray(type.parameters['required']) ? { required: ['with'] } : {}) },
    })),
  };
}
