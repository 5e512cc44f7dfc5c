import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { givenInputs } from '../../src/config/inputs.ts';
import { collectWords, fanOutModes } from '../../src/config/read-strategy.ts';
import { readMissionWithInputs } from '../../src/config/read-mission-file.ts';
import { readMissionIssue } from '../../src/config/read-mission-issue.ts';
import { missionKeys } from '../../src/config/read-mission.ts';
import { phaseKeys } from '../../src/config/read-phase.ts';
import { taskKeys } from '../../src/config/read-task.ts';
import { parseExpression } from '../../src/core/expression/parse.ts';
import { globalFunctions } from '../../src/core/expression/functions.ts';
import { methods } from '../../src/core/expression/methods.ts';
import { expressionLimits } from '../../src/core/expression/limits.ts';
import { rootNames } from '../../src/core/expression/context.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { Json } from '../../src/kit/json.ts';
import { someStepTypes } from './step-types.ts';

const stepTypes = createStepRegistry(builtInSteps);

function page(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

/** The fenced blocks of a page with the given opening. */
function blocks(name: string, opening: string): string[] {
  const fence = /^`+/.exec(opening)?.[0] ?? '```';
  return page(name)
    .split(`\n${opening}\n`)
    .slice(1)
    .map((part) => part.slice(0, part.indexOf(`\n${fence}\n`)));
}

const files = ['reference/mission-file.md', 'use/write-a-mission.md'].flatMap((name) => blocks(name, '```yaml').map((text, index) => ({ name: `${name} ${index + 1}`, text })));

describe('the examples in the documentation', () => {
  test('are many', () => expect(files.length).toBeGreaterThanOrEqual(7));

  test.each(files)('the mission file of $name is valid, and is planned', ({ text }) => {
    const checked = readMissionWithInputs({ file: 'm.yml', text }, { stepTypes });
    if (!checked.ok) throw new Error(checked.error.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
    const values = Object.fromEntries(checked.value.inputs.filter(({ required }) => required).map(({ name, type }): [string, Json] => [name, type === 'list' ? ['a', 'b'] : 'x']));
    const read = readMissionWithInputs({ file: 'm.yml', text }, { stepTypes, inputs: givenInputs('test', values) });
    expect(read.ok && makePlan(read.value.definition)).toMatchObject({ ok: true });
  });

  test.each(blocks('reference/expressions.md', '```cel').flatMap((text) => text.split('\n')))('the expression can be read: %s', (text) => {
    expect(parseExpression(text)).toMatchObject({ ok: true });
  });

  test.each([
    ['a checklist', '```markdown', 0, 'checklist'],
    ['a template', '```markdown', 1, 'template'],
    ['YAML in an issue', '````markdown', 0, 'inline'],
  ])('%s is valid', (_, opening, index, kind) => {
    const body = blocks('use/write-a-mission.md', opening)[index] ?? '';
    expect(readMissionIssue({ file: 'issue', title: 'Example', body }, { stepTypes: someStepTypes })).toMatchObject({ ok: true, value: { kind } });
  });
});

describe('the reference', () => {
  /** Words in code spans of a part of a page. */
  const words = (name: string, from: string, to: string): readonly string[] => {
    const text = page(name).replaceAll(/^```[\s\S]*?^```$/gm, '');
    return [...text.slice(text.indexOf(`\n${from}\n`), text.indexOf(`\n${to}\n`)).matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  };

  test.each([
    ['## Mission', '## Inputs', missionKeys],
    ['## Phase', '## Task', phaseKeys],
    ['## Task', '### Retry', taskKeys],
    ['### Strategy', '### Another mission', [...fanOutModes, ...collectWords]],
  ])('%s tells every key', (from, to, keys) => {
    const told = words('reference/mission-file.md', from, to);
    expect(keys.filter((key) => !told.includes(key))).toEqual([]);
  });

  test('tells every template', () => {
    const told = words('reference/mission-file.md', '## Templates that ship with the product', '## none');
    const templates = readdirSync(new URL('../../config/missions/', import.meta.url)).map((name) => name.replace('.yml', ''));
    expect(templates.filter((name) => !told.includes(name))).toEqual([]);
  });

  test('tells every function, name and bound of expressions', () => {
    const text = page('reference/expressions.md');
    const functions = [...globalFunctions, ...methods].map(({ name }) => `${name}(`).filter((name) => name !== 'dyn(');
    expect([...functions, ...rootNames, ...[expressionLimits.length, expressionLimits.nodes, expressionLimits.depth, expressionLimits.templates, expressionLimits.work, expressionLimits.text, expressionLimits.list].map((bound) => bound.toLocaleString('en-US'))].filter((word) => !text.includes(word))).toEqual([]);
  });
});
