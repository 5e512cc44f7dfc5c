import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { givenInputs } from '../../src/config/inputs.ts';
import type { DeclaredInput } from '../../src/config/inputs.ts';
import { readMissionWithInputs } from '../../src/config/read-mission-file.ts';
import type { Definition } from '../../src/core/mission/definition.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { Json } from '../../src/kit/json.ts';
import { playMission } from '../support/played-mission.ts';
import type { Programs } from '../support/played-mission.ts';
import { statuses } from '../support/scripted-world.ts';

const stepTypes = createStepRegistry(builtInSteps);
const root = new URL('../../', import.meta.url);
const templates = readdirSync(new URL('config/missions/', root)).sort();

/** Something for every required input. */
function valueOf({ type, options }: DeclaredInput): Json {
  return type === 'list' ? ['left', 'right'] : type === 'number' ? 2 : type === 'boolean' ? true : type === 'map' ? {} : (options?.[0] ?? 'something');
}

function read(file: string, text: string, given: Readonly<Record<string, Json>> = {}): Definition {
  const checked = readMissionWithInputs({ file, text }, { stepTypes });
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  const values = { ...Object.fromEntries(checked.value.inputs.filter(({ required }) => required).map((input): [string, Json] => [input.name, valueOf(input)])), ...given };
  const whole = readMissionWithInputs({ file, text }, { stepTypes, inputs: givenInputs('test', values) });
  if (!whole.ok) throw new Error(JSON.stringify(whole.error));
  return whole.value.definition;
}

const template = (name: string, given: Readonly<Record<string, Json>> = {}) => read(name, readFileSync(new URL(`config/missions/${name}`, root), 'utf8'), given);

/** The test that shows the bug fails until it is fixed. */
const redBeforeFix: Programs = (subject, [program]) => (subject === 'red' && program === 'npm' ? 1 : 0);

describe('a mission that ships with the product', () => {
  test.each(templates)('%s comes to its end when agents do their work and people agree', async (name) => {
    const { mission } = await playMission(template(name), redBeforeFix);
    expect({ status: mission.status, reason: mission.reason, tasks: statuses(mission) }).toMatchObject({ status: 'completed' });
    const { counts } = mission;
    expect(counts.done + counts.skipped + counts.failed).toBe(mission.tasks.size);
    expect([...mission.phases.values()].map(({ gate, id }) => [id, gate.status]).filter(([, status]) => status !== 'open' && status !== 'closed')).toEqual([]);
  });

  test('fix-bug goes on only when the new test fails before the fix', async () => {
    const fixed = await playMission(template('fix-bug.yml'), redBeforeFix);
    expect(statuses(fixed.mission)).toMatchObject({ red: 'failed', proven: 'done', change: 'done' });
    expect(fixed.mission.outputs).toMatchObject({ fixed: true });
    const unshown = await playMission(template('fix-bug.yml'), () => 0);
    expect(statuses(unshown.mission)).toMatchObject({ proven: 'skipped', change: 'skipped' });
  });

  test('upgrade-dependencies makes a task of every package that is named, and does without', async () => {
    const { mission } = await playMission(template('upgrade-dependencies.yml', { majors: ['left-pad', 'right-pad'] }));
    expect(mission.status).toBe('completed');
    expect([...mission.tasks.values()].filter(({ item }) => item !== undefined).map(({ status }) => status)).toEqual(['done', 'done']);
  });

  test('a broken build keeps the gate shut', async () => {
    await expect(playMission(template('add-feature.yml'), (subject) => (subject.startsWith('gate/') ? 1 : 0))).rejects.toThrow(/stands still.*_failed_max exceeded/);
  });
});

describe('the examples in the documentation', () => {
  const examples = ['README.md', ...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)].flatMap((page) =>
    [...readFileSync(new URL(page, root), 'utf8').matchAll(/^(`{3,})ya?ml[^\n]*\n([\s\S]*?)\n\1$/gm)].flatMap(([, , text = ''], index) => (/^version: 1$/m.test(text) && /^phases:/m.test(text) ? [{ name: `${page} ${index + 1}`, text }] : [])),
  );

  test('are found', () => expect(examples.length).toBeGreaterThanOrEqual(9));

  /** Nothing here writes reports or files to search: a gate over them must stay shut, and say what is missing. */
  const looksAtFiles = (text: string) => read('example.yml', text).phases.some(({ guards }) => guards.some(({ uses }) => uses !== 'command' && uses !== 'diff'));

  test.each(examples.filter(({ text }) => looksAtFiles(text)))('the mission of $name stands at a gate without reports', async ({ text }) => {
    await expect(playMission(read('example.yml', text))).rejects.toThrow(/stands still: .*(?:No .* report at|There are no real files)/);
  });

  test.each(examples.filter(({ text }) => !looksAtFiles(text)))('the mission of $name comes to its end', async ({ text }) => {
    const { mission } = await playMission(read('example.yml', text));
    expect({ status: mission.status, reason: mission.reason, tasks: statuses(mission) }).toMatchObject({ status: 'completed' });
  });
});
