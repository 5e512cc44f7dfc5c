import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readWorkspaceFile, readWorkspaceFolder, removeWorkspaceFile, workspaceFolder, writeWorkspaceFile } from '../../src/worker/safe-files.ts';
import { isGitName } from '../../src/worker/safe-path.ts';

let base: string;
let root: string;
let secret: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'missiongate-files-'));
  root = join(base, 'root');
  secret = join(base, 'outside', 'secret.txt');
  mkdirSync(root);
  mkdirSync(join(base, 'outside'));
  writeFileSync(secret, 'untouched');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const read = (path: string): Promise<string> => readWorkspaceFile(root, path, 1_000_000);
const write = (path: string, content = 'x'): Promise<void> => writeWorkspaceFile(root, path, content, undefined);
const refusal = { name: 'StepError', failure: 'input' };

describe('a path is refused', () => {
  const paths = [
    '', '/', '/etc/passwd', '..', '../x', 'a/../x', 'a/../../x', './../x', 'a/..', '.', './', 'a/', 'a\0b', '\0', 'a\\b', '..\\x', 'C:\\x', 'C:/x', 'c:x', '\\\\server\\x',
    'a\nb', 'a\rb', 'a\u0007', 'a\u007f', 'n'.repeat(256), `a/${'ü'.repeat(128)}`, `${'d/'.repeat(2100)}x`, '\ud800', 'a/\udfff/b',
    '.git', '.git/config', 'a/.git/hooks/x', '.GIT/config', '.Git', '.gIt/x', 'git~1', 'GIT~1/config', 'git~2', '.git.', '.git ', '.git. . ', '.git::$INDEX_ALLOCATION/x', '.git:x', '.g\u200cit/config', '\ufeff.git/x', '.gi\u202et',
  ];
  for (const path of paths) {
    test(`for reading, writing and removing: ${JSON.stringify(path).slice(0, 60)}`, async () => {
      await expect(read(path)).rejects.toMatchObject(refusal);
      await expect(write(path)).rejects.toMatchObject(refusal);
      await expect(removeWorkspaceFile(root, path)).rejects.toMatchObject(refusal);
    });
  }
});

test('a folder shows what stands in it, links as links and git’s own not at all; what is no folder shows nothing', async () => {
  for (const path of ['a/b.txt', 'a/.ignored', 'c.txt']) await write(path);
  mkdirSync(join(root, '.git'));
  symlinkSync(join(base, 'outside'), join(root, 'a', 'link'));
  expect(await readWorkspaceFolder(root, '.')).toEqual([{ name: 'a', kind: 'folder' }, { name: 'c.txt', kind: 'file' }]);
  expect(await readWorkspaceFolder(root, 'a')).toEqual([{ name: '.ignored', kind: 'file' }, { name: 'b.txt', kind: 'file' }, { name: 'link', kind: 'link' }]);
  for (const path of ['a/link', 'missing', 'c.txt', '..', '/', '.git', 'a/../..', 'a\\b']) expect(await readWorkspaceFolder(root, path)).toEqual([]);
});

test('names that only resemble git’s are fine', async () => {
  for (const path of ['.gitignore', '.gitattributes', '.github/x', 'git', 'a.git', '.gitx', 'git~', '-rf', '--help', ' a', 'a b/ü👋', '.git-x', 'a..b', '...', '~', '$(x)', '*?']) {
    expect(isGitName(path.split('/')[0]!)).toBe(false);
    await write(path, path);
    expect(await read(path)).toBe(path);
  }
});

