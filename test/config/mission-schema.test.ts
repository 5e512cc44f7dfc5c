import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { Json } from '../../src/kit/json.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const schema = JSON.parse(readFileSync(new URL('../../config/schemas/mission.v1.schema.json', import.meta.url), 'utf8')) as { readonly $id: string; readonly $defs: Json; readonly properties: Json };
const followsSchema = new Ajv2020({ strict: true, strictTuples: false, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile(schema);
const stepTypes = createStepRegistry(builtInSteps);
const codes = (value: Json): readonly string[] => {
  const result = readMissionFile({ file: 'm.yml', text: JSON.stringify(value) }, { stepTypes, readFile: () => null });
  return result.ok ? [] : result.error.map(({ code, message }) => `${code}: ${message}`);
};

/** Every key of the language, with values that are right. */
const rich: Json = {
  $schema: schema.$id,
  version: 1,
  name: 'rich',
  description: 'Everything',
  inputs: { route: { type: 'string', required: true, description: 'Path' }, size: { type: 'choice', options: ['s', 'm'], default: 's' }, list: { type: 'list', default: [1] }, n: { type: 'number', default: 1 }, b: { type: 'boolean', default: false }, m: { type: 'map', default: {} }, plain: null },
  env: { A: 'x', B: 3, C: true },
  settings: { 'max-parallel': 2, 'fail-fast': false, merge: 'squash', 'on-failure': 'rollback' },
  budget: { tokens: 10, usd: 0.5, minutes: 3 },
  'timeout-minutes': 600,
  phases: [
    {
      id: 'one',
      title: 'One',
      needs: [],
      if: 'true',
      env: { D: 'x' },
      parallelism: 'iterative',
      'fail-fast': true,
      'timeout-minutes': 5,
      until: { condition: 'true', 'max-rounds': 2 },
      budget: { tokens: 5 },
      tasks: [
        {
          id: 'a',
          title: 'A',
          uses: 'noop',
          with: { message: 'x' },
          needs: [],
          if: true,
          env: { E: 'x' },
          outputs: { o: '${{ result.x }}' },
          scope: ['src/**'],
          persona: 'reviewer',
          zone: 'backend',
          strategy: { matrix: { os: ['a'], include: [{ os: 'b' }], exclude: [{ os: 'c' }] }, mode: 'iterative', 'max-parallel': 1, 'fail-fast': true, collect: 'vote', schema: { type: 'object' } },
          retry: { 'max-attempts': 2, backoff: { 'initial-seconds': 1, factor: 2, 'max-seconds': 10 }, on: ['work'] },
          until: 'result.done == true',
          'timeout-minutes': 3,
          'continue-on-error': true,
          compensate: { uses: 'noop', with: { message: 'x' } },
          budget: { usd: 1 },
        },
        { id: 'b', uses: 'noop', strategy: { 'for-each': '[1, 2]', mode: 'partial', 'max-parallel': 3, 'min-success': 1, collect: 'size(items)' }, 'timeout-seconds': 9 },
      ],
      guards: [{ id: 'g', uses: 'command', with: { run: ['true'] } }],
      gate: { rubric: { g_failed_max: 0 }, approvals: { count: 1, from: ['role:write', 'team:acme/core', 'user:octocat'], all: [{ count: 1, from: ['codeowners'] }], any: [{ from: ['team:release'] }, { count: 2, from: ['role:admin'] }], exclude: ['author', 'committer'], 'allow-requester': false } },
    },
    { id: 'two', parallelism: 3, tasks: [{ id: 'c', uses: 'noop' }], gate: 'none' },
    { id: 'healed', tasks: [{ id: 'h', uses: 'noop' }], gate: { heal: { 'max-rounds': 3, agent: 'coder', 'on-rejection': true, strategies: { lint: { uses: 'command', with: { run: ['npm', 'run', 'fix'] } }, tests: { uses: 'agent', with: { agent: 'coder' } }, scope: 'none' } } } },
    { id: 'three', parallelism: 'sequential', 'max-parallel': 1, tasks: [{ id: 'd', uses: 'noop' }] },
  ],
  outputs: { done: '${{ tasks.c.result }}' },
};

type Path = readonly (string | number)[];

function places(value: Json, path: Path = []): readonly Path[] {
  const inner = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : isJsonObject(value) ? Object.entries(value).map(([key, item]) => [key, item ?? null] as const) : [];
  return [path, ...inner.flatMap(([key, item]) => places(item as Json, [...path, key]))];
}

/** The value with the part at `path` changed; removed when `change` gives undefined. */
function changed(value: Json, path: Path, change: (part: Json) => Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, index) => (index === key ? (changed(item, rest, change) ?? []) : [item]) as Json[]);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => {
    const made = name === key ? changed(item ?? null, rest, change) : item;
    return made === undefined ? [] : [[name, made]];
  }));
}

