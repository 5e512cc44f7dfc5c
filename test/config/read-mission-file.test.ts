import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import * as fc from '../support/fast-check.ts';
import { someStepTypes } from './step-types.ts';

const read = (text: string) => readMissionFile({ file: 'm.yml', text }, { stepTypes: someStepTypes });

function problems(text: string): string[] {
  const result = read(text);
  return result.ok ? [] : result.error.map((problem) => `${problem.line}:${problem.column} ${problem.code}: ${problem.message}`);
}

const schema = JSON.parse(readFileSync(new URL('../../config/schemas/mission.v1.schema.json', import.meta.url), 'utf8')) as { $id: string };
const followsSchema = new Ajv2020({ strict: false }).compile(schema);

const head = 'version: 1\nname: m\nphases:\n';
const oneTask = '  - id: a\n    tasks:\n      - {id: t, uses: noop}\n';

const valid = {
  shortest: head + oneTask,
  full: `
$schema: https://missiongate.dev/schemas/mission.v1.schema.json
version: 1
name: add-endpoint
description: Adds an endpoint.
settings: { max-parallel: 2, fail-fast: false, merge: squash }
phases:
  - id: implement
    title: Implement it 🚀
    tasks:
      - { id: tests, uses: agent, with: { prompt: Write failing tests } }
      - id: code
        title: Make them pass
        needs: [tests]
        uses: agent
        with: { prompt: Make the new tests pass }
        retry: { max-attempts: 2 }
        timeout-minutes: 20
      - id: check
        needs: [code]
        uses: command
        with: { run: [npm, test] }
        continue-on-error: true
        timeout-seconds: 90
    guards:
      - { id: unit, uses: command, with: { run: [npm, test] } }
      - { uses: diff }
      - { uses: lcov, with: { path: coverage/lcov.info } }
    gate:
      rubric: { unit_failed_max: 0, coverage_min: 0.8, files_changed: [1, 20], unit_passed_required: true }
      approvals: { count: 2, from: [role:maintain], allow-requester: false }
  - id: ship
    needs: []
    tasks: [{ id: note, uses: noop, needs: [] }]
    gate: none
`,
  'empty gate': `${head}${oneTask}    gate: {}\n`,
  'without approvals': `${head}${oneTask}    gate: {approvals: {count: 0}}\n`,
};

/** Wrong in a way that the schema can say. */
const misshapen = {
  'not a mapping': '- a',
  empty: '',
  'no version': `name: m\nphases:\n${oneTask}`,
  'other version': `version: 2\nname: m\nphases:\n${oneTask}`,
  'no name': `version: 1\nphases:\n${oneTask}`,
  'empty name': `version: 1\nname: " "\nphases:\n${oneTask}`,
  'no phases': 'version: 1\nname: m',
  'empty phases': 'version: 1\nname: m\nphases: []',
  'phases is text': 'version: 1\nname: m\nphases: x',
  'unknown key': `${head}${oneTask}stages: {}`,
  'phase is text': `${head}  - x`,
  'no tasks': `${head}  - id: a`,
  'empty tasks': `${head}  - id: a\n    tasks: []`,
  'task without uses': `${head}  - id: a\n    tasks: [{id: t}]`,
  'id with capitals': `${head}  - id: A\n    tasks: [{id: t, uses: noop}]`,
  'id with dots': `${head}  - id: a\n    tasks: [{id: a..b, uses: noop}]`,
  'id is a number': `${head}  - id: a\n    tasks: [{id: 3, uses: noop}]`,
  'trunk as id': `${head}  - id: a\n    tasks: [{id: trunk, uses: noop}]`,
  'needs is a map': `${head}  - id: a\n    tasks: [{id: t, uses: noop, needs: {x: 1}}]`,
  'with is a list': `${head}  - id: a\n    tasks: [{id: t, uses: noop, with: []}]`,
  'attempts too many': `${head}  - id: a\n    tasks: [{id: t, uses: noop, retry: {max-attempts: 21}}]`,
  'attempts not whole': `${head}  - id: a\n    tasks: [{id: t, uses: noop, retry: {max-attempts: 1.5}}]`,
  'timeout zero': `${head}  - id: a\n    tasks: [{id: t, uses: noop, timeout-minutes: 0}]`,
  'two timeouts': `${head}  - id: a\n    tasks: [{id: t, uses: noop, timeout-minutes: 1, timeout-seconds: 1}]`,
  'continue is text': `${head}  - id: a\n    tasks: [{id: t, uses: noop, continue-on-error: "yes"}]`,
  'gate is a word': `${head}${oneTask}    gate: nobody`,
  'gate is null': `${head}${oneTask}    gate:`,
  'unknown rubric key': `${head}${oneTask}    gate: {rubric: {coverage: 1}}`,
  'rubric value': `${head}${oneTask}    gate: {rubric: {coverage_min: high}}`,
  'approvals too many': `${head}${oneTask}    gate: {approvals: {count: 11}}`,
  'unknown role': `${head}${oneTask}    gate: {approvals: {from: [role:owner]}}`,
  'guard of another type': `${head}${oneTask}    guards: [{uses: junit}]`,
  'mistyped guard': `${head}${oneTask}    guards: [{uses: juint, with: {path: x.xml}}]`,
  'diff guard with parameters': `${head}${oneTask}    guards: [{uses: diff, with: {a: 1}}]`,
  'settings out of range': `${head}${oneTask}settings: {max-parallel: 0}`,
  'unknown merge': `${head}${oneTask}settings: {merge: fast}`,
  'too many phases': head + Array.from({ length: 201 }, (_, index) => `  - {id: p${index}, tasks: [{id: t${index}, uses: noop}]}\n`).join(''),
};

