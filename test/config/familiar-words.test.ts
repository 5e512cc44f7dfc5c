import { describe, expect, test } from 'vitest';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const stepTypes = createStepRegistry(builtInSteps);
const told = (text: string): readonly string[] => {
  const result = readMissionFile({ file: 'm.yml', text }, { stepTypes });
  return result.ok ? [] : result.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
};
const task = (rest: string) => told(`version: 1\nname: m\nphases:\n  - id: p\n    tasks:\n      - { id: t, ${rest} }\n`);

describe('who writes it as in GitHub Actions', () => {
  test('is told all of it at once, with what to write instead', () => {
    expect(told('name: CI\non: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n')).toEqual([
      '1:1 A mission needs the key "version".',
      '1:1 A mission needs the key "phases".',
      expect.stringMatching(/^2:1 A mission has no key "on". What starts a mission is no part of it: .* a routine/),
      '3:1 A mission has no key "jobs". Write "phases", each with "tasks".',
    ]);
  });

  test.each([
    ['uses: noop, name: Build', '6:30 A task has no key "name". Write "title".'],
    ['uses: noop, runs-on: ubuntu-latest', 'What a task runs on is a matter of the worker'],
    ['uses: noop, steps: []', 'write several tasks, with "needs" between them.'],
    ['uses: noop, timeoutMinutes: 5', 'Did you mean "timeout-minutes"?'],
    ['uses: noop, working_directory: x', 'Write "with: { cwd: folder }".'],
    ['uses: noop, dependsOn: [x]', 'Write "needs".'],
    ['uses: noop, matrix: {}', 'It belongs under "strategy".'],
    ['uses: actions/checkout@v4', 'Actions of GitHub are not run here'],
    ['uses: ./.github/actions/x', 'Actions of GitHub are not run here'],
    ['uses: shell', 'Did you mean "command"?'],
    ['uses: noop, needs: [], if: "github.ref == \'refs/heads/main\'"', 'There is no "github". What it tells is at mission'],
    ['uses: noop, with: { message: "${{ secrets.TOKEN }}" }', 'A definition holds no secrets: the worker’s configuration does'],
    ['uses: noop, if: "needs.build.result == \'success\'"', 'tasks.<id>.result'],
    ['uses: noop, with: { message: "${{ steps.x.outputs.y }}" }', 'Steps are tasks here: tasks.<id>.outputs.'],
    ['uses: noop, with: { message: "${{ vars.X }}" }', 'inputs.<name> or env.<NAME>'],
    ['uses: command, with: { run: "npm test" }', '6:46 with.run is one text; it is a list of the program and its arguments: ["npm", "test"].'],
    ['uses: command, with: { run: "npm ci && npm test | tee log" }', '6:46 with.run is a line for a shell (it holds &&), and no shell reads it. Write a task for each program'],
    ['uses: test.run, with: { run: "npm test" }', 'it is a list of the program and its arguments'],
    ['uses: command, run: npm test, with: { run: [npm, test] }', 'Write "uses: command" and "with: { run: [program, argument] }".'],
  ])('%s', (rest, message) => {
    const found = task(rest);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('keys of a mission’s settings and of a task are sent where they belong', () => {
    expect(told('version: 1\nname: m\nmax-parallel: 3\nphases: [{ id: p, name: P, strategy: {}, approvals: {}, tasks: [{ id: t, uses: noop }] }]\n').map((one) => one.replace(/^\d+:\d+ /, ''))).toEqual([
      'A mission has no key "max-parallel". It belongs under "settings".',
      'A phase has no key "name". Write "title".',
      'A phase has no key "strategy". It belongs to a task of the phase.',
      'A phase has no key "approvals". It belongs under "gate".',
    ]);
  });

  test('an id is shown as it could be written', () => {
    expect(told('version: 1\nname: m\nphases: [{ id: p, tasks: [{ id: buildApi, uses: noop }] }]\n')[0]).toMatch(/like "build-api"\. Did you mean "build-api"\?$/);
  });

  test('needs may be one id alone', () => {
    const result = readMissionFile({ file: 'm.yml', text: 'version: 1\nname: m\nphases:\n  - { id: a, tasks: [{ id: one, uses: noop }] }\n  - { id: b, needs: a, tasks: [{ id: two, uses: noop, needs: one }] }\n' }, { stepTypes });
    expect(result).toMatchObject({ ok: true, value: { phases: [{}, { needs: ['a'], tasks: [{ needs: ['one'] }] }] } });
    expect(told('version: 1\nname: m\nphases:\n  - id: a\n    tasks:\n      - { id: one, uses: noop, needs: twoo }\n      - { id: two, uses: noop }\n')).toEqual(['6:39 Task "one" needs the task "twoo", which does not exist. Did you mean "two"?']);
  });
});
