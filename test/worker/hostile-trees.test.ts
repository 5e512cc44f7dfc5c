import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { git, TEST_GIT_ENV } from './support/git-server.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './support/workspace-world.ts';

const yes = async (): Promise<boolean> => true;
const AT = new Date('2026-01-02T03:04:05Z');

let world: WorkspaceWorld;
let outside: string;
beforeAll(async () => {
  world = await createWorkspaceWorld();
  outside = mkdtempSync(join(tmpdir(), 'missiongate-trees-'));
  writeFileSync(join(outside, 'secret.txt'), 'untouched');
});
afterAll(async () => {
  await world.close();
  rmSync(outside, { recursive: true, force: true });
});

/** Builds a commit of raw tree entries with git's plumbing, which lets through what `git add` refuses. */
function commitOf(entries: readonly (readonly [mode: string, name: string | Buffer, content: string | Entries])[]): string {
  const input = (args: string[], data: string | Buffer): string => execFileSync('git', args, { cwd: world.server.bare, env: TEST_GIT_ENV, input: data }).toString().trim();
  const treeOf = (list: Entries): string => {
    const parts = list.flatMap(([mode, name, content]) => {
      const id = mode === '160000' ? '1'.repeat(40) : typeof content === 'string' ? input(['hash-object', '-w', '--stdin'], content) : treeOf(content);
      return [Buffer.from(`${mode.replace(/^0/, '')} `), Buffer.from(name), Buffer.from([0]), Buffer.from(id, 'hex')];
    });
    return input(['hash-object', '-w', '--literally', '-t', 'tree', '--stdin'], Buffer.concat(parts));
  };
  const commit = git(world.server.bare, 'commit-tree', treeOf(entries), '-m', 'Hostile');
  // A ref makes the server give it away.
  git(world.server.bare, 'update-ref', `refs/heads/hostile-${commit}`, commit);
  return commit;
}
type Entries = readonly (readonly [mode: string, name: string | Buffer, content: string | Entries])[];

const file = (name: string | Buffer, content = 'x\n'): readonly [string, string | Buffer, string] => ['100644', name, content];
const deep = (depth: number): Entries => (depth === 0 ? [file('leaf')] : [['040000', 'd'.repeat(60), deep(depth - 1)]]);

/** Trees that must not be checked out at all: the names lead out or into a git folder on some file system. */
const refused: Record<string, Entries> = {
  'a folder named ..': [['040000', '..', [file('escaped')]]],
  'a file named ../escaped': [file('../escaped')],
  'a path with a slash that leads out': [file('a/../../escaped')],
  'a folder named .': [['040000', '.', [file('x')]]],
  'a folder named .git': [['040000', '.git', [file('config', '[core]\n\tfsmonitor = touch pwned\n')]]],
  'a folder named .GIT': [['040000', '.GIT', [file('config')]]],
  'a folder named .Git in a folder': [['040000', 'a', [['040000', '.Git', [['040000', 'hooks', [file('pre-commit')]]]]]]],
  'the NTFS short name git~1': [['040000', 'git~1', [file('config')]]],
  'the NTFS stream .git::$INDEX_ALLOCATION': [['040000', '.git::$INDEX_ALLOCATION', [file('config')]]],
  'an HFS+ name with an ignored character': [['040000', '.g\u200cit', [file('config')]]],
  'a file named .git': [file('.git', 'gitdir: /tmp\n')],
  'an empty name': [file('')],
  'a link named .gitmodules': [['120000', '.gitmodules', '/etc/passwd']],
};

/** Trees that are strange but legal: they are checked out, worked on, committed and pushed without harm. */
const allowed: Record<string, Entries> = {
  'a link to a folder outside': [['120000', 'out', '/tmp'], file('README.md')],
  'a link to a file outside': [['120000', 'passwd', '/etc/passwd'], file('README.md')],
  'links that lead up, to themselves and nowhere': [['120000', 'up', '../../..'], ['120000', 'loop', 'loop'], ['120000', 'nowhere', '/nonexistent']],
  'a link to the git folder': [['120000', 'g', '.git'], file('README.md')],
  'names that begin with a dash': [file('--help'), file('-rf'), ['040000', '--exec=touch pwned', [file('-x')]]],
  'names with new lines and control characters': [file('a\nb'), file('tab\there'), file('bell\u0007')],
  'names with quotes, wildcards and shell characters': [file('$(touch pwned)'), file('*'), file('`id`'), file('a"b\'c'), file(':(top)x')],
  'names with backslashes': [file('a\\b'), file('..\\..\\x')],
  'a name that is no UTF-8': [file(Buffer.from([0x61, 0xff, 0x62]))],
  'names of Windows devices and drives': [file('CON'), file('aux.txt'), file('C:'), file('nul')],
  'names that differ in letter case only': [file('Readme'), file('readme'), file('README')],
  'a name in two Unicode forms': [file('\u00e9'), file('e\u0301')],
  'a very deep folder': deep(50),
  'a submodule': [['160000', 'sub', ''], file('.gitmodules', '[submodule "sub"]\n\tpath = sub\n\turl = ext::touch pwned\n\tupdate = !touch pwned\n')],
  'a submodule without .gitmodules': [['160000', 'sub', ''], file('README.md')],
  'attributes that name drivers': [file('.gitattributes', '* filter=evil diff=evil merge=evil text=auto ident\n'), file('$Id$', '$Id$\n')],
  'a large-file pointer': [file('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n'), file('big.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')],
  'ignore rules for everything': [file('.gitignore', '*\n'), file('kept')],
  'a mailmap and a git configuration that nobody reads': [file('.mailmap', 'x <x@x>\n'), file('.gitconfig', '[core]\n\tfsmonitor = touch pwned\n'), file('.lfsconfig', '[lfs]\n\turl = ext::touch\n')],
  'a group-writable and an executable file': [['100664', 'group', 'x'], ['100755', 'run', '#!/bin/sh\n']],
};

