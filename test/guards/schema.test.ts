import { readFileSync, writeFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { guards } from '../../src/guards/registry.ts';
import { guardSchema } from '../../src/guards/schema.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { JsonObject } from '../../src/kit/json.ts';

const file = new URL('../../config/schemas/mission.v1.schema.json', import.meta.url);

/** `UPDATE_DOCS=1` writes it anew. */
it('the JSON Schema of missions knows every guard type and its parameters', () => {
  const schema = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  const definitions = isJsonObject(schema['$defs']) ? schema['$defs'] : {};
  if (process.env['UPDATE_DOCS']) writeFileSync(file, `${JSON.stringify({ ...schema, $defs: { ...definitions, guard: guardSchema(guards) } }, null, 2)}\n`);
  else expect(definitions['guard']).toEqual(guardSchema(guards));
});
