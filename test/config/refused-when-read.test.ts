import { describe, expect, test } from 'vitest';

import { givenInputs } from '../../src/config/inputs.ts';
import { readMissionFile } from '../../src/config/read-mission-file.ts';
import type { ReadOptions } from '../../src/config/read-options.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const stepTypes = createStepRegistry(builtInSteps);
const file = '.github/missions/m.yml';

function told(tasks: string, options: Partial<ReadOptions> = {}, top = 'inputs: { where: { default: x } }\n'): readonly string[] {
  const result = readMissionFile({ file, text: `version: 1\nname: m\n${top}phases:\n  - id: p\n    tasks:\n${tasks.replaceAll(/^/gm, '      ')}\n` }, { stepTypes, ...options });
  return result.ok ? [] : result.error.map(({ file: where, line, column, message }) => `${where === file ? '' : `${where} `}${line}:${column} ${message}`);
}

describe('what is known to fail is refused when the file is read', () => {
  test.each([
    ['file.write, with: { path: ../../etc/passwd, content: x }', 'with.path is no file inside the repository'],
    ['file.write, with: { path: /etc/passwd, content: x }', 'with.path is no file inside the repository'],
    ['file.read, with: { path: "a/.GIT/config" }', 'not into .git'],
    ['file.read, with: { path: "a\\\\b" }', 'with "/" between names'],
    ['file.delete, with: { path: src/ }', 'with.path is no file inside the repository'],
    ['file.copy, with: { from: a, to: ../b }', 'with.to is no file inside the repository'],
    ['command, with: { run: [ls], cwd: ../.. }', 'with.cwd is no folder inside the repository'],
    ['test.run, with: { reports: [../junit.xml] }', 'with.reports.0 is no file inside the repository'],
    ['archive.extract, with: { archive: ../x.zip }', 'with.archive is no file inside the repository'],
    ['archive.extract, with: { archive: x.zip, to: a/../../b }', 'with.to is no folder inside the repository'],
    ['git.branch, with: { name: a b..c }', 'with.name is no name of a branch'],
    ['git.branch, with: { name: refs/heads/x }', 'with.name is no name of a branch'],
    ['data.validate, with: { value: 1, schema: { type: nonsense } }', 'with.schema is no JSON Schema'],
    ['llm, with: { prompt: x, schema: { properties: 3 } }', 'with.schema is no JSON Schema'],
    ['test.run, with: { run: ["${{ inputs.where }}", x] }', 'with.run.0 is the program, and cannot hold a template'],
    ['lint.run, with: { run: "${{ inputs.where }}" }', 'cannot be a template as a whole'],
    ['command, with: { run: [ls], tiemout-seconds: "${{ inputs.where }}" }', 'with has no parameter "tiemout-seconds"; did you mean "timeout-seconds"?'],
    ['command, with: { run: [ls], timeout-seconds: "${{ inputs.where }}0" }', 'with.timeout-seconds has the wrong type'],
    ['approval, with: { question: q, from: [admins] }', 'Found "admins"; expected text: role:read, role:triage, role:write'],
    ['wait, with: { duration: 1 hour }', 'with.duration is not written as expected. Found "1 hour"; expected text: Seconds, minutes, hours, days: 90s, 1h30m'],
  ])('%s', (uses, message) => {
    const found = told(`- { id: t, uses: ${uses} }`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
    expect(found[0]).toMatch(/^7:\d\d/);
  });

  test.each([
    'file.write, with: { path: "out dir/ünï ✔.txt", content: x }',
    'file.write, with: { path: ./a/..b/.gitignore, content: x }',
    'file.write, with: { path: "${{ inputs.where }}", content: x }',
    'file.write, with: { path: "/${{ inputs.where }}", content: x }',
    'command, with: { run: [ls], cwd: ./ }',
    'command, with: { run: [ls, "${{ inputs.where }}"], env: { PORT: 3000, DEBUG: true, EMPTY: "" } }',
    'archive.extract, with: { archive: x.zip, to: . }',
    'git.branch, with: { name: release/1.0-ü }',
    'wait, with: { duration: "${{ inputs.where }}m" }',
    'data.csv, with: { text: "a", delimiter: "${{ inputs.where }}" }',
    'data.validate, with: { value: 1, schema: { type: "${{ inputs.where }}" } }',
  ])('and nothing else is: %s', (uses) => {
    expect(told(`- { id: t, uses: ${uses} }`)).toEqual([]);
  });
});

describe('another mission in its long form', () => {
  const other = 'version: 1\nname: o\ninputs: { who: { required: true } }\nphases: [{ id: p, tasks: [{ id: t, uses: noop, with: { message: "${{ inputs.who }}" } }] }]\n';
  const readFile = (path: string) => (path === '.github/missions/other.yml' ? other : null);

  test('is read as if it were written short', () => {
    const long = readMissionFile({ file, text: 'version: 1\nname: m\nphases: [{ id: p, tasks: [{ id: t, uses: mission, with: { file: ./other.yml, inputs: { who: ada } } }] }]\n' }, { stepTypes, readFile });
    const short = readMissionFile({ file, text: 'version: 1\nname: m\nphases: [{ id: p, tasks: [{ id: t, uses: "mission:./other.yml", with: { who: ada } }] }]\n' }, { stepTypes, readFile });
    expect(short.ok).toBe(true);
    expect(long).toEqual(short);
  });

  test('has its inputs checked where they stand', () => {
    expect(told('- { id: t, uses: mission, with: { file: ./other.yml, inputs: { whom: ada } } }', { readFile })).toEqual(['7:9 The input "who" is missing (text).', '7:70 The mission has no input "whom". Did you mean "who"?']);
    expect(told('- { id: t, uses: mission, with: { file: ./other.yml, inputs: { who: "${{ inputs.nobody }}" } } }', { readFile })[0]).toMatch(/^7:87 There is no input "nobody"/);
    expect(told('- { id: t, uses: mission, with: { file: ./none.yml } }', { readFile })).toEqual(['7:24 There is no file .github/missions/none.yml.']);
  });

  test('undoes nothing', () => {
    expect(told('- { id: t, uses: noop, compensate: { uses: mission, with: { file: ./other.yml } } }', { readFile })[0]).toContain('compensate names a step type, not a mission.');
  });

  test('a required input that is missing is told once, where it is missing', () => {
    const found = told('- { id: t, uses: "mission:./other.yml", with: { who: "${{ inputs.who }}" } }', { readFile, inputs: givenInputs('--input', {}) }, 'inputs: { who: { required: true } }\n');
    expect(found).toEqual(['--input 0:0 The input "who" is missing (text).']);
  });
});
