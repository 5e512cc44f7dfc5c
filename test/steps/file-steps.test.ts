import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

const outside = mkdtempSync(join(tmpdir(), 'missiongate-outside-'));
writeFileSync(join(outside, 'secret.txt'), 'secret of the host\n');

/** A workspace in which a program planted links that lead out. */
async function withLinks() {
  const workspace = await steps.world.open();
  symlinkSync(join(outside, 'secret.txt'), join(workspace.root, 'link.txt'));
  symlinkSync(outside, join(workspace.root, 'folder'));
  return workspace;
}

describe('files that lead out of the workspace', () => {
  const reaching: [string, Record<string, unknown>][] = [];
  for (const path of ['../secret.txt', '/etc/passwd', 'link.txt', 'folder/secret.txt', '.git/config', 'a/../../b']) {
    reaching.push(['file.read', { path }], ['file.edit', { path, edits: [{ find: 'secret', replace: 'x' }] }], ['file.copy', { from: path, to: 'copy.txt' }], ['file.move', { from: path, to: 'moved.txt' }], ['data.json', { file: path }]);
    if (path !== 'link.txt') reaching.push(['file.delete', { path }], ['file.write', { path, content: 'x' }], ['file.copy', { from: 'README.md', to: path, overwrite: true }], ['file.move', { from: 'README.md', to: path, overwrite: true }], ['git.restore', { commit: 'HEAD', paths: [path] }]);
    else reaching.push(['file.write', { path, content: 'x' }], ['file.move', { from: 'README.md', to: path, overwrite: true }]);
  }
  test.each(reaching)('%s refuses %j', async (name, parameters) => {
    const workspace = await withLinks();
    expect(await steps.failing(name, parameters as never, { workspace })).toMatchObject({ failure: 'input' });
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret of the host\n');
    expect(existsSync(join(workspace.root, 'README.md'))).toBe(true);
  });

  test('a link is deleted itself, never what it points to', async () => {
    const workspace = await withLinks();
    await steps.run('file.delete', { path: 'link.txt' }, { workspace });
    expect(existsSync(join(outside, 'secret.txt'))).toBe(true);
    expect(existsSync(join(workspace.root, 'link.txt'))).toBe(false);
  });

  test('neither listing nor searching looks through links', async () => {
    const workspace = await withLinks();
    expect((await steps.run('file.list', {}, { workspace })).outcome.outputs['files']).toEqual(['.gitignore', 'README.md', 'src/add.js']);
    expect((await steps.run('file.search', { text: 'secret' }, { workspace })).outcome.outputs['matches']).toEqual([]);
  });

  test('a file that is hard-linked out of the workspace is cut, not written through', async () => {
    const workspace = await steps.world.open();
    const twin = join(workspace.root, '..', 'twin.txt');
    writeFileSync(twin, 'original\n');
    linkSync(twin, join(workspace.root, 'twin.txt'));
    await steps.run('file.edit', { path: 'twin.txt', edits: [{ find: 'original', replace: 'changed' }] }, { workspace });
    expect(readFileSync(twin, 'utf8')).toBe('original\n');
  });
});

describe('file.edit', () => {
  test('changes lines and texts of one file, or nothing', async () => {
    const { workspace, outcome } = await steps.run('file.edit', { path: 'src/add.js', edits: [{ line: 1, replace: 'exports.sum = (a, b) => a + b;' }, { after: 1, insert: '// end' }, { find: 'sum', replace: 'add' }] });
    expect(await workspace.readFile('src/add.js')).toBe('exports.add = (a, b) => a + b;\n// end\n');
    expect(outcome.outputs).toMatchObject({ path: 'src/add.js', changed: true });
  });

  test('keeps the line ends of Windows', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('dos.txt', 'one\r\ntwo\r\nthree');
    await steps.run('file.edit', { path: 'dos.txt', edits: [{ line: 2, replace: 'zwei\nzwo' }] }, { workspace });
    expect(await workspace.readFile('dos.txt')).toBe('one\r\nzwei\r\nzwo\r\nthree');
  });

  test.each([
    [[{ find: 'nowhere', replace: 'x' }], /does not stand in/],
    [[{ find: 'a', replace: 'x' }], /more than once/],
    [[{ line: 7, replace: 'x' }], /has 1 lines/],
    [[{ line: 1, replace: 'x' }, { line: 1, replace: 'y' }], /Two edits/],
    [[{ line: 1, replace: 'x' }, { find: 'nowhere', replace: 'x' }], /Nothing was changed/],
  ])('refuses %j and changes nothing', async (edits, reason) => {
    const workspace = await steps.world.open();
    const error = await steps.failing('file.edit', { path: 'src/add.js', edits }, { workspace });
    expect(error.failure).toBe('input');
    expect(error.message).toMatch(reason);
    expect(await workspace.readFile('src/add.js')).toBe('exports.add = (a, b) => a + b;\n');
  });
});

describe('file.copy and file.move', () => {
  const bytes = Buffer.from([0, 255, 254, 0x80, 10, 13]);

  test('keep every byte and the executable bit', async () => {
    const workspace = await steps.world.open();
    await workspace.tree!.writeBytes('bin/x', bytes, { executable: true });
    await steps.run('file.copy', { from: 'bin/x', to: 'deep/er/y' }, { workspace });
    await steps.run('file.move', { from: 'deep/er/y', to: 'z' }, { workspace });
    expect(await workspace.tree!.readBytes('z')).toEqual(bytes);
    expect(await workspace.tree!.facts('z')).toMatchObject({ kind: 'file', executable: true });
    expect(await workspace.tree!.facts('deep/er/y')).toBeNull();
  });

  test.each(['file.copy', 'file.move'])('%s replaces a file only when told to', async (name) => {
    expect(await steps.failing(name, { from: 'README.md', to: 'src/add.js' })).toMatchObject({ failure: 'input', message: expect.stringContaining('overwrite: true') });
    const { workspace } = await steps.run(name, { from: 'README.md', to: 'src/add.js', overwrite: true });
    expect(await workspace.readFile('src/add.js')).toBe('# Test\n');
  });

  test('a folder is no file', async () => {
    expect(await steps.failing('file.copy', { from: 'src', to: 'x' })).toMatchObject({ failure: 'input', message: expect.stringContaining('"src" is a folder') });
  });
});

