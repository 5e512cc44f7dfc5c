import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { readAnyMission } from '../../../src/config/import/read-any-mission.ts';
import { renderMissionDocument } from '../../../src/config/import/mission-document.ts';
import { readSourceFormat } from '../../../src/config/import/read-source-format.ts';
import { sourceStepTypes } from '../../../src/config/import/step-counterparts.ts';
import { readMissionFile } from '../../../src/config/read-mission-file.ts';
import { builtInSteps, createStepRegistry } from '../../../src/steps/registry.ts';

const options = { stepTypes: createStepRegistry(builtInSteps), now: new Date('2026-01-02T03:04:05Z') };

const read = (text: string) => readSourceFormat({ file: 'check.yml', text }, options);
function definition(text: string) {
  const result = read(text);
  if (!result.ok) throw new Error(result.error.map((problem) => `${problem.line}:${problem.column} ${problem.message}`).join('\n'));
  return result.value.definition;
}
function problems(text: string): readonly string[] {
  const result = read(text);
  return result.ok ? [] : result.error.map((problem) => `${problem.line}:${problem.column} ${problem.message}`);
}
/** One step of a type with parameters (JSON is YAML), and what it became. */
const one = (type: string, parameters: object = {}) => definition(`version: "1.0"\nname: x\nsteps:\n  - {id: a, name: A, step_type: ${type}, parameters: ${JSON.stringify(parameters)}}\n`).phases[0]!.tasks.map(({ uses, with: given }) => ({ uses, with: given }));

const fiveMinutes = `version: "1.0"
name: Five minute check
description: Create a file, run a command, clean up
steps:
  - id: create_file
    name: "Create the note of {{ project }}"
    step_type: create_file
    parameters:
      path: "notes/{{ project }}.md"
      content: |
        # {{ project }} at {{ timestamp }}, attempt {{count}}
  - id: run
    name: Look at it
    step_type: Command
    depends_on: [create_file]
    timeout_seconds: 60
    parameters:
      command: cat
      args: ["notes/{{ project }}.md"]
  - id: CleanUp
    name: Clean up
    stepType: DeleteFile
    dependsOn: [run]
    continueOnError: true
    parameters: {path: "notes/{{ project }}.md"}
config:
  max_parallel_steps: 2
  timeout_seconds: 600
  retry_count: 2
  fail_fast: false
  variables: {project: demo, count: 3}
`;

