import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { git, TEST_GIT_ENV } from './support/git-server.ts';
import { attackScript, liveInPlainGit, vectors } from './support/hostile-git.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './support/workspace-world.ts';

/**
 * A program that does the worst it can to make the worker's git run something: each vector prepares the worktree; then the
 * worker stages, commits, compares and pushes; then nothing may have run. `$MARKER` is the file whose existence tells.
 */
const yes = async (): Promise<boolean> => true;
const AT = new Date('2026-01-02T03:04:05Z');

let world: WorkspaceWorld;
let outside: string;
let marker: string;
let workspace: AttemptWorkspace;
beforeAll(async () => {
  world = await createWorkspaceWorld();
});
beforeEach(async () => {
  outside = mkdtempSync(join(tmpdir(), 'missiongate-hostile-'));
  marker = join(outside, 'marker');
  workspace = await world.open();
});
afterEach(async () => {
  await workspace.dispose();
  rmSync(outside, { recursive: true, force: true });
});
afterAll(() => world.close());

/** Where the worker keeps what the program must not reach. */
function privateGitFolder(): string {
  return join(world.dataDir, 'private', workspace.root.split('/').at(-2)!, 'git');
}

async function prepare(lines: string): Promise<void> {
  await workspace.writeFile('attack.sh', attackScript(lines, outside));
  const outcome = await workspace.run({ argv: ['sh', 'attack.sh'] });
  expect(outcome).toMatchObject({ exitCode: 0 });
}

/** Everything the worker does with git after a program has run. */
async function everythingTheWorkerDoes(): Promise<{ files: string[] }> {
  await workspace.writeFile('README.md', '# Changed\n');
  const result = await workspace.commitAll('After the attack', world.author, AT);
  await workspace.diffFrom(workspace.baseCommit);
  await workspace.push('mission/1/hostile', yes);
  const next = await world.open();
  await next.dispose();
  return { files: result!.diff.files.map((file) => file.path) };
}

describe('whatever a program writes, the worker’s git runs nothing of it', () => {
  for (const [name, lines] of Object.entries(vectors)) {
    test(`vector: ${name}`, async () => {
      await prepare(lines);
      rmSync(marker, { force: true });
      const { files } = await everythingTheWorkerDoes();
      expect(existsSync(marker)).toBe(false);
      expect(files).toContain('README.md');
      expect(files.filter((path) => path.toLowerCase().split('/').includes('.git'))).toEqual([]);
      const listed = git(world.server.bare, 'ls-tree', '-r', 'mission/1/hostile');
      expect(listed).not.toMatch(/^160000/m);
    });
  }

  test('there are more than the 43 vectors that the design was measured with', () => {
    expect(Object.keys(vectors).length).toBeGreaterThanOrEqual(60);
  });

  test('the vectors are live: plain git in a plain clone runs them', () => {
    const fired = Object.entries(liveInPlainGit).filter(([name, commands], index) => {
      const clone = join(outside, `clone-${index}`);
      const folders = { HOME: join(outside, `home-${index}`), TMPDIR: join(outside, `tmp-${index}`) };
      for (const folder of Object.values(folders)) mkdirSync(folder);
      const careless = [attackScript(vectors[name]!, outside), `rm -f ${marker}`, 'echo changed > README.md', ...commands.map((command) => `git ${command}`)];
      const { GIT_CONFIG_GLOBAL: _none, ...env } = TEST_GIT_ENV;
      execFileSync('git', ['clone', '--quiet', world.server.bare, clone], { env: TEST_GIT_ENV, stdio: 'ignore' });
      spawnSync('sh', ['-c', careless.join('\n')], { cwd: clone, env: { ...env, ...folders, GIT_TERMINAL_PROMPT: '0' }, stdio: 'ignore', timeout: 20_000 });
      const ran = existsSync(marker);
      rmSync(marker, { force: true });
      return ran;
    });
    expect(fired.map(([name]) => name)).toEqual(Object.keys(liveInPlainGit));
    expect(fired.length).toBeGreaterThanOrEqual(24);
  }, 120_000);

  test('a repository within a submodule of the base commit runs nothing either', async () => {
    // The gitlink is in the index and its commit matches: plain `git add` would run `git status` inside it.
    const seed = join(world.server.folder, 'seed');
    const inner = git(seed, 'rev-parse', 'HEAD');
    git(seed, 'checkout', '--quiet', '-B', 'with-submodule', 'main');
    git(seed, 'update-index', '--add', '--cacheinfo', `160000,${inner},sub`);
    git(seed, 'commit', '--quiet', '-m', 'Add a submodule');
    git(seed, 'push', '--quiet', 'origin', 'with-submodule');
    const baseCommit = git(seed, 'rev-parse', 'HEAD');
    git(seed, 'checkout', '--quiet', '--force', 'main');
    workspace = await world.open({ baseCommit });
    await prepare(`rm -rf sub; git init -q sub; cp -r .git/objects sub/.git/; cp .git/objects/info/alternates sub/.git/objects/info/; printf '${inner}\\n' > sub/.git/HEAD; git config --file sub/.git/config core.fsmonitor "$E"; echo x > sub/new`);
    rmSync(marker, { force: true });
    const { files } = await everythingTheWorkerDoes();
    expect(existsSync(marker)).toBe(false);
    expect(files.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['README.md', 'attack.sh']);
  });
});