describe('file.read', () => {
  test('reads some lines', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('n.txt', '1\n2\n3\n4\n');
    expect((await steps.run('file.read', { path: 'n.txt', 'from-line': 2, 'to-line': 3 }, { workspace })).outcome.outputs['text']).toBe('2\n3\n');
  });

  test('refuses what is too long for an output, and what is no text', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('long.txt', 'x'.repeat(300_000));
    await workspace.tree!.writeBytes('binary', Buffer.from([0xff, 0xfe, 0]));
    expect(await steps.failing('file.read', { path: 'long.txt' }, { workspace })).toMatchObject({ failure: 'input', message: expect.stringContaining('from-line') });
    expect(await steps.failing('file.read', { path: 'binary' }, { workspace })).toMatchObject({ failure: 'input', message: expect.stringContaining('UTF-8') });
  });
});

describe('file.list and file.search', () => {
  async function tree() {
    const workspace = await steps.world.open();
    for (const [path, content] of Object.entries({ 'a/one.ts': 'let x = 1;\n', 'a/.hidden.ts': 'let y = 2;\n', 'a/b/two.ts': 'LET z = 3;\nlet x = 4;\n', 'ignored/three.ts': 'let x;\n', 'b.txt': 'let x\n' })) await workspace.writeFile(path, content);
    await workspace.tree!.writeBytes('a/blob.ts', Buffer.from('let x = \0'));
    return workspace;
  }

  test('globs take what Git would see, in order of name', async () => {
    const list = async (...files: string[]) => (await steps.run('file.list', { files }, { workspace: await tree() })).outcome.outputs['files'];
    expect(await list('**/*.ts')).toEqual(['a/.hidden.ts', 'a/b/two.ts', 'a/blob.ts', 'a/one.ts']);
    expect(await list('a/*.ts', '!a/blob.ts')).toEqual(['a/.hidden.ts', 'a/one.ts']);
    expect(await list('{b,c}.txt')).toEqual(['b.txt']);
  });

  test('finds lines by text and by expression; files that are no text are left out', async () => {
    const found = async (parameters: Record<string, unknown>) => (await steps.run('file.search', parameters as never, { workspace: await tree() })).outcome.outputs;
    expect(await found({ text: 'let x', files: ['a/**'] })).toMatchObject({ matches: [{ path: 'a/b/two.ts', line: 2, text: 'let x = 4;' }, { path: 'a/one.ts', line: 1, text: 'let x = 1;' }], skipped: 1 });
    expect(await found({ regex: '^let [yz]', 'ignore-case': true })).toMatchObject({ count: 2 });
    expect(await found({ text: 'let', 'max-matches': 2 })).toMatchObject({ count: 2, truncated: true });
  });

  test('an expression that would take exponential time elsewhere takes linear time', async () => {
    const workspace = await tree();
    await workspace.writeFile('evil.txt', `${'a'.repeat(50_000)}!\n`);
    expect((await steps.run('file.search', { regex: '^(a+)+$' }, { workspace })).outcome.outputs['count']).toBe(0);
  });

  test('refuses expressions and globs it cannot bound', () => {
    expect(steps.problems('file.search', { regex: '(a)\\1' })).toEqual([expect.stringContaining('no regular expression of RE2')]);
    expect(steps.problems('file.search', { text: 'a', regex: 'b' })).toEqual(['with needs either "text" or "regex".']);
    expect(steps.problems('file.list', { files: ['**/**/**/**/x', '/etc/*', '../*', '{a,b}{a,b}{a,b}{a,b}'] })).toHaveLength(4);
  });
});

describe('what a file step changed is undone', () => {
  const undone: [string, Record<string, unknown>][] = [
    ['file.write', { path: 'README.md', content: 'replaced\n' }],
    ['file.write', { path: 'new/file.txt', content: 'new\n' }],
    ['file.edit', { path: 'src/add.js', edits: [{ after: 0, insert: '// top' }] }],
    ['file.delete', { path: 'README.md' }],
    ['file.copy', { from: 'README.md', to: 'src/add.js', overwrite: true }],
    ['file.move', { from: 'README.md', to: 'moved.md' }],
    ['archive.create', { files: ['**'], to: 'all.zip' }],
  ];
  test.each(undone)('%s %j', async (name, parameters) => {
    const { workspace, outcome } = await steps.run(name, parameters as never);
    expect(await workspace.git!.status()).not.toEqual([]);
    const inverse = steps.registry.find(name)!.inverse!(parameters as never, outcome.outputs)!;
    await steps.run(inverse.uses, inverse.with, { workspace });
    expect(await workspace.git!.status()).toEqual([]);
  });
});

test('a workspace that a program replaced by a link is not written to', async () => {
  const workspace = await steps.world.open();
  mkdirSync(join(workspace.root, 'sub'));
  execFileSync('rm', ['-r', join(workspace.root, 'sub')]);
  symlinkSync(outside, join(workspace.root, 'sub'));
  expect(await steps.failing('file.write', { path: 'sub/x.txt', content: 'x' }, { workspace })).toMatchObject({ failure: 'input' });
  expect(existsSync(join(outside, 'x.txt'))).toBe(false);
});
