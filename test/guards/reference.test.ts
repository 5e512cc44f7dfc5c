import { readFileSync, writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { readMissionWithInputs } from '../../src/config/read-mission-file.ts';
import { renderGuardReference } from '../../src/guards/reference.ts';
import { guards } from '../../src/guards/registry.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const file = new URL('../../docs/reference/guards.md', import.meta.url);
const mark = '<!-- made from the registry -->\n';

describe('docs/reference/guards.md', () => {
  it('tells every guard type and metric as the registry has it', () => {
    const text = readFileSync(file, 'utf8');
    const wanted = `${text.slice(0, text.indexOf(mark) + mark.length)}\n${renderGuardReference(guards)}`;
    if (process.env['UPDATE_DOCS']) writeFileSync(file, wanted);
    else expect(text).toBe(wanted);
  });

  it('begins with a mission file that is valid', () => {
    const [, text = ''] = /```yaml\n([^]*?)```/.exec(readFileSync(file, 'utf8')) ?? [];
    const read = readMissionWithInputs({ file: 'm.yml', text }, { stepTypes: createStepRegistry(builtInSteps) });
    expect(read.ok ? [] : read.error).toEqual([]);
  });
});
