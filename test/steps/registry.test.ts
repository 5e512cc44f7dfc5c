import { describe, expect, test } from 'vitest';

import { noop } from '../../src/steps/noop.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const registry = createStepRegistry(builtInSteps);
const messages = (name: string, parameters: Parameters<typeof registry.check>[1]): string[] => registry.check(name, parameters).map((problem) => problem.message);

describe('the registry', () => {
  test('knows its types by name and in order', () => {
    const names = registry.types.map((type) => type.name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['agent', 'command', 'file.write', 'noop']));
    expect(registry.find('command')?.name).toBe('command');
    expect(registry.find('comand')).toBeNull();
  });

  test('offers the nearest name to a mistyped one, and none to a strange one', () => {
    expect(registry.nearest('comand')).toBe('command');
    expect(registry.nearest('file_write')).toBe('file.write');
    expect(registry.nearest('file.wirte')).toBe('file.write');
    expect(registry.nearest('Command')).toBe('command');
    expect(registry.nearest('kubernetes')).toBeNull();
    expect(registry.nearest('x'.repeat(100_000))).toBeNull();
  });

  test('refuses two types of one name', () => {
    expect(() => createStepRegistry([noop, noop])).toThrow('two step types are named noop');
  });

  test('refuses a schema with a misspelt keyword', () => {
    expect(() => createStepRegistry([{ ...noop, parameters: { type: 'object', propertys: {} } }]).check('noop', {})).toThrow('propertys');
  });

  test('takes the schema of every type that ships', () => {
    for (const name of registry.names()) expect(Array.isArray(registry.check(name, {})), name).toBe(true);
  });
});

describe('wrong parameters', () => {
  test('are all reported at once, each with place, found, expected and nearest word', () => {
    const problems = registry.check('command', { runn: ['npm', 'test'], 'timeout_seconds': 5, cwd: 7, 'timeout-seconds': 0, env: { 'A B': 'x', C: [1] } });
    expect(problems.map(({ path, found, nearest }) => ({ path, found, nearest }))).toEqual([
      { path: ['run'], found: null, nearest: null },
      { path: ['runn'], found: '["npm","test"]', nearest: 'run' },
      { path: ['timeout_seconds'], found: '5', nearest: 'timeout-seconds' },
      expect.objectContaining({ path: ['env'] }),
      expect.objectContaining({ path: ['env'] }),
      { path: ['env', 'C'], found: '[1]', nearest: null },
      { path: ['cwd'], found: '7', nearest: null },
      { path: ['timeout-seconds'], found: '0', nearest: null },
    ]);
    expect(problems[0]).toMatchObject({ message: 'with.run is missing.', expected: expect.stringContaining('[npm, test]') });
    expect(problems[1]!.message).toBe('with has no parameter "runn"; did you mean "run"?');
  });

  test('of an agent’s script are reported with the number of the move', () => {
    expect(messages('agent', { prompt: 'x', script: [{ say: 'hi' }, { wirte: { path: 'a', content: '' } }, { edit: { path: 'a', find: 'b' } }, { write: { path: 'a', content: '' }, say: 'x' }] })).toEqual([
      'with.script.1 has no parameter "wirte"; did you mean "write"?',
      'with.script.2.edit.replace is missing.',
      'with.script.3 must have exactly one of its parameters.',
    ]);
  });
});

describe('program text in an argument list is refused, with the way out', () => {
  const refused = [
    ['sh', '-c', 'x'], ['bash', '-c', 'x'], ['/bin/bash', '-lc', 'x'], ['bash', '-e', '-u', '-c', 'x'], ['bash', '-o', 'pipefail', '-c', 'x'], ['bash', '--norc', '-c', 'x'], ['zsh', '-ec', 'x'], ['dash', '-c', 'x'], ['fish', '--command=x'], ['busybox', 'sh', '-c', 'x'],
    ['python', '-c', 'x'], ['python3.12', '-c', 'x'], ['python3', '-Ic', 'x'], ['python3', '-c1'], ['node', '-e', 'x'], ['node', '--eval', 'x'], ['node', '--eval=x'], ['node', '-pe', 'x'], ['node', '--print', 'x'], ['node', '--import', 'tsx', '-e', 'x'], ['node', '--import=data:text/javascript,x', 'y.js'], ['deno', 'eval', 'x'], ['bun', '-e', 'x'],
    ['perl', '-e', 'x'], ['perl', '-pe', 'x'], ['perl', '-E', 'x'], ['ruby', '-e', 'x'], ['php', '-r', 'x'], ['lua', '-e', 'x'], ['pwsh', '-Command', 'x'], ['powershell.exe', '-EncodedCommand', 'x'], ['cmd.exe', '/c', 'x'],
    ['env', 'bash', '-c', 'x'], ['env', 'A=b', 'sh', '-c', 'x'], ['env', '-S', 'sh -c x'], ['timeout', '5', 'sh', '-c', 'x'], ['nice', '-n', '5', 'python3', '-c', 'x'], ['sudo', '-u', 'x', 'sh', '-c', 'x'], ['xargs', 'sh', '-c', 'x'], ['nohup', 'node', '-e', 'x'], ['npx', '-c', 'x'], ['npm', 'exec', '-c', 'x'], ['uv', 'run', 'python', '-c', 'x'], ['su', '-c', 'x'],
  ];
  test.each(refused.map((run) => [run.join(' '), run] as const))('%s', (_name, run) => {
    const problems = registry.check('command', { run });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path: ['run', expect.any(Number)], message: expect.stringMatching(/script file/) });
  });

  const fine = [
    ['npm', 'test'], ['npm', 'run', 'build', '--', '-c', 'x'], ['sh', 'scripts/check.sh'], ['bash', 'scripts/check.sh', '-c', 'x'], ['bash', '-eu', 'check.sh'], ['python3', 'x.py', '-c', 'conf'], ['python3', '-m', 'pytest', '-c', 'conf'], ['node', 'x.js', '-e', 'prod'], ['node', '--test'], ['node', '--import', 'tsx', 'x.ts', '-p', '1'],
    ['tsc', '-p', '.'], ['make', '-e'], ['git', '-c', 'a=b', 'status'], ['grep', '-e', 'x', 'README.md'], ['sed', '-e', 's/a/b/', 'x'], ['perl', 'x.pl', '-e'], ['env', 'A=b', 'npm', 'test'], ['timeout', '5', 'npm', 'test'], ['npx', 'vitest', '-c', 'conf.ts'], ['docker', 'run', '-e', 'A=b', 'x'], ['cargo', 'test'], ['echo', 'sh', '-c'],
  ];
  test.each(fine.map((run) => [run.join(' '), run] as const))('but not: %s', (_name, run) => {
    expect(messages('command', { run })).toEqual([]);
  });
});
