import { describe, expect, it } from 'vitest';

import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { languageMissions } from './language-missions.ts';
import { writtenMissions } from './missions.ts';
import { simulatedSteps } from './simulated-steps.ts';

const all = [...writtenMissions, ...languageMissions];

describe('the missions of simulated worlds', () => {
  it('have names of their own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it.each(all)('can be read: $name', async ({ name, body, files }) => {
    const reading = await createDefinitionReader(simulatedSteps).readIssue({ number: 7, title: name, body }, async (path) => files?.[path] ?? null);
    expect(reading.ok ? [] : reading.problems).toEqual([]);
  });
});
