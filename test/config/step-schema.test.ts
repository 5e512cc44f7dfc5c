import { readFileSync, writeFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { Json, JsonObject } from '../../src/kit/json.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { stepSchemas } from '../../src/steps/schema.ts';

const file = new URL('../../config/schemas/mission.v1.schema.json', import.meta.url);
const registry = createStepRegistry(builtInSteps);
/** What a schema can say: the same types without what they look at in words of their own. */
const byShape = createStepRegistry(builtInSteps.map((type) => ({ ...type, check: () => [] })));

/** `UPDATE_DOCS=1` writes it anew. */
it('the JSON Schema of missions knows every step type and its parameters', () => {
  const schema = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  const definitions = isJsonObject(schema['$defs']) ? schema['$defs'] : {};
  if (process.env['UPDATE_DOCS']) writeFileSync(file, `${JSON.stringify({ ...schema, $defs: { ...definitions, ...stepSchemas(registry) } }, null, 2)}\n`);
  else expect(definitions).toMatchObject(stepSchemas(registry));
});

const values: readonly (Json | undefined)[] = [undefined, null, [], {}, '', 'x', 0, -1, 1.5, 1e15, true, [null], ['x'], ['x', 'x'], [['x']], { a: 1 }, '${{ inputs.a }}', 'a ${{ inputs.a }}', ['x', '${{ inputs.a }}'], { a: '${{ inputs.a }}' }, '../x', '/abs', 'a\nb'];

function places(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  const inner = Array.isArray(value) ? (value as readonly Json[]).map((one, index) => [index, one] as const) : isJsonObject(value) ? Object.entries(value).map(([key, one]) => [key, one ?? null] as const) : [];
  return [path, ...inner.flatMap(([key, one]) => places(one, [...path, key]))];
}

function changed(value: Json, [key, ...rest]: readonly (string | number)[], to: Json | undefined): Json | undefined {
  if (key === undefined) return to;
  const entries = (Array.isArray(value) ? (value as readonly Json[]).map((one, index) => [index, one] as const) : Object.entries(value as JsonObject).map(([name, one]) => [name, one ?? null] as const))
    .flatMap(([name, one]) => {
      const next = name === key ? changed(one, rest, to) : one;
      return next === undefined ? [] : [[name, next] as const];
    });
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

it('and accepts what the reader accepts, whatever stands in them', { timeout: 120_000 }, () => {
  const schema = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  const follows = new Ajv2020({ strict: false }).compile(schema);
  const read = (mission: Json, stepTypes: typeof registry) => {
    const result = readMissionFile({ file: 'm.yml', text: JSON.stringify(mission) }, { stepTypes, readFile: () => 'version: 1\nname: o\nphases: [{ id: p, tasks: [{ id: t, uses: noop }] }]\n' });
    return result.ok ? [] : result.error.filter(({ code }) => code === 'parameter' || code === 'wrong-type' || code === 'unknown-step-type').map(({ message }) => message);
  };
  const wrong: string[] = [];
  let refused = 0;
  for (const type of builtInSteps) {
    for (const example of type.examples) {
      for (const path of places(example)) {
        for (const value of values) {
          const given = changed(example, path, value);
          const mission: Json = { version: 1, name: 'm', inputs: { a: { type: 'map' } }, phases: [{ id: 'p', tasks: [{ id: 't', uses: type.name, ...(given === undefined ? {} : { with: given }) }] }] };
          const accepts = follows(mission);
          if (!accepts) refused += 1;
          // Names that the reader has words of its own for, and another mission's inputs, are no matter of shape.
          if (type.name === 'mission') continue;
          const said = read(mission, accepts ? byShape : registry);
          if (accepts !== (said.length === 0)) wrong.push(`${type.name} ${path.join('.')} ${JSON.stringify(value)}: ${accepts ? `accepted, but ${said.join(' | ')}` : `refused, but the reader takes it: ${JSON.stringify(follows.errors?.[0])}`}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(2_000);
});
