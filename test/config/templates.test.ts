import { readdirSync, readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { givenInputs } from '../../src/config/inputs.ts';
import { readMissionWithInputs } from '../../src/config/read-mission-file.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { Json } from '../../src/kit/json.ts';

const folder = new URL('../../config/missions/', import.meta.url);
const names = readdirSync(folder).sort();
const stepTypes = createStepRegistry(builtInSteps);
const followsSchema = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(new URL('../../config/schemas/mission.v1.schema.json', import.meta.url), 'utf8')) as object);

function load(name: string, values: Readonly<Record<string, Json>> | null) {
  const text = readFileSync(new URL(name, folder), 'utf8');
  return readMissionWithInputs({ file: name, text }, { stepTypes, ...(values ? { inputs: givenInputs('test', values) } : {}) });
}

describe('the missions that ship with the product', () => {
  test('are those that people look for', () => {
    expect(names).toEqual(['add-feature.yml', 'fix-bug.yml', 'raise-coverage.yml', 'security-review.yml', 'six-phases.yml', 'ten-stages.yml', 'upgrade-dependencies.yml', 'write-docs.yml']);
  });

  test.each(names)('%s is valid without values, follows the schema, and is planned with them', (name) => {
    const checked = load(name, null);
    if (!checked.ok) throw new Error(checked.error.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
    expect(followsSchema(parse(readFileSync(new URL(name, folder), 'utf8'))), JSON.stringify(followsSchema.errors)).toBe(true);
    const values = Object.fromEntries(checked.value.inputs.filter(({ required }) => required).map((input): [string, Json] => [input.name, 'something']));
    const read = load(name, values);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.definition.name).not.toContain('${{');
    expect(makePlan(read.value.definition)).toMatchObject({ ok: true });
    expect(read.value.inputs.filter(({ description }) => description === '')).toEqual([]);
  });

  test.each(names)('%s shows its work to a person before it ends', (name) => {
    const read = load(name, null);
    const last = read.ok ? read.value.definition.phases.at(-1) : undefined;
    expect(last?.gate?.approvals.count).toBeGreaterThanOrEqual(1);
  });

  test('the ten stages and the six phases are in order, with a decision after each', () => {
    const phases = (name: string) => {
      const read = load(name, null);
      return read.ok ? read.value.definition.phases.map(({ id, gate }) => (gate ? id : `${id} without gate`)) : [];
    };
    expect(phases('ten-stages.yml')).toEqual(['discovery', 'goal', 'requirements', 'planning', 'design', 'implement', 'verify', 'validate', 'document', 'release']);
    expect(phases('six-phases.yml')).toEqual(['idea', 'design', 'implement', 'verify', 'document', 'release']);
  });

  test('every rubric has a guard that measures it', () => {
    const unmeasured = names.flatMap((name) => {
      const read = load(name, null);
      return (read.ok ? read.value.definition.phases : []).flatMap(({ id, guards, gate }) => {
        const metrics = guards.flatMap((guard) => (guard.uses === 'diff' ? ['files_changed', 'lines_added', 'lines_deleted'] : [`${guard.id.replaceAll('-', '_')}_failed`, `${guard.id.replaceAll('-', '_')}_passed`]));
        return Object.keys(gate?.rubric ?? {}).map((key) => key.replace(/_(max|min|range|required)$/, '')).filter((metric) => !metrics.includes(metric)).map((metric) => `${name} ${id} ${metric}`);
      });
    });
    expect(unmeasured).toEqual([]);
  });
});