describe('a tree that must not be checked out is refused as input, and nothing of it is written', () => {
  for (const [name, entries] of Object.entries(refused)) {
    test(`refused: ${name}`, async () => {
      await expect(world.open({ baseCommit: commitOf(entries) })).rejects.toMatchObject({ name: 'StepError', failure: 'input' });
      expect(existsSync(join(world.dataDir, 'attempts', 'escaped'))).toBe(false);
      expect(existsSync(join(world.dataDir, 'escaped'))).toBe(false);
    });
  }
});

describe('a strange tree is checked out, committed and pushed without harm', () => {
  for (const [name, entries] of Object.entries(allowed)) {
    test(`allowed: ${name}`, async () => {
      const workspace = await world.open({ baseCommit: commitOf(entries) });
      await workspace.run({ argv: ['sh', '-c', 'for f in *; do test -f "$f" && echo changed >> "$f"; done; echo new > new.txt; true'] });
      const result = await workspace.commitAll('Change', world.author, AT);
      await workspace.diffFrom(workspace.baseCommit);
      await workspace.push('mission/1/strange', yes);
      expect(world.server.head('mission/1/strange')).toBe(result?.commit ?? workspace.baseCommit);
      expect(existsSync(join(workspace.root, 'pwned'))).toBe(false);
      await workspace.dispose();
      expect(existsSync(workspace.root)).toBe(false);
    });
  }

  test('together they are at least twenty', () => {
    expect(Object.keys(refused).length + Object.keys(allowed).length).toBeGreaterThanOrEqual(20);
  });
});

async function after(lines: string): Promise<{ workspace: AttemptWorkspace; files: string[] | null }> {
  const workspace = await world.open();
  await workspace.writeFile('ignored/run.sh', lines);
  const outcome = await workspace.run({ argv: ['sh', 'ignored/run.sh'] });
  expect(outcome.exitCode).toBe(0);
  const result = await workspace.commitAll('After', world.author, AT);
  return { workspace, files: result?.diff.files.map((changed) => changed.path) ?? null };
}

describe('what a program leaves in the worktree', () => {
  test('a link to the outside is committed as a link, not as what it points to', async () => {
    const { workspace, files } = await after(`ln -s ${outside} out; ln -s ${outside}/secret.txt secret`);
    expect(files).toEqual(['out', 'secret']);
    await workspace.push('mission/1/links', yes);
    expect(git(world.server.bare, 'cat-file', 'blob', 'mission/1/links:secret')).toBe(`${outside}/secret.txt`);
  });

  test('a tracked folder replaced by a link outside is a deletion and a link', async () => {
    const { files } = await after(`rm -r src; ln -s ${outside} src`);
    expect(files?.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['src', 'src/add.js']);
  });

  test('names like git’s own are left out and reported', async () => {
    const { files } = await after('mkdir .GIT a; echo x > .GIT/config; echo x > "a/git~1"; echo x > fine');
    expect(files).toEqual(['fine']);
    expect(world.logged.at(-1)).toMatchObject({ message: 'changed paths were not committed' });
  });

  test('sockets, FIFOs and empty folders are no files', async () => {
    expect((await after('mkfifo pipe; mkdir empty')).files).toBeNull();
  });

  test('a tracked file that became a FIFO is deleted', async () => {
    expect((await after('rm README.md; mkfifo README.md')).files).toEqual(['README.md']);
  });

  test('a file that became a folder, and a folder that became a file', async () => {
    const { files } = await after('rm README.md; mkdir README.md; echo x > README.md/inner; rm -r src; echo x > src');
    expect(files?.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['README.md', 'README.md/inner', 'src', 'src/add.js']);
  });

  test('a folder deeper than any path may be long does not stop the commit, and is removed', async () => {
    const { workspace, files } = await after(`echo x > fine; node -e 'const d = "d".repeat(50); for (let i = 0; i < 120; i += 1) { fs.mkdirSync(d); process.chdir(d); } fs.writeFileSync("leaf", "x")'`);
    expect(files).toEqual(['fine']);
    await workspace.dispose();
    expect(existsSync(workspace.root)).toBe(false);
  });

  test('folders without any permission are removed with the workspace', async () => {
    const { workspace } = await after('mkdir -p locked/in; echo x > locked/in/file; echo x > fine');
    await workspace.run({ argv: ['chmod', '-R', '000', 'locked'] });
    await workspace.dispose();
    expect(existsSync(workspace.root)).toBe(false);
  });

  test('a link out is not followed when the workspace is removed', async () => {
    const { workspace } = await after(`ln -s ${outside} out`);
    await workspace.dispose();
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('untouched');
    expect(lstatSync(outside).isDirectory()).toBe(true);
  });

  test('a file larger than the server takes is refused with its name', async () => {
    const small = world.another({ limits: { fileBytes: 1000 } });
    const workspace = await small.open(world.request());
    await workspace.writeFile('large.bin', 'x'.repeat(1001));
    await expect(workspace.commitAll('x', world.author, AT)).rejects.toMatchObject({ failure: 'work', message: expect.stringContaining('large.bin') });
    await workspace.dispose();
  });

  test('a patch is cut at a line, and says so', async () => {
    const small = world.another({ limits: { patchBytes: 2000 } });
    const workspace = await small.open(world.request());
    await workspace.writeFile('many.txt', 'line\n'.repeat(5000));
    const result = await workspace.commitAll('x', world.author, AT);
    expect(result?.diff).toMatchObject({ additions: 5000, truncated: true });
    expect(result!.diff.patch.length).toBeLessThanOrEqual(2000);
    expect(result!.diff.patch.endsWith('+line\n')).toBe(true);
    await workspace.dispose();
  });

  test('a rename, a binary file and a mode are told', async () => {
    const { workspace } = await after(`mv README.md READ.md; head -c 100 /dev/zero > zero.bin; chmod +x src/add.js`);
    const { files } = await workspace.diffFrom(workspace.baseCommit);
    expect(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'READ.md', from: 'README.md', status: 'renamed', additions: 0, deletions: 0 },
      { path: 'src/add.js', status: 'modified', additions: 0, deletions: 0 },
      { path: 'zero.bin', status: 'added', additions: 0, deletions: 0 },
    ]);
  });
});