describe('the decoy git folder in the worktree', () => {
  test('answers git status and git diff for the programs', async () => {
    expect((await workspace.run({ argv: ['git', 'status', '--porcelain'] })).output.text).toBe('');
    await workspace.writeFile('README.md', '# Other\n');
    expect((await workspace.run({ argv: ['git', 'status', '--porcelain'] })).output.text).toBe(' M README.md\n');
    expect((await workspace.run({ argv: ['git', 'rev-parse', 'HEAD'] })).output.text.trim()).toBe(workspace.baseCommit);
  });

  test('takes a program’s own commits, which change nothing in what the worker commits', async () => {
    await prepare('echo mine > mine.txt; git add -A; git -c user.name=x -c user.email=x@x commit -q -m mine; git update-ref refs/heads/main HEAD; git gc -q');
    const { files } = await everythingTheWorkerDoes();
    expect(files).toEqual(['README.md', 'attack.sh', 'mine.txt']);
    expect(git(world.server.bare, 'log', '--format=%an', '-1', 'mission/1/hostile')).toBe('missiongate[bot]');
    expect(git(world.server.bare, 'rev-list', '--count', `${workspace.baseCommit}..mission/1/hostile`)).toBe('1');
  });

  test('knows no remote and no credentials', async () => {
    expect((await workspace.run({ argv: ['git', 'remote'] })).output.text).toBe('');
    expect((await workspace.run({ argv: ['git', 'push', world.server.cloneUrl, 'HEAD:refs/heads/stolen'] })).exitCode).not.toBe(0);
    expect(world.server.head('stolen')).toBeNull();
  });
});

describe('a program that reaches for the worker’s own folders', () => {
  test('and changes the private git folder’s configuration is noticed: nothing is committed or pushed', async () => {
    await prepare(`chmod u+w ${privateGitFolder()}/config; git config --file ${privateGitFolder()}/config core.fsmonitor "$E"; git config --file ${privateGitFolder()}/config filter.x.clean "$E"; printf '* filter=x\\n' > .gitattributes`);
    await expect(workspace.commitAll('x', world.author, AT)).rejects.toMatchObject({ failure: 'permission', message: expect.stringContaining('changed from outside') });
    await expect(workspace.push('mission/1/reach', yes)).rejects.toMatchObject({ failure: 'permission' });
    expect(existsSync(marker)).toBe(false);
  });

  test('and gives it a common folder of its own is noticed', async () => {
    await prepare(`git init -q "$TMPDIR/own"; printf "%s\\n" "$TMPDIR/own/.git" > ${privateGitFolder()}/commondir`);
    await expect(workspace.commitAll('x', world.author, AT)).rejects.toMatchObject({ failure: 'permission' });
  });

  test('and replaces the worktree by a link is noticed', async () => {
    await prepare('mv "$PWD" "$PWD.moved"; ln -s /etc "$(dirname "$PWD")/tree" 2>/dev/null || ln -s /etc "$PWD"; true');
    await expect(workspace.commitAll('x', world.author, AT)).rejects.toMatchObject({ failure: 'work', message: expect.stringContaining('replaced') });
  });
});