describe('a mission in the source format', () => {
  test('becomes a definition: steps, needs, limits, variables, in both spellings', () => {
    const found = definition(fiveMinutes);
    expect(found).toMatchObject({ name: 'Five minute check', settings: { maxParallel: 2, failFast: false, timeoutSeconds: 600 }, phases: [{ gate: null }] });
    expect(found.phases[0]!.tasks).toMatchObject([
      { id: 'create-file', title: 'Create the note of demo', uses: 'file.write', with: { path: 'notes/demo.md', content: '# demo at 2026-01-02T03:04:05.000Z, attempt 3\n' }, needs: [], maxAttempts: 3, timeoutSeconds: 300, continueOnError: false },
      { id: 'run', uses: 'command', with: { run: ['cat', 'notes/demo.md'] }, needs: ['create-file'], timeoutSeconds: 60 },
      { id: 'cleanup', uses: 'file.delete', needs: ['run'], continueOnError: true },
    ]);
  });

  test('keeps every retry that it asks for, and its time limit in the file that is written', () => {
    const text = 'version: "1.0"\nname: x\nsteps: [{id: a, name: A, step_type: noop}]\nconfig: {retry_count: 10, timeout_seconds: 90}\n';
    expect(definition(text)).toMatchObject({ settings: { timeoutSeconds: 90 }, phases: [{ tasks: [{ maxAttempts: 11 }] }] });
    const source = read(text);
    if (!source.ok) throw new Error(source.error[0]?.message);
    const written = readMissionFile({ file: 'mission.yml', text: renderMissionDocument(source.value.document, 'imported') }, options);
    expect(written).toMatchObject({ ok: true, value: { settings: { timeoutSeconds: 90 }, phases: [{ tasks: [{ maxAttempts: 11 }] }] } });
  });

  test('has the defaults of the source format: four at once, 300 s a step, an hour in all, no retries', () => {
    const found = definition('version: "1.0"\nname: x\nsteps: [{id: a, name: A, step_type: noop}]\n');
    expect(found).toMatchObject({ settings: { maxParallel: 4, failFast: true, timeoutSeconds: 3600 }, phases: [{ tasks: [{ timeoutSeconds: 300, maxAttempts: 1 }] }] });
  });

  test('a chain becomes tasks one after the other, and what depended on it depends on its last', () => {
    const found = definition('version: "1.0"\nname: x\nsteps:\n  - {id: think, step_type: chain, parameters: {type: sequential, steps: ["First?", {step_type: Noop}]}}\n  - {id: end, step_type: noop, depends_on: [think]}\n');
    expect(found.phases[0]!.tasks.map(({ id, uses, needs }) => ({ id, uses, needs }))).toEqual([{ id: 'think-1', uses: 'llm', needs: [] }, { id: 'think-2', uses: 'noop', needs: ['think-1'] }, { id: 'end', uses: 'noop', needs: ['think-2'] }]);
    expect(one('chain', { prompt: 'Why?' })).toEqual([{ uses: 'llm', with: { prompt: 'Why?' } }]);
  });

  test('a variable alone keeps its type; text that GitHub Actions would read stays text', () => {
    const found = definition('version: "1.0"\nname: x\nsteps:\n  - {id: a, step_type: noop, parameters: {delay: "{{ pause }}"}}\n  - {id: b, step_type: create_file, parameters: {path: a.yml, content: "ref: ${{ github.sha }} {{ config.variables.pause }}"}}\nconfig: {variables: {pause: 2}}\n');
    expect(found.phases[0]!.tasks[0]).toMatchObject({ uses: 'wait', with: { duration: '2s' } });
    expect(found.phases[0]!.tasks[1]!.with['content']).toBe('ref: $${{ github.sha }} 2');
  });
});