describe('readMissionFile', () => {
  test('fills in every default', () => {
    expect(read(valid.shortest)).toEqual({
      ok: true,
      value: {
        name: 'm',
        description: '',
        settings: { maxParallel: 4, failFast: true, merge: 'none' },
        phases: [
          {
            id: 'a',
            title: 'a',
            needs: [],
            tasks: [{ id: 't', title: 't', uses: 'noop', with: {}, needs: [], continueOnError: false, maxAttempts: 1, timeoutSeconds: 1800 }],
            guards: [],
            gate: { rubric: {}, approvals: { count: 1, minimumRole: 'write', allowRequester: true } },
          },
        ],
      },
    });
  });

  test('reads everything the format has', () => {
    const result = read(valid.full);
    expect(result).toMatchObject({
      ok: true,
      value: {
        settings: { maxParallel: 2, failFast: false, merge: 'squash' },
        phases: [
          {
            title: 'Implement it 🚀',
            tasks: [{ id: 'tests' }, { title: 'Make them pass', maxAttempts: 2, timeoutSeconds: 1200 }, { continueOnError: true, timeoutSeconds: 90 }],
            guards: [{ id: 'unit' }, { id: 'diff', uses: 'diff' }, { id: 'lcov', uses: 'lcov', with: { path: 'coverage/lcov.info' } }],
            gate: { rubric: { files_changed: [1, 20] }, approvals: { count: 2, minimumRole: 'maintain', allowRequester: false } },
          },
          { needs: [], gate: null },
        ],
      },
    });
  });

  test('says where a rubric asks for what no guard of the phase measures, and what was probably meant', () => {
    const told = (gate: string, guards = '[{uses: junit, with: {path: x.xml}}]') => {
      const result = read(`${head}${oneTask}    guards: ${guards}\n    gate: {rubric: ${gate}}`);
      return result.ok ? [] : result.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
    };
    expect(told('{coverage_min: 0.8}')).toEqual([expect.stringMatching(/^8:21 No guard of this phase measures "coverage", so the gate could never open. Add one that does \(clover, cobertura, istanbul, lcov\), or take the line out.$/)]);
    expect(told('{tests_fail_max: 0}')).toEqual([expect.stringMatching(/There is no metric "tests_fail", so the gate could never open. Did you mean "tests_failed"\?$/)]);
    expect(told('{personas_count: [3, 5]}')).toEqual([expect.stringContaining('There is no metric "personas_count"')]);
    expect(told('{tests_failed_max: 0, tests: [1, 9], secrets_required: false, findings_errors_max: 0}')).toEqual([]);
    expect(told('{unit_failed_max: 0}', '[{id: unit, uses: command, with: {run: [npm, test]}}]')).toEqual([]);
    expect(told('{}', '[{uses: juint}, {uses: scope, with: {protect: [workflow]}}, {uses: secrets, with: {ignore: [/a]}}]')).toEqual([
      expect.stringContaining('Did you mean "junit"?'),
      expect.stringContaining('with.protect.0 is not one of the allowed values; did you mean "workflows"?'),
      expect.stringContaining('with.ignore.0 is absolute.'),
    ]);
  });

  test('a phase waits for the one before it unless it says otherwise', () => {
    const result = read(`${head}${oneTask}  - id: b\n    tasks: [{id: u, uses: noop}]\n`);
    expect(result).toMatchObject({ ok: true, value: { phases: [{ needs: [] }, { needs: ['a'] }] } });
  });

  test('reports all problems at once, in order, each with its place and the nearest word', () => {
    expect(
      problems(`version: 1
name: m
setings: {}
phases:
  - id: build
    tasks:
      - id: api
        uses: comand
        needs: [modle, model, api2]
      - id: model
        uses: command
        with: { run: [a], cwd: x }
        needs: [api]
      - id: model
        uses: noop
        timeout-minutes: 5000
  - id: build
    needs: [biuld]
    tasks: [{ id: last, uses: noop, need: [] }]
`),
    ).toEqual([
      '3:1 unknown-key: A mission has no key "setings". Did you mean "settings"?',
      '7:13 cycle: Tasks need each other in a circle: api → model → api. Remove one of these needs.',
      '8:15 unknown-step-type: There is no step type "comand". Did you mean "command"? Known: agent, command, file.write, noop.',
      '9:17 unknown-dependency: Task "api" needs the task "modle", which does not exist. Did you mean "model"?',
      '9:31 unknown-dependency: Task "api" needs the task "api2", which does not exist. Did you mean "api"?',
      '12:32 parameter: command has no parameter "cwd"',
      '14:13 duplicate-id: Two tasks have the id "model"; ids of tasks are unique in the whole mission.',
      '16:26 out-of-range: timeout-minutes is 5000; it must be from 1 to 1440.',
      '17:9 duplicate-id: Two phases have the id "build"; give one of them another id.',
      '18:13 unknown-dependency: Phase "build" needs the phase "biuld", which does not exist. Did you mean "build"?',
      '19:37 unknown-key: A task has no key "need". Did you mean "needs"?',
    ]);
  });

  test('reports circles of phases, a task that needs a later one, and one that needs a phase', () => {
    expect(problems(`${head}  - {id: a, needs: [b], tasks: [{id: t, uses: noop}]}\n  - {id: b, tasks: [{id: u, uses: noop}]}\n`)).toEqual([
      '4:10 cycle: Phases need each other in a circle: a → b → a. Remove one of these needs.',
    ]);
    expect(problems(`${head}  - {id: a, tasks: [{id: t, uses: noop, needs: [u]}]}\n  - {id: b, tasks: [{id: u, uses: noop}]}\n`)).toEqual([
      '4:49 later-phase: Task "t" of phase "a" needs "u" of phase "b", which does not come before it.',
    ]);
    expect(problems(`${head}  - {id: a, tasks: [{id: t, uses: noop}]}\n  - {id: b, tasks: [{id: u, uses: noop, needs: [a]}]}\n`)).toEqual([
      '5:49 unknown-dependency: Task "u" needs the task "a", which does not exist. That is a phase; put it under `needs` of the phase.',
    ]);
  });

  test('lists at most a hundred problems and says how many more there are', () => {
    const found = problems(head + Array.from({ length: 150 }, (_, index) => `  - {id: P${index}, tasks: [{id: t${index}, uses: noop}]}\n`).join(''));
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toContain('50 more problems');
  });

  test.each(Object.entries(valid))('accepts what the schema accepts: %s', (_, text) => {
    expect(problems(text)).toEqual([]);
    expect(followsSchema(parse(text)), JSON.stringify(followsSchema.errors)).toBe(true);
  });

  test.each(Object.entries(misshapen))('refuses what the schema refuses: %s', (_, text) => {
    expect(problems(text)).not.toEqual([]);
    expect(followsSchema(parse(text))).toBe(false);
  });

  test('what is accepted can be planned; what is not has places inside the text; nothing throws', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'A', 'none', 'noop', 'command', 1, 0, true, null, 'role:write', 'x y', '');
    const needs = fc.array(fc.constantFrom('a', 'b', 'c', 'z'), { maxLength: 2 });
    const task = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), uses: fc.constantFrom('noop', 'noop', 'noop', 'nope'), needs, retry: fc.constantFrom({ 'max-attempts': 2 }, {}, 3) }, { requiredKeys: ['id', 'uses'] });
    const phase = fc.record({ id: fc.constantFrom('a', 'b', 'c'), tasks: fc.array(fc.oneof({ weight: 8, arbitrary: task }, word), { maxLength: 3 }), needs, gate: word, guards: fc.array(word, { maxLength: 1 }) }, { requiredKeys: ['id', 'tasks'] });
    const mission = fc.record({ version: fc.constant(1), name: fc.constant('m'), phases: fc.array(fc.oneof({ weight: 8, arbitrary: phase }, word), { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: mission }, fc.jsonValue()), (value) => {
        const text = JSON.stringify(value, null, 1);
        const result = read(text);
        const lines = text.split('\n').length;
        expect(result.ok ? makePlan(result.value).ok : result.error.every((problem) => problem.line >= 1 && problem.line <= lines && problem.column >= 1)).toBe(true);
        expect(!result.ok || followsSchema(value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