describe('no value is taken for an option', () => {
  const values = [
    '--upload-pack=touch pwned', '-c', '--exec=touch pwned', '-ofoo', '--help', '-', '--', '--end-of-options', '--output=/tmp/pwned', '@{-1}', 'HEAD', '..', 'a..b', 'a b', 'a\nb', 'a\0b', 'a:b', '+a', 'refs/heads/x', '',
    'x.lock', '.x', 'x/', '/x', 'x//y', 'x/.y', 'a~1', 'a^', 'a?', 'a*', 'a[', 'a\\b', '@', 'a@{0}', 'x.', '\ud800', 'x'.repeat(245), 'ext::sh -c touch% pwned', '$(touch pwned)\n', '--receive-pack=touch',
  ];
  test.each(values.filter((value) => value !== '+a'))('branch name %j', async (value) => {
    const workspace = await shared();
    await expect((async () => workspace.push(value, yes))()).rejects.toMatchObject({ failure: 'input' });
  });

  test.each(values)('commit id %j', async (value) => {
    await expect(world.open({ baseCommit: value || '-' })).rejects.toMatchObject({ failure: 'input' });
    await expect((await shared()).diffFrom(value)).rejects.toMatchObject({ failure: 'input' });
  });

  test.each(values.filter((value) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(value)))('workspace name and repository key %j', async (value) => {
    await expect(world.open({ name: value })).rejects.toMatchObject({ failure: 'input' });
    await expect(world.open({ repository: { key: value, cloneUrl: world.server.cloneUrl } })).rejects.toMatchObject({ failure: 'input' });
  });

  test.each(['ext::sh -c touch% pwned', 'file:///etc', '/etc', '-u', '--upload-pack=x', 'ssh://-oProxyCommand=x/y', 'git@github.com:o/r.git', 'git://host/x', 'http://user:pw@host/x', 'https://tok@host/x', 'http://host/x?a=b', 'http://host/x#f', ''])('clone URL %j', async (cloneUrl) => {
    await expect(world.open({ repository: { key: 'hostile', cloneUrl } })).rejects.toMatchObject({ failure: 'input' });
  });

  test('a message, a name and a date are data: strange ones are committed as they are', async () => {
    const workspace = await world.open();
    await workspace.writeFile('a.txt', 'a');
    const message = '--amend\n-m x\n\n# not a comment\nSigned-off-by: $(touch pwned)\n\u0000';
    const result = await workspace.commitAll(message, { name: '--author=<x> \n y', email: 'a@b>\n' }, new Date(0));
    await workspace.push('mission/1/message', yes);
    expect(git(world.server.bare, 'log', '-1', '--format=%B%n%an%n%ae%n%at', result!.commit)).toBe('--amend\n-m x\n\n# not a comment\nSigned-off-by: $(touch pwned)\n\n--author=x  y\na@b\n0');
    await expect(workspace.commitAll('x', { name: '<>', email: 'a@b' }, AT)).resolves.toBeNull();
  });

  let one: AttemptWorkspace | null = null;
  async function shared(): Promise<AttemptWorkspace> {
    one ??= await world.open();
    return one;
  }
});