describe('every step type of the source format', () => {
  const counterparts: [string, object, string, object][] = [
    ['CreateFile', { path: 'a', content: 'b' }, 'file.write', { path: 'a', content: 'b' }],
    ['edit_file', { path: 'a', find: 'x', replace: 'y' }, 'file.edit', { path: 'a', edits: [{ find: 'x', replace: 'y' }] }],
    ['edit_file', { path: 'a', content: 'x' }, 'file.write', { path: 'a', content: 'x' }],
    ['delete_file', { path: 'a' }, 'file.delete', { path: 'a' }],
    ['copy_file', { source: 'a', destination: 'b' }, 'file.copy', { from: 'a', to: 'b' }],
    ['MoveFile', { from: 'a', to: 'b' }, 'file.move', { from: 'a', to: 'b' }],
    ['read_file', { path: 'a' }, 'file.read', { path: 'a' }],
    ['list_directory', { path: './src/', recursive: true, pattern: '*.ts' }, 'file.list', { files: ['src/**/*.ts'] }],
    ['list_directory', {}, 'file.list', { files: ['*'] }],
    ['file_search', { pattern: 'TODO', path: 'src', file_pattern: '*.ts' }, 'file.search', { regex: 'TODO', files: ['src/**/*.ts'] }],
    ['parse_json', { path: 'a.json' }, 'data.json', { file: 'a.json' }],
    ['ParseYaml', { content: 'a: 1' }, 'data.yaml', { text: 'a: 1' }],
    ['parse_xml', { path: 'a.xml' }, 'data.xml', { file: 'a.xml' }],
    ['csv_process', { path: 'a.csv', has_header: true }, 'data.csv', { file: 'a.csv', header: true }],
    ['validate_schema', { data: { a: 1 }, schema: { type: 'object' } }, 'data.validate', { value: { a: 1 }, schema: { type: 'object' } }],
    ['run_tests', { command: 'npm', args: ['test'] }, 'test.run', { run: ['npm', 'test'] }],
    ['LintCode', {}, 'lint.run', {}],
    ['format_code', {}, 'format.run', {}],
    ['compile_code', { command: 'make all' }, 'command', { run: ['make', 'all'] }],
    ['git_commit', { message: 'm', files: ['.'] }, 'git.commit', { message: 'm' }],
    ['git_branch', { name: 'release/1' }, 'git.branch', { name: 'release/1' }],
    ['git_merge', { branch: 'main' }, 'git.merge', { from: 'main' }],
    ['git_status', {}, 'git.status', {}],
    ['GitDiff', {}, 'git.diff', {}],
    ['service_health', { url: 'https://example.com/health', expected_status: 204 }, 'service.health', { url: 'https://example.com/health', expect: [204] }],
    ['compress', { files: ['src', 'README.md'], output: 'a.zip' }, 'archive.create', { files: ['src/**', 'README.md'], to: 'a.zip' }],
    ['sql_query', { connection: 'reporting', query: 'select $1', params: [1] }, 'sql.query', { connection: 'reporting', query: 'select $1', values: [1] }],
    ['command', { command: 'npm run "a b"' }, 'command', { run: ['npm', 'run', 'a b'] }],
    ['http', { url: 'https://example.com', method: 'post', body: { a: 1 } }, 'http', { url: 'https://example.com', method: 'POST', json: { a: 1 } }],
    ['noop', { message: 'hi' }, 'noop', { message: 'hi' }],
    ['llm', { prompt: 'x', model: 'm', provider: 'p' }, 'llm', { prompt: 'x', model: 'm' }],
    ['model_inference', { input: 'x' }, 'llm', { prompt: 'x' }],
    ['tool', { tool: 'search.find', parameters: { q: 1 } }, 'tool', { server: 'search', tool: 'find', arguments: { q: 1 } }],
    ['tool', { tool: 'find' }, 'tool', { server: 'default', tool: 'find' }],
    ['agent', { name: 'a', objective: 'Do it' }, 'agent', { prompt: 'Do it' }],
  ];
  test.each(counterparts)('%s %j is %s', (type, parameters, uses, given) => {
    expect(one(type, parameters)).toEqual([{ uses, with: given }]);
  });

  test.each(['extract_functions', 'generate_docs', 'ProcessStart', 'process_kill', 'monitor_resources', 'redis_set', 'redis_get', 'db_backup', 'db_migrate', 'websocket_connect', 'ftp_upload', 'ftp_download', 'SshExecute', 'ping_host', 'generate_embedding', 'similarity_search', 'rag_query', 'rag_add', 'policy', 'safety', 'audit', 'compile_code'])('%s is refused by name, with the way out', (type) => {
    expect(problems(`version: "1.0"\nname: x\nsteps:\n  - id: a\n    step_type: ${type}\n`)).toEqual([expect.stringMatching(new RegExp(`^5:16 The step type "${type}" of step "a" is refused: .{20,}\\.$`))]);
  });

  test('is on the page that tells what it becomes', () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/use/import-a-mission.md', import.meta.url)), 'utf8');
    expect(sourceStepTypes.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
  });

  test('is either one or the other', () => {
    const tried = new Set([...counterparts.map(([type]) => type.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()), 'chain', 'extract_functions', 'generate_docs', 'process_start', 'process_kill', 'monitor_resources', 'redis_set', 'redis_get', 'db_backup', 'db_migrate', 'websocket_connect', 'ftp_upload', 'ftp_download', 'ssh_execute', 'ping_host', 'generate_embedding', 'similarity_search', 'rag_query', 'rag_add', 'policy', 'safety', 'audit']);
    expect(sourceStepTypes.filter((type) => !tried.has(type))).toEqual([]);
  });
});

describe('a file that an issue names', () => {
  test('may be in the source format or in ours', () => {
    const any = (text: string) => readAnyMission({ file: 'x.yml', text }, options);
    expect(any(fiveMinutes)).toMatchObject({ ok: true, value: { name: 'Five minute check' } });
    expect(any('{"version": "1.0", "name": "x", "steps": [{"id": "a", "step_type": "noop"}]}')).toMatchObject({ ok: true, value: { name: 'x' } });
    expect(any('version: 1\nname: ours\nphases:\n  - id: p\n    tasks: [{id: t, uses: noop, with: {message: "steps: two"}}]\n')).toMatchObject({ ok: true, value: { name: 'ours' } });
    expect(any('version: "1.0"\nname: x\nsteps: [{id: a, step_type: audit}]\n')).toMatchObject({ ok: false, error: [{ code: 'no-counterpart' }] });
    expect(any('version: 1\nname: x\nphases: []\nsteps: []\n')).toMatchObject({ ok: false });
  });
});

