import type { JsonObject } from '../kit/json.ts';

const path = { type: 'string', minLength: 1, maxLength: 4096, description: 'A file, relative to the root of the repository.' } as const;

function fields(description: string, properties: Readonly<Record<string, JsonObject>>): JsonObject {
  return { type: 'object', description, additionalProperties: false, required: Object.keys(properties), properties };
}

/** Schema of `script`: what a scripted agent does, move by move. Owned here because a definition is checked with it. */
export const agentMoves: JsonObject = {
  type: 'array',
  minItems: 1,
  maxItems: 1000,
  description: 'Moves for an agent that follows a script (the scripted agent of the demo and of tests). Other agents ignore it.',
  items: {
    type: 'object',
    description: 'One move: exactly one of write, edit, delete, run, say.',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties: {
      write: fields('{path, content}: writes a file.', { path, content: { type: 'string', maxLength: 1_000_000, description: 'The whole content.' } }),
      edit: fields('{path, find, replace}: replaces a text that stands exactly once in a file.', {
        path,
        find: { type: 'string', minLength: 1, description: 'Text that stands exactly once in the file.' },
        replace: { type: 'string', description: 'What takes its place.' },
      }),
      delete: fields('{path}: removes a file.', { path }),
      run: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^[^\\u0000]*$' }, description: '[program, argument, …]: runs a program, which must exit with 0.' },
      say: { type: 'string', maxLength: 10_000, description: 'A line for the report.' },
    },
  },
};
