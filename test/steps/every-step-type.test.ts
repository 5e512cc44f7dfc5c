import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { stepEffects } from '../../src/steps/step-type.ts';
import { createStepWorld, zipOf, type StepWorld } from './support/step-world.ts';

const registry = createStepRegistry(builtInSteps);
let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
  steps.world.server.commit('main', { 'src/more.js': 'exports.more = 1;\n' }, 'More');
});
afterAll(() => steps.close());

describe('every built-in step type', () => {
  for (const type of registry.types) {
    test(`${type.name} has a closed schema whose parameters are all described`, () => {
      expect(type.parameters['additionalProperties']).toBe(false);
      expect(type.summary).toMatch(/^[A-Z].*\.$/);
      const properties = Object.entries(type.parameters['properties'] as Record<string, { description?: string }>);
      expect(properties.filter(([, schema]) => !schema.description).map(([name]) => name)).toEqual([]);
    });

    test(`${type.name} declares what it may do to the world`, () => {
      expect(type.effects.length).toBeGreaterThan(0);
      expect(type.effects.filter((effect) => !stepEffects.includes(effect))).toEqual([]);
      if (type.effects.includes('none')) expect(type.effects).toEqual(['none']);
      if (type.effects.includes('writes-files') || type.effects.includes('runs-programs')) expect(type.needsWorkspace).toBe(true);
    });

    for (const [index, example] of type.examples.entries()) {
      const isElsewhere = type.waitsFor === 'people' || type.isInlined === true;
      test(`example ${index + 1} of ${type.name} is valid and ${isElsewhere ? 'is not carried out as a step' : 'runs'}`, async () => {
        expect(registry.check(type.name, example)).toEqual([]);
        if (isElsewhere) {
          expect(await steps.failing(type.name, example)).toMatchObject({ failure: 'input' });
          return;
        }
        const workspace = type.needsWorkspace ? await steps.world.open() : null;
        await workspace?.tree?.writeBytes('assets/icons.zip', await zipOf([{ path: 'a.svg' }, { path: 'b.svg' }]));
        await workspace?.writeFile('package.json', JSON.stringify({ scripts: { test: 'node --version', lint: 'node --version', format: 'node --version' } }));
        const { outcome } = await steps.run(type.name, example, { workspace, timeoutMs: 86_400_000 });
        expect(outcome.summary).not.toBe('');
        const inverse = type.inverse?.(example, outcome.outputs) ?? null;
        if (inverse !== null) expect(registry.check(inverse.uses, inverse.with)).toEqual([]);
      });
    }
  }
});