describe('a symbolic link is not followed', () => {
  test('where it is the file', async () => {
    symlinkSync(secret, join(root, 'link'));
    await expect(read('link')).rejects.toMatchObject(refusal);
    await expect(write('link')).rejects.toMatchObject(refusal);
    expect(readFileSync(secret, 'utf8')).toBe('untouched');
  });

  test('where it is a folder on the way', async () => {
    symlinkSync(join(base, 'outside'), join(root, 'folder'));
    await expect(read('folder/secret.txt')).rejects.toMatchObject(refusal);
    await expect(write('folder/secret.txt')).rejects.toMatchObject(refusal);
    await expect(write('folder/new/file')).rejects.toMatchObject(refusal);
    await expect(removeWorkspaceFile(root, 'folder/secret.txt')).rejects.toMatchObject(refusal);
    await expect(workspaceFolder(root, 'folder')).rejects.toMatchObject(refusal);
    expect(readFileSync(secret, 'utf8')).toBe('untouched');
    expect(existsSync(join(base, 'outside', 'new'))).toBe(false);
  });

  test('also within the workspace, and when it points nowhere', async () => {
    writeFileSync(join(root, 'real'), 'x');
    symlinkSync('real', join(root, 'inside'));
    symlinkSync('/nonexistent/file', join(root, 'dangling'));
    symlinkSync('loop', join(root, 'loop'));
    for (const path of ['inside', 'dangling', 'loop']) {
      await expect(read(path)).rejects.toMatchObject(refusal);
      await expect(write(path)).rejects.toMatchObject(refusal);
    }
    expect(existsSync('/nonexistent/file')).toBe(false);
  });

  test('but it can be removed, and only it', async () => {
    symlinkSync(secret, join(root, 'link'));
    await removeWorkspaceFile(root, 'link');
    expect(readFileSync(secret, 'utf8')).toBe('untouched');
    expect(existsSync(join(root, 'link'))).toBe(false);
  });
});

test('a hard link out of the workspace is cut, not written through', async () => {
  linkSync(secret, join(root, 'hard'));
  await write('hard', 'mine');
  expect(readFileSync(secret, 'utf8')).toBe('untouched');
  expect(await read('hard')).toBe('mine');
});

test('a FIFO, a device or a folder is not read, and nobody waits for it', async () => {
  execFileSync('mkfifo', [join(root, 'fifo')]);
  mkdirSync(join(root, 'folder'));
  await expect(read('fifo')).rejects.toMatchObject(refusal);
  await expect(read('folder')).rejects.toMatchObject(refusal);
  await expect(write('folder')).rejects.toMatchObject(refusal);
});

test('a file above the limit is not read', async () => {
  await write('big', 'x'.repeat(2000));
  await expect(readWorkspaceFile(root, 'big', 1999)).rejects.toMatchObject(refusal);
});

test('an executable file stays executable when it is written anew', async () => {
  await writeWorkspaceFile(root, 'x.sh', '#!/bin/sh\n', true);
  await write('x.sh', '#!/bin/sh\nexit 0\n');
  execFileSync(join(root, 'x.sh'));
  await writeWorkspaceFile(root, 'x.sh', 'text', false);
  expect(() => execFileSync(join(root, 'x.sh'))).toThrow('EACCES');
});

test('a folder that is swapped for a link while files are read and written lets nothing out', async () => {
  mkdirSync(join(root, 'real'));
  writeFileSync(join(root, 'real', 'secret.txt'), 'inside');
  // Swaps as fast as it can until it is ended.
  const swapping = `
    const { renameSync, symlinkSync } = require('node:fs');
    const root = ${JSON.stringify(root)};
    symlinkSync(${JSON.stringify(join(base, 'outside'))}, root + '/evil');
    console.log('ready');
    for (;;) {
      renameSync(root + '/real', root + '/kept'); renameSync(root + '/evil', root + '/real');
      renameSync(root + '/real', root + '/evil'); renameSync(root + '/kept', root + '/real');
    }`;
  const racer = spawn(process.execPath, ['-e', swapping], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await new Promise((resolve, reject) => {
      racer.stdout.once('data', resolve);
      racer.once('error', reject);
    });
    const seen = new Set<string>();
    for (let round = 0; round < 1000; round += 1) {
      seen.add(await read('real/secret.txt').catch((error: Error) => error.name));
      await write('real/secret.txt', 'inside').catch(() => undefined);
    }
    expect([...seen].filter((text) => text !== 'inside' && text !== 'StepError')).toEqual([]);
    expect(readFileSync(secret, 'utf8')).toBe('untouched');
  } finally {
    racer.kill('SIGKILL');
  }
});
