import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { parseVersions } from '../../src/worker/brought-versions.ts';
import { git, TEST_GIT_ENV } from './support/git-server.ts';
import { createWorkspaceWorld } from './support/workspace-world.ts';
import type { WorkspaceWorld } from './support/workspace-world.ts';

let world: WorkspaceWorld;
let base: string;
beforeEach(async () => {
  world = await createWorkspaceWorld();
  base = world.server.head('main') ?? '';
});
afterEach(() => world.close());

/** Builds a commit by plumbing in the server's repository: any tree, any parents. */
function commit(files: Readonly<Record<string, string | { readonly mode: string; readonly text: string }>>, ...parents: string[]): string {
  const lines = Object.entries(files).map(([path, file]) => {
    const { mode, text } = typeof file === 'string' ? { mode: '100644', text: file } : file;
    const id = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: world.server.bare, env: TEST_GIT_ENV, input: text, encoding: 'utf8' }).trim();
    return `${mode} blob ${id}\t${path}`;
  });
  const tree = execFileSync('git', ['mktree', '-z'], { cwd: world.server.bare, env: TEST_GIT_ENV, input: lines.map((line) => `${line}\0`).join(''), encoding: 'utf8' }).trim();
  const made = git(world.server.bare, 'commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'made');
  git(world.server.bare, 'update-ref', 'refs/heads/mission/1/trunk', made);
  return made;
}

async function told(workspace: AttemptWorkspace, from: string) {
  const { commits, versions, isWhole } = (await workspace.history?.versionsSince(from)) ?? { commits: [], versions: [], isWhole: false };
  const contents = (await workspace.history?.read([...new Set(versions.flatMap(({ id, before }) => [id, ...before.map((one) => one.id)]))])) ?? new Map<string, Buffer>();
  const textOf = (one: { readonly id: string; readonly bytes: number }) => {
    expect(contents.get(one.id)?.length).toBe(one.bytes);
    return contents.get(one.id)?.toString('latin1');
  };
  return { commits: commits.length, isWhole, versions: versions.map((version) => [version.commit, version.path, textOf(version), version.before.map(textOf)]) };
}

describe('the history of a workspace', () => {
  it('holds what a later commit took out again, with the commit that brought it and what that replaced', async () => {
    const first = commit({ 'a.txt': 'one\n', 'b.bin': 'x\0\r\ny' }, base);
    const second = commit({ 'a.txt': 'two\n', 'odd \n"name': '' }, first);
    const third = commit({ 'a.txt': 'two\n' }, second);
    const workspace = await world.open({ baseCommit: third });
    expect(await told(workspace, base)).toEqual({
      commits: 3,
      isWhole: true,
      versions: [[first, 'a.txt', 'one\n', []], [first, 'b.bin', 'x\0\r\ny', []], [second, 'a.txt', 'two\n', ['one\n']], [second, 'odd \n"name', '', []]],
    });
    expect(await told(workspace, second)).toEqual({ commits: 1, isWhole: true, versions: [] });
    expect(await told(workspace, third)).toEqual({ commits: 0, isWhole: true, versions: [] });
    await expect(workspace.history?.versionsSince('--all')).rejects.toMatchObject({ failure: 'input' });
  });

  it('holds the commits themselves as git keeps them, with names, addresses and messages', async () => {
    const first = commit({ 'a.txt': 'one\n' }, base);
    git(world.server.bare, 'config', 'i18n.commitEncoding', 'ISO-8859-1');
    const second = git(world.server.bare, 'commit-tree', `${first}^{tree}`, '-p', first, '-m', 'two\n\nlines');
    git(world.server.bare, 'update-ref', 'refs/heads/mission/1/trunk', second);
    const { history } = await world.open({ baseCommit: second });
    const { commits } = (await history?.versionsSince(base)) ?? { commits: [] };
    expect(commits.map((one) => one.commit)).toEqual([first, second]);
    const contents = await history?.read(commits.map((one) => one.commit));
    for (const one of commits) {
      const text = execFileSync('git', ['cat-file', 'commit', one.commit], { cwd: world.server.bare, env: TEST_GIT_ENV });
      expect(contents?.get(one.commit)).toEqual(text);
      expect(one.bytes).toBe(text.length);
    }
    expect(contents?.get(second)?.toString('latin1')).toMatch(/^author [^]*\nencoding ISO-8859-1\n\ntwo\n\nlines\n$/m);
  });

  it('holds of a merge only what stands in none of its parents', async () => {
    const left = commit({ 'l.txt': 'left\n', 'both.txt': 'l\n' }, base);
    const right = commit({ 'r.txt': 'right\n', 'both.txt': 'r\n' }, base);
    const merge = commit({ 'l.txt': 'left\n', 'r.txt': 'right\n', 'both.txt': 'lr\n', 'evil.txt': 'evil\n' }, left, right);
    const { commits, versions } = await told(await world.open({ baseCommit: merge }), base);
    expect(commits).toBe(3);
    expect(versions.filter(([by]) => by === merge)).toEqual([[merge, 'both.txt', 'lr\n', ['l\n', 'r\n']], [merge, 'evil.txt', 'evil\n', []]]);
    expect(versions).toHaveLength(6);
  });

  it('leaves out what the base holds already, moved files and links; one that became a file is looked at', async () => {
    const text = 'a file long enough to be known again\n'.repeat(5);
    const start = commit({ 'a.txt': text, 'b.txt': 'b\n' }, base);
    const moved = commit({ 'c.txt': text, 'b.txt': 'changed\n', 'link': { mode: '120000', text: 'where it leads' } }, start);
    const edited = commit({ 'd.txt': `${text}more\n`, 'b.txt': 'b\n', 'link': 'where it leads' }, moved);
    expect((await told(await world.open({ baseCommit: edited }), start)).versions).toEqual([[moved, 'b.txt', 'changed\n', ['b\n']], [edited, 'd.txt', `${text}more\n`, [text]], [edited, 'link', 'where it leads', []]]);
  });

  it('is read from the folder that programs cannot write to, whatever they do to the one they see', async () => {
    const first = commit({ 'a.txt': 'one\n' }, base);
    const workspace = await world.open({ baseCommit: first });
    await workspace.run({ argv: ['sh', '-c', 'rm -rf .git/objects && printf "[core]\\n\\tfsmonitor = touch /tmp/ran\\n[diff]\\n\\texternal = false\\n" > .git/config && echo "* diff=x filter=x" > .gitattributes'] });
    expect((await told(workspace, base)).versions).toEqual([[first, 'a.txt', 'one\n', []]]);
  });
});

describe('a listing that was cut', () => {
  const one = `${'a'.repeat(40)}\0:000000 100644 ${'0'.repeat(40)} ${'b'.repeat(40)} A\0one.txt\0`;

  it('gives what was listed whole, and nothing of what was not', () => {
    const listing = Buffer.from(`${one}:000000 100644 ${'0'.repeat(40)} ${'c'.repeat(40)} A\0two.txt\0`);
    for (let end = one.length; end < listing.length; end += 1) expect(parseVersions(listing.subarray(0, end), true)).toEqual([{ commit: 'a'.repeat(40), path: 'one.txt', id: 'b'.repeat(40), before: [] }]);
    expect(parseVersions(listing)).toHaveLength(2);
  });

  it('is told apart from one that is broken', () => {
    expect(() => parseVersions(Buffer.from(`${one}:000000 100644 ${'0'.repeat(40)} ${'c'.repeat(40)} A\0`))).toThrow('git printed a raw record that is not one');
  });
});
