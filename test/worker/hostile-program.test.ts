import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { git, TEST_GIT_ENV } from './support/git-server.ts';
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

/** `$M` creates the marker; `$E` is a script that does so; both are known to the shell lines of the vectors. */
function attackScript(lines: string): string {
  return `M='touch ${marker}'\nE="${outside}/evil.sh"\nprintf '#!/bin/sh\\ntouch ${marker}\\ncat\\n' > "$E"; chmod 755 "$E"\n${lines}\n`;
}

async function prepare(lines: string): Promise<void> {
  await workspace.writeFile('attack.sh', attackScript(lines));
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

const config = (key: string, value: string): string => `git config --file .git/config ${key} "${value}"`;

const vectors: Record<string, string> = {
  // Settings that name a program, in the decoy that stands in the worktree.
  'core.fsmonitor': config('core.fsmonitor', '$E'),
  'core.hooksPath': `mkdir hooks; for h in pre-commit commit-msg post-commit pre-push post-checkout reference-transaction post-index-change fsmonitor-watchman; do cp "$E" hooks/$h; done; ${config('core.hooksPath', '$PWD/hooks')}`,
  'hooks in the git folder': 'mkdir -p .git/hooks; for h in pre-commit commit-msg prepare-commit-msg post-commit pre-push post-checkout post-merge reference-transaction post-index-change pre-auto-gc; do cp "$E" .git/hooks/$h; done',
  'core.sshCommand': config('core.sshCommand', '$E'),
  'core.gitProxy': config('core.gitProxy', '$E'),
  'core.askPass': config('core.askPass', '$E'),
  'core.editor': config('core.editor', '$E'),
  'core.pager': config('core.pager', '$E'),
  'core.alternateRefsCommand': config('core.alternateRefsCommand', '$M'),
  'core.worktree': config('core.worktree', '/'),
  'core.attributesFile': `printf '* filter=x diff=x merge=x\\n' > .git/attrs; ${config('core.attributesFile', '$PWD/.git/attrs')}; ${config('filter.x.clean', '$E')}`,
  'sequence.editor': config('sequence.editor', '$E'),
  'credential.helper': config('credential.helper', '!$M'),
  'credential helper for the URL': config('credential.http://127.0.0.1.helper', '!$M'),
  'diff.external': config('diff.external', '$E'),
  'diff driver command': `printf '* diff=x\\n' > .gitattributes; ${config('diff.x.command', '$E')}`,
  'diff driver textconv': `printf '* diff=x\\n' > .gitattributes; ${config('diff.x.textconv', '$E')}`,
  'filter clean': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.clean', '$E')}; ${config('filter.x.required', 'true')}`,
  'filter smudge': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.smudge', '$E')}`,
  'filter process': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.process', '$E')}`,
  'filter lfs': `printf '* filter=lfs diff=lfs merge=lfs -text\\n' > .gitattributes; ${config('filter.lfs.process', '$E')}; ${config('filter.lfs.clean', '$E')}`,
  'merge driver': `printf '* merge=x\\n' > .gitattributes; ${config('merge.x.driver', '$M')}`,
  'attributes in info': `mkdir -p .git/info; printf '* filter=x\\n' > .git/info/attributes; ${config('filter.x.clean', '$E')}`,
  'gpg.program with commit.gpgSign': `${config('gpg.program', '$E')}; ${config('commit.gpgSign', 'true')}; ${config('push.gpgSign', 'true')}`,
  'gpg.ssh.program': `${config('gpg.format', 'ssh')}; ${config('gpg.ssh.program', '$E')}; ${config('commit.gpgSign', 'true')}`,
  'remote.uploadpack': `${config('remote.origin.url', 'ext::$E')}; ${config('remote.origin.uploadpack', '$E')}`,
  'remote.receivepack': `${config('remote.origin.url', '.')}; ${config('remote.origin.receivepack', '$E')}`,
  'remote.vcs': config('remote.origin.vcs', 'ext'),
  'uploadpack.packObjectsHook': config('uploadpack.packObjectsHook', '$E'),
  'url.insteadOf': `${config('url.ext::sh -c touch% x.insteadOf', 'http://127.0.0.1')}; ${config('protocol.ext.allow', 'always')}`,
  'url.pushInsteadOf': `${config('url.ext::$E.pushInsteadOf', 'http://')}; ${config('protocol.ext.allow', 'always')}`,
  'http.proxy': config('http.proxy', 'http://127.0.0.1:1'),
  'alias.push': `${config('alias.push', '!$M')}; ${config('alias.ls-remote', '!$M')}; ${config('alias.diff-tree', '!$M')}`,
  'include.path': `git config --file "$PWD/.git/evil" core.fsmonitor "$E"; ${config('include.path', 'evil')}`,
  'includeIf': `git config --file "$PWD/.git/evil" core.fsmonitor "$E"; ${config('includeIf.gitdir:/.path', 'evil')}`,
  'config.worktree': `${config('extensions.worktreeConfig', 'true')}; git config --file .git/config.worktree core.fsmonitor "$E"`,
  'trailer command': config('trailer.x.cmd', '$E'),
  'interactive.diffFilter': config('interactive.diffFilter', '$E'),
  'tar filter': config('tar.tgz.command', '$E'),
  'pager for one command': config('pager.diff-tree', '$E'),
  'maintenance and gc': `${config('gc.auto', '1')}; ${config('maintenance.auto', 'true')}; mkdir -p .git/hooks; cp "$E" .git/hooks/pre-auto-gc`,
  // The git folder itself.
  'a .git file that points to a git folder of the program': 'rm -rf .git; git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; printf "gitdir: %s\\n" "$TMPDIR/own/.git" > .git',
  'a .git link to a git folder of the program': 'rm -rf .git; git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; ln -s "$TMPDIR/own/.git" .git',
  'no .git at all': 'rm -rf .git',
  'a .git that is a FIFO': 'rm -rf .git; mkfifo .git',
  'commondir': 'git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; printf "%s\\n" "$TMPDIR/own/.git" > .git/commondir',
  'alternates': 'mkdir -p .git/objects/info; printf "/nonexistent\\n" > .git/objects/info/alternates',
  'an index of the program': 'printf garbage > .git/index; printf garbage > .git/HEAD',
  'replace refs and grafts': 'mkdir -p .git/info .git/refs/replace; printf "%040d %040d\\n" 1 2 > .git/info/grafts; printf "%040d\\n" 1 > ".git/refs/replace/$(git rev-parse HEAD)"',
  'a bare repository in the root': `git init -q --bare own; cp -r own/* .; git config --file config core.fsmonitor "$E"; rm -rf own`,
  // Repositories within the worktree: git looks into them when it thinks they are submodules.
  'a nested repository': 'git init -q nested; (cd nested && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file nested/.git/config core.fsmonitor "$E"; echo x > nested/file',
  'a nested repository in a tracked folder': 'git init -q src; (cd src && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file src/.git/config core.fsmonitor "$E"; echo more >> src/add.js',
  'a tracked file replaced by a repository': 'rm src/add.js; git init -q src/add.js; (cd src/add.js && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file src/add.js/.git/config core.fsmonitor "$E"',
  '.gitmodules with update = !command': `git init -q sub; (cd sub && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file sub/.git/config core.fsmonitor "$E"; printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ext::%s\\n\\tupdate = !%s\\n\\tignore = none\\n' "$E" "$M" > .gitmodules; ${config('submodule.sub.update', '!$M')}; ${config('submodule.recurse', 'true')}`,
  // The environment's other doors.
  'configuration in the program’s home': 'git config --file "$HOME/.gitconfig" core.fsmonitor "$E"; mkdir -p "$HOME/.config/git"; cp "$HOME/.gitconfig" "$HOME/.config/git/config"; printf "* filter=x\\n" > "$HOME/.config/git/attributes"',
  'attributes that encode, expand and convert': 'printf "*.md working-tree-encoding=ISO-8859-1 ident text eol=crlf\\n" > .gitattributes',
};

/** Those that plain git 2.39 runs during `add`, `commit`, `diff` and `push` (others need a command the worker never uses, or a newer git). */
const LIVE_IN_PLAIN_GIT = [
  'core.fsmonitor', 'core.hooksPath', 'hooks in the git folder', 'core.attributesFile', 'diff.external', 'diff driver command', 'diff driver textconv', 'filter clean',
  'filter process', 'filter lfs', 'attributes in info', 'gpg.program with commit.gpgSign', 'include.path', 'includeIf', 'config.worktree',
  'a .git file that points to a git folder of the program', 'a .git link to a git folder of the program', 'commondir', 'a nested repository',
  'a tracked file replaced by a repository', 'configuration in the program’s home',
];

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

  test('there are at least the 43 vectors that the design was measured with', () => {
    expect(Object.keys(vectors).length).toBeGreaterThanOrEqual(43);
  });

  test('the vectors are live: plain git in a plain clone runs them', async () => {
    let fired = 0;
    for (const [index, name] of LIVE_IN_PLAIN_GIT.entries()) {
      const clone = join(outside, `clone-${index}`);
      execFileSync('git', ['clone', '--quiet', world.server.bare, clone], { env: TEST_GIT_ENV, stdio: 'ignore' });
      const naive = `${attackScript(vectors[name]!)}
        rm -f ${marker}; echo changed > README.md
        for c in 'add -A' 'status' 'diff HEAD' 'commit -m x' 'diff HEAD~1' 'log -p -1' 'checkout -q -f HEAD~0 -- .' 'fetch -q' 'push -q origin HEAD:refs/heads/naive' 'submodule update --init'; do git $c; done`;
      writeFileSync(`${clone}.sh`, naive);
      const folders = { HOME: join(outside, `home-${index}`), TMPDIR: join(outside, `tmp-${index}`) };
      for (const folder of Object.values(folders)) mkdirSync(folder);
      const { GIT_CONFIG_GLOBAL: _none, ...env } = TEST_GIT_ENV;
      spawnSync('sh', [`${clone}.sh`], { cwd: clone, env: { ...env, ...folders, GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true' }, stdio: 'ignore', timeout: 10_000 });
      if (existsSync(marker)) fired += 1;
      rmSync(marker, { force: true });
    }
    expect(fired).toBeGreaterThanOrEqual(15);
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
