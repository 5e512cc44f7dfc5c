import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { actionInputs, commands } from '../../src/main/action/inputs.ts';
import { outputNames } from '../../src/main/action/outputs.ts';

const root = resolve(import.meta.dirname, '..', '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');

interface ActionFile {
  readonly inputs: { readonly [name: string]: { readonly description: string; readonly default?: string; readonly required?: boolean } };
  readonly outputs: { readonly [name: string]: { readonly description: string } };
  readonly runs: { readonly using: string; readonly main: string };
}

interface Step {
  readonly uses?: string;
  readonly id?: string;
  readonly with?: { readonly [name: string]: unknown };
}

const action = parse(text('action/action.yml')) as ActionFile;

describe('action.yml', () => {
  it('has the inputs that the program reads, each with the commands it is for', () => {
    expect(Object.keys(action.inputs)).toEqual(Object.keys(actionInputs));
    for (const [name, { of }] of Object.entries(actionInputs)) {
      const told = [...(action.inputs[name]?.description ?? '').matchAll(/(?:^|\. )((?:[a-z]+, )*[a-z]+): /g)].flatMap(([, words = '']) => words.split(', '));
      if (of.length < commands.length) expect(told, name).toEqual(of);
    }
    // Any other default would be an input that commands have to refuse.
    expect(Object.entries(action.inputs).flatMap(([name, input]) => (input.default === undefined ? [] : [[name, input.default]]))).toEqual([['command', 'run']]);
  });

  it('has the outputs that the program gives', () => {
    expect(Object.keys(action.outputs)).toEqual([...outputNames]);
  });

  it('is what the documented workflows use it for', () => {
    const blocks = [...text('docs/use/run-in-actions.md').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => parse(block) as unknown);
    const workflows = blocks.filter((block): block is { jobs: { [name: string]: { steps: readonly Step[] } }; permissions: object } => typeof block === 'object' && block !== null && 'jobs' in block);
    expect(workflows).toHaveLength(7);
    const steps = [...blocks.filter((block): block is readonly Step[] => Array.isArray(block)).flat(), ...workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps))];
    const ours = steps.filter(({ uses }) => uses?.includes('/missiongate/action@') === true);
    expect(ours.length).toBeGreaterThan(7);
    for (const { with: given = {} } of ours) expect(Object.keys(given).filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
    const named = [...text('docs/use/run-in-actions.md').matchAll(/\bsteps\.mission\.outputs\.([a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(action.outputs, name))).toEqual([]);
    for (const workflow of workflows) expect(workflow.permissions).toBeDefined();
  });

  it('starts a program that is made from the present sources', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build-action.mjs'), '--check'], { encoding: 'utf8' });
    expect(stderr.trim()).toBe('');
    expect(status).toBe(0);
  });
});