const mutations: readonly (readonly [string, (part: Json) => Json | undefined])[] = [
  ['gone', () => undefined],
  ['null', () => null],
  ['a list', () => []],
  ['a map', () => ({})],
  ['a list of null', () => [null]],
  ['a word', () => 'nonsense word'],
  ['empty text', () => ''],
  ['white space', () => '  '],
  ['-1', () => -1],
  ['0', () => 0],
  ['1.5', () => 1.5],
  ['a large number', () => 1e15],
  ['true', () => true],
  ['with another key', (part) => (isJsonObject(part) ? { ...part, 'another-key': 1 } : part)],
];

/** What the schema cannot say: what parts mean together, what templates hold, step types. */
const meaning = /^(expression|duplicate-id|unknown-dependency|parameter|cycle|later-phase|schema|bad-glob|file-missing|rubric|bad-name|sub-mission)/;
/** Said by the reader about parts whose form the schema leaves open. */
const open = /exclude names|has no item|There is no task|collect is|The version is|in the same phase|options|needs at least|The default is/;

const broken = places(rich).flatMap((path) => mutations.map(([name, change]) => ({ what: `${path.join('.')} ${name}`, value: changed(rich, path, change) ?? null })))
  .map(({ what, value }) => ({ what, follows: followsSchema(value), said: codes(value) }));

describe('the JSON Schema of missions', () => {
  test('accepts a mission with every key, as the reader does', () => {
    expect(codes(rich)).toEqual([]);
    expect(followsSchema(rich), JSON.stringify(followsSchema.errors)).toBe(true);
  });

  test('names every key of the language, each with words for people', () => {
    const described = (value: Json, path: Path): readonly string[] => {
      if (!isJsonObject(value)) return [];
      const own = isJsonObject(value.properties) ? Object.entries(value.properties).flatMap(([name, part]) => (isJsonObject(part) && part.description === undefined && part.$ref === undefined ? [[...path, name].join('.')] : [])) : [];
      return [...own, ...Object.entries(value).flatMap(([key, part]) => (key === 'allOf' || key === 'if' || key === 'then' || key === 'not' ? [] : described(part ?? null, [...path, key])))];
    };
    expect(described(schema as unknown as Json, []).filter((path) => !/settings|approvals|include|exclude/.test(path))).toEqual([]);
  });

  test('refuses nothing that the reader accepts', () => {
    const stricter = broken.filter(({ said, follows }) => said.length === 0 && !follows).map(({ what }) => what);
    expect(stricter).toEqual([]);
  });

  test('refuses what the reader refuses, wherever a schema can say it', () => {
    const looser = broken.flatMap(({ what, follows, said }) => {
      const shape = said.filter((code) => !meaning.test(code) && !open.test(code));
      return shape.length > 0 && follows ? [`${what}: ${shape.join(' | ')}`] : [];
    });
    expect(looser).toEqual([]);
    expect(broken.filter(({ follows }) => !follows).length).toBeGreaterThan(1_000);
  });
});
