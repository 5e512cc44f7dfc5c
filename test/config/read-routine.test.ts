import { readdirSync, readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { readRoutine } from '../../src/config/read-routine.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { Json } from '../../src/kit/json.ts';
import { missionProblems } from '../../src/main/routine/check-mission.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const path = '.github/routines/nightly.yml';
const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const problems = (text: string, name = path) => {
  const read = readRoutine(text, name);
  return read.ok ? [] : read.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
};
const small = (more: string) => `on: { repository-dispatch: [go] }\nmission: upgrade\n${more}`;

describe('a routine file', () => {
  it('says what starts which mission, with what it does not say filled in', () => {
    expect(readRoutine('on: { schedule: { cron: "0 3 * * 1-5", timezone: Europe/Zurich } }\nmission: upgrade\n', path)).toEqual({
      ok: true,
      value: {
        title: 'nightly',
        schedule: { kind: 'cron', cron: '0 3 * * 1-5', timezone: 'Europe/Zurich' },
        dispatches: [],
        workflowRun: null,
        push: null,
        mission: 'upgrade',
        inputs: {},
        misfire: { kind: 'run-once' },
        overlap: 'skip',
        issueTitle: null,
        requiresApproval: false,
      },
    });
  });

  it('counts hours that pass where it says every', () => {
    for (const [every, minutes] of [['30m', 30], ['6h', 360], ['2 days', 2880]] as const) expect(readRoutine(`on: { schedule: { every: ${every} } }\nmission: a`, path)).toMatchObject({ value: { schedule: { kind: 'every', everyMs: minutes * 60_000 } } });
  });

  it('tells every problem at once, each with its place and the nearest word', () => {
    expect(problems('on:\n  schedule: { cron: "61 3 * * *", timezone: Europe/Zurch }\nmision: upgrade\noverlap: skipp\nmisfire: catch-up\nwith: { "a b": "x" }\n')).toEqual([
      '1:1 The routine needs the key "mission".',
      '2:21 "61 3 * * *" is no schedule: Invalid value for minute: 61.',
      '2:45 "Europe/Zurch" is no time zone, like "Europe/Zurich" or "UTC". Did you mean "Europe/Zurich"?',
      '3:1 The routine has no key "mision". Did you mean "mission"?',
      '4:10 overlap is "skipp"; it must be one of skip, allow. Did you mean "skip"?',
      '5:10 misfire needs to know how many due times are made up for at most: { catch-up: 3 }.',
      '6:9 "a b" is no name of an input: letters, digits, "-" and "_", not beginning with a digit.',
    ]);
  });

  it('refuses what says two things, or nothing', () => {
    expect(problems('on: {}\nmission: a')).toEqual([expect.stringContaining('on names nothing that starts the routine')]);
    expect(problems('on: { workflow-run: { workflow: .github/workflows/ci.yml, conclusion: [failed] } }\nmission: a')).toEqual([expect.stringContaining('is no file in .github/workflows, like "ci.yml"'), expect.stringContaining('must be one of success, failure')]);
    expect(problems('on: { schedule: { cron: "0 3 * * *", every: 6h } }\nmission: a')).toEqual([expect.stringContaining('either cron')]);
    expect(problems('on: { schedule: { every: 6h, timezone: UTC } }\nmission: a')).toEqual([expect.stringContaining('in no time zone')]);
    expect(problems('on: { schedule: { every: 1m } }\nmission: a')).toEqual([expect.stringContaining('from 5m to 31d')]);
    expect(problems(small('misfire: { catch-up: 3 }'))).toEqual([expect.stringContaining('overlap lets only one go on')]);
    expect(problems(small('misfire: { catch-up: 3 }\noverlap: allow'))).toEqual([]);
    expect(problems(small(''), '.github/routines/Nightly Run.yml')).toEqual([expect.stringContaining('called as its file')]);
    expect(problems('on: { repository-dispatch: [go] }\nmission: ../secrets')).toEqual([expect.stringContaining('no name of a mission file')]);
  });

  it('takes pushes as a workflow does: all of them, or those that its patterns take', () => {
    const read = (push: string) => readRoutine(`on: { push: ${push} }\nmission: a`, path);
    const none = { branches: null, branchesIgnore: null, tags: null, tagsIgnore: null, paths: null, pathsIgnore: null };
    for (const every of ['', '{}']) expect(read(every)).toMatchObject({ value: { push: none } });
    expect(read("{ branches: [main, 'releases/**', '!releases/old'], paths-ignore: ['docs/**'] }")).toMatchObject({ value: { push: { ...none, branches: ['main', 'releases/**', '!releases/old'], pathsIgnore: ['docs/**'] } } });
    expect(problems("on: { push: { branches: ['!main'], branches-ignore: [x], tags: ['+1', '[', 'v['], paths: [], brunches: [a] } }\nmission: a")).toEqual([
      '1:25 branches takes nothing: every pattern begins with "!", so that there is nothing to take out of.',
      '1:36 push has both branches and branches-ignore. Say it in branches alone, with "!" before what is left out.',
      '1:65 "+1" has "+" without a character before it that it could repeat; write "\\+" for the character itself.',
      '1:71 "[" has "[" without characters or ranges like [a-z0-9] and "]".',
      '1:76 "v[" has "[" without characters or ranges like [a-z0-9] and "]".',
      '1:90 paths has 0 patterns; it must have 1 to 50.',
      '1:94 push has no key "brunches". Did you mean "branches"?',
    ]);
  });

  it('keeps inputs to one line of the issue, and templates to what a routine knows', () => {
    expect(problems(small('with: { a: "x\\ny", b: "`", c: "<!-- x", d: }'))).toHaveLength(4);
    expect(problems(small('title: "${{ routine.date }} ${{ inputs.x }}"\nwith: { day: "${{ routine.dates }}" }'))).toEqual([expect.stringContaining('`inputs` is not known here. Known: routine.'), expect.stringContaining('There is no field of routine "dates". Did you mean "date"?')]);
  });

  it('that ships as an example is right, and starts a mission that takes its inputs', () => {
    const names = readdirSync(new URL('../../config/routines', import.meta.url));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const read = readRoutine(file(`config/routines/${name}`), name);
      expect(read, name).toMatchObject({ ok: true });
      if (read.ok) expect(missionProblems(read.value, 'example', name, createStepRegistry(builtInSteps)), name).toEqual([]);
    }
  });
});

