import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { renderStepReference } from '../../src/steps/reference.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const PAGE = fileURLToPath(new URL('../../docs/reference/step-types.md', import.meta.url));
const registry = createStepRegistry(builtInSteps);

test('docs/reference/step-types.md is what the registry says (UPDATE_DOCS=1 writes it)', () => {
  const page = renderStepReference(registry);
  if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('every YAML example on the page is valid', () => {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map((match) => parse(match[1]!) as { uses: string; with?: Record<string, never> });
  expect(blocks.length).toBe(builtInSteps.reduce((count, type) => count + type.examples.length, 0));
  for (const block of blocks) expect(registry.check(block.uses, block.with ?? {})).toEqual([]);
});
