import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { detectTool, type Purpose } from '../../src/steps/project-tools.ts';
import { testResults } from '../../src/steps/test-results.ts';
import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

const junit = `<?xml version="1.0"?><testsuites tests="99"><testsuite name="a" tests="2"><testcase classname="math" name="adds"/><testcase classname="math" name="subtracts"><failure message="1 != 2">at x</failure></testcase>
<testsuite name="inner"><testcase name="later"><skipped/></testcase><testcase name="broken"><error/></testcase></testsuite></testsuite></testsuites>`;
const tap = 'TAP version 13\nok 1 - adds\nnot ok 2 - subtracts\nok 3 - later # SKIP\n1..3\n';

describe('what the tests of a project are is told by its files', () => {
  const projects: [Record<string, string>, Purpose, readonly string[] | null][] = [
    [{ 'package.json': '{"scripts":{"test":"vitest"}}' }, 'test', ['npm', 'run', '--silent', 'test']],
    [{ 'package.json': '{"scripts":{"fmt":"x"}}', 'pnpm-lock.yaml': '' }, 'format', ['pnpm', 'run', 'fmt']],
    [{ 'package.json': '{"scripts":{}}', 'go.mod': 'module x' }, 'test', ['go', 'test', './...']],
    [{ 'package.json': 'not json', 'Cargo.toml': '' }, 'lint', ['cargo', 'clippy', '--', '-D', 'warnings']],
    [{ 'pyproject.toml': '[tool.ruff]\n' }, 'format', ['ruff', 'format', '.']],
    [{ 'pyproject.toml': '[project]\n' }, 'format', null],
    [{ 'pyproject.toml': '[project]\n' }, 'test', ['python', '-m', 'pytest']],
    [{ Makefile: 'build:\n\tcc x\n' }, 'test', null],
    [{ Makefile: 'test:\n\tcc x\n' }, 'test', ['make', 'test']],
    [{}, 'test', null],
  ];
  test.each(projects)('%j: %s', async (files, purpose, argv) => {
    const workspace = await steps.world.open();
    for (const [path, content] of Object.entries(files)) await workspace.writeFile(path, content);
    expect((await detectTool(workspace, workspace.tree!, purpose, null))?.argv ?? null).toEqual(argv);
  });

  test('and where nothing tells, the way out is said', async () => {
    expect(await steps.failing('test.run', {})).toMatchObject({ failure: 'input', message: expect.stringContaining('run: [make, test]') });
  });
});

describe('results are read from the reports', () => {
  test('JUnit: test cases are counted, not the sums that suites write', async () => {
    expect(await testResults([{ name: 'r.xml', mediaType: 'application/xml', text: junit }])).toEqual({ tests: 4, failed: 2, skipped: 1, failures: expect.arrayContaining(['math › subtracts', 'broken']) });
  });

  test('TAP, and several reports together', async () => {
    const reports = [{ name: 'r.xml', mediaType: 'application/xml', text: junit }, { name: 'r.tap', mediaType: 'text/plain', text: tap }, { name: 'coverage.xml', mediaType: 'application/xml', text: '<coverage/>' }];
    expect(await testResults([reports[1]!])).toEqual({ tests: 3, failed: 1, skipped: 1, failures: ['subtracts'] });
    expect(await testResults(reports)).toMatchObject({ tests: 7, failed: 3, skipped: 2 });
    expect(await testResults([reports[2]!])).toBeNull();
  });

  test('a TAP report that breaks off, or bails out, has failed', async () => {
    for (const text of ['1..3\nok 1\n', 'ok 1\nBail out! no database\n']) expect((await testResults([{ name: 'r.tap', mediaType: 'text/plain', text }]))?.failed).toBeGreaterThan(0);
  });

  test('a report with entities is refused', async () => {
    await expect(testResults([{ name: 'r.xml', mediaType: 'application/xml', text: '<!DOCTYPE a [<!ENTITY b "c">]><testsuite/>' }])).rejects.toThrow('document type');
  });
});

describe('test.run', () => {
  const write = async (name: string, content: string) => {
    const workspace = await steps.world.open();
    await workspace.writeFile('made.txt', content);
    return { workspace, run: ['cp', 'made.txt', name] };
  };

  test('gives the numbers of the reports as outputs', async () => {
    const { workspace, run } = await write('r.tap', 'ok 1 - adds\n1..1\n');
    const { outcome } = await steps.run('test.run', { run, reports: ['r.tap'] }, { workspace });
    expect(outcome.outputs).toMatchObject({ tests: 1, failed: 0, skipped: 0, failures: [] });
    expect(outcome.summary).toContain('1 tests, 0 failed');
    expect(outcome.artifacts.map(({ name }) => name)).toEqual(['output', 'r.tap']);
  });

  test('fails with the names of what failed, also when the program says that all is well', async () => {
    const { workspace, run } = await write('r.xml', junit);
    expect(await steps.failing('test.run', { run, reports: ['r.xml'] }, { workspace })).toMatchObject({ failure: 'work', message: expect.stringContaining('math › subtracts') });
  });

  test('keeps the reports of a program that failed', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('t.sh', '#!/bin/sh\necho "not ok 1 - adds" > r.tap\nexit 1\n', { executable: true });
    expect(await steps.failing('test.run', { run: ['./t.sh'], reports: ['r.tap'] }, { workspace })).toMatchObject({ failure: 'work', message: expect.stringMatching(/exited with 1.*Failed: adds/s), artifacts: [{ name: 'output' }, { name: 'r.tap' }] });
  });

  test('program text in an argument list is refused, as for commands', () => {
    expect(steps.problems('test.run', { run: ['sh', '-c', 'x'] })).toHaveLength(1);
    expect(steps.problems('lint.run', { run: [' '] })).toEqual(['with.run.0 is empty.']);
  });
});

test('the variables of a task reach its programs; those of the command win', async () => {
  const env = { GREETING: 'hello', NAME: 'task' };
  const { outcome } = await steps.run('command', { run: ['env'], env: { NAME: 'command' } }, { env });
  expect(outcome.artifacts[0]?.text).toContain('GREETING=hello');
  expect(outcome.artifacts[0]?.text).toContain('NAME=command');
});