describe('what is wrong is told all at once, with its place', () => {
  test('types, parameters, variables and references', () => {
    expect(problems(`version: "2.0"
name: x
steps:
  - id: a
    step_type: craete_file
    parameters: {path: x}
  - id: b
    step_type: ssh_execute
    depends_on: [aa]
  - id: c
    step_type: create_file
    parameters: {path: "{{ nme }}", content: x, encoding: latin1}
  - id: d
    step_type: command
    parameters: {command: bash, args: [-c, "rm -rf /"]}
  - id: e
    step_type: command
    parameters: {command: "cat a | wc"}
  - id: c
    step_type: file_search
    parameters: {}
config: {variables: {nam: y, list: [1]}}
`)).toEqual([
      expect.stringMatching(/^1:10 The version is "2.0"/),
      expect.stringMatching(/^5:16 .*no step type "craete_file".* Did you mean "create_file"\?/),
      expect.stringMatching(/^8:16 The step type "ssh_execute" of step "b" is refused/),
      expect.stringMatching(/^9:18 Step "b" depends on "aa", which does not exist/),
      expect.stringMatching(/^12:24 There is no variable "nme"/),
      expect.stringMatching(/^12:49 The parameter "encoding" of "create_file" has no counterpart/),
      expect.stringMatching(/^15:17 The step becomes "command", and with.run gives program text to bash/),
      expect.stringMatching(/^17:16 .*its command holds \|/),
      expect.stringMatching(/^19:9 Two steps have the id "c"/),
      expect.stringMatching(/^21:17 The step becomes "file.search"/),
      expect.stringMatching(/^22:36 The variable "list" must be text/),
    ]);
  });

  test('a circle names its steps', () => {
    expect(problems('version: "1.0"\nname: x\nsteps:\n  - {id: a, step_type: noop, depends_on: [b]}\n  - {id: b, step_type: noop, depends_on: [a]}\n')).toEqual([expect.stringMatching(/^4:5 .*a.*b.*Remove one of these needs/)]);
  });

  test('a circle is told with everything else, and values with what was found', () => {
    expect(problems('version: "1.0"\nname: x\nsteps:\n  - {id: a, step_type: noop, depends_on: [b]}\n  - {id: b, step_type: redis_set, depends_on: [a]}\n  - {id: c, step_type: command, parameters: {command: ls, env: {A: [1]}}}\n  - {id: d, step_type: CreateFile, parameters: {path: ../../etc/passwd, content: x}}\n')).toEqual([
      expect.stringMatching(/^4:5 .*Remove one of these needs/),
      expect.stringMatching(/^5:24 The step type "redis_set" of step "b" is refused/),
      expect.stringMatching(/^6:45 The step becomes "command", and with\.env\.A has the wrong type\. Found \[1\]; expected text or a number/),
      expect.stringMatching(/^7:48 The step becomes "file\.write", and with\.path is no file inside the repository/),
    ]);
  });

  test('a framework beside a command says nothing', () => {
    expect(problems('version: "1.0"\nname: x\nsteps: [{id: a, step_type: run_tests, parameters: {command: npm test, framework: npm}}]\n')).toEqual([]);
  });

  test('credentials in headers, and paths out of the repository', () => {
    expect(problems('version: "1.0"\nname: x\nsteps: [{id: a, step_type: http, parameters: {url: "https://example.com", headers: {Authorization: "Bearer x"}}}]\n')).toEqual([expect.stringContaining('is a credential')]);
  });

  test.each(['', 'steps', '[]', 'steps: 3', 'version: "1.0"\nname: x\nsteps: []\n', 'a: &a [*a]', '['.repeat(2000), 'version: "1.0"\nname: x\nsteps: [1, null, {id: {}, step_type: []}]\n'])('and %j does no harm', (text) => {
    expect(problems(text)).not.toEqual([]);
  });
});