describe('the JSON Schema of routine files', () => {
  const follows = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile(JSON.parse(file('config/schemas/routine.v1.schema.json')) as object);
  const page = file('docs/reference/routine-file.md');
  const rich: Json = {
    $schema: 'https://missiongate.dev/schemas/routine.v1.schema.json',
    version: 1,
    name: 'Nightly upgrade',
    on: { schedule: { cron: '0 3 * * 1-5', timezone: 'Europe/Zurich' }, 'repository-dispatch': ['go'], 'workflow-run': { workflow: 'ci.yml', conclusion: ['failure', 'timed_out'] }, push: { branches: ['main', '!x/**'], 'tags-ignore': ['v*'], paths: ['src/**'] } },
    mission: 'template:upgrade-dependencies',
    with: { text: 'x', list: ['a'], number: 1, yes: true },
    misfire: { 'catch-up': 3 },
    overlap: 'allow',
    title: 'Upgrade',
    'requires-approval': true,
  };
  /** What two parts mean together, and what a word must be known for, a schema does not say. */
  const beyondSchemas = ['contradiction', 'bad-cron', 'unknown-word', 'expression', 'bad-pattern'];

  function variants(value: Json, wrap: (part: Json) => Json): readonly Json[] {
    const others: readonly Json[] = [null, [], {}, 'word', '', -1, 1.5, 99, true, [1]];
    const inner = isJsonObject(value) ? Object.entries(value).flatMap(([key, part]) => variants(part ?? null, (one) => wrap({ ...value, [key]: one }))) : Array.isArray(value) ? (value as readonly Json[]).flatMap((part, index) => variants(part, (one) => wrap((value as readonly Json[]).with(index, one)))) : [];
    return [...others.map(wrap), ...(isJsonObject(value) ? [wrap({ ...value, another: 1 })] : []), ...inner];
  }

  it('accepts what the reader accepts, and refuses what it refuses', () => {
    for (const whole of [rich, { on: { schedule: { every: '6h' } }, mission: 'a', misfire: 'skip' }]) {
      expect(readRoutine(JSON.stringify(whole), path).ok).toBe(true);
      expect(follows(whole)).toBe(true);
      const differ = variants(whole, (one) => one).filter((one) => {
        const read = readRoutine(JSON.stringify(one), path);
        if (read.ok) return !follows(one);
        return read.error.some(({ code, message }) => !beyondSchemas.includes(code) || /must be one of/.test(message)) && follows(one);
      });
      expect(differ).toEqual([]);
    }
  });

  it('is what the page shows and lists', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(readRoutine(example, path).ok).toBe(true);
    expect(follows(parse(example))).toBe(true);
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = '']) => key);
    expect(listed.filter((key) => !key.startsWith('routine.')).toSorted()).toEqual(['$schema', 'misfire', 'mission', 'name', 'on.push', 'on.push.branches', 'on.push.branches-ignore', 'on.push.paths', 'on.push.paths-ignore', 'on.push.tags', 'on.push.tags-ignore', 'on.repository-dispatch', 'on.schedule.cron', 'on.schedule.every', 'on.schedule.timezone', 'on.workflow-run.conclusion', 'on.workflow-run.workflow', 'overlap', 'requires-approval', 'title', 'version', 'with']);
    expect(listed.filter((key) => key.startsWith('routine.')).toSorted()).toEqual(['routine.date', 'routine.due', 'routine.name', 'routine.trigger']);
  });
});
