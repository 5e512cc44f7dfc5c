import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { gitFailure } from '../../src/worker/git-errors.ts';
import { createWorkspaceWorld, KNOWN_SECRET, type WorkspaceWorld } from './support/workspace-world.ts';

const yes = async (): Promise<boolean> => true;
const AT = new Date('2026-01-02T03:04:05Z');

let world: WorkspaceWorld;
beforeEach(async () => {
  world = await createWorkspaceWorld();
});
afterEach(() => world.close());

function generations(): string[] {
  return readdirSync(join(world.dataDir, 'mirrors', 'local-1')).filter((name) => name.startsWith('generation-'));
}

function generation(): string {
  return join(world.dataDir, 'mirrors', 'local-1', generations()[0]!);
}

async function committed() {
  const workspace = await world.open();
  await workspace.writeFile('change.txt', 'x\n');
  const result = await workspace.commitAll('Change', world.author, AT);
  return { workspace, commit: result!.commit };
}

describe('a server that refuses', () => {
  test('unknown credentials is a permission failure that names no secret', async () => {
    const password = 'wrong-password-5511';
    const error = await world.open({ credentials: async () => ({ username: 'x-access-token', password }) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StepError', failure: 'permission', message: expect.stringContaining('Does the app have access') });
    expect(String(error)).not.toContain(password);
    expect(String(error)).not.toContain(Buffer.from(`x-access-token:${password}`).toString('base64'));
  });

  test('no credentials is a permission failure, without asking anybody', async () => {
    await expect(world.open({ credentials: async () => null })).rejects.toMatchObject({ failure: 'permission' });
  });

  test('a push with read access is a permission failure, and nothing is pushed', async () => {
    const { workspace } = await committed();
    const reader = await world.open({ credentials: async () => world.server.reader });
    await reader.writeFile('x.txt', 'x');
    await reader.commitAll('x', world.author, AT);
    await expect(reader.push('mission/1/x', yes)).rejects.toMatchObject({ failure: 'permission', message: expect.stringContaining('push to branch mission/1/x') });
    expect(world.server.head('mission/1/x')).toBeNull();
    await workspace.dispose();
  });

  test('a branch by a hook is a permission failure that points to branch protection', async () => {
    const hook = join(world.server.bare, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "protected by rule"\nexit 1\n');
    chmodSync(hook, 0o755);
    const { workspace } = await committed();
    await expect(workspace.push('mission/1/x', yes)).rejects.toMatchObject({ failure: 'permission', message: expect.stringContaining('branch protection') });
  });
});

describe('a server that fails', () => {
  test('by dropping the connection of a fetch is a network failure', async () => {
    world.server.fault = { kind: 'drop', path: /upload-pack/ };
    await expect(world.open()).rejects.toMatchObject({ failure: 'network' });
  });

  test('with 503 is a network failure', async () => {
    world.server.fault = { kind: 'unavailable', path: /upload-pack/ };
    await expect(world.open()).rejects.toMatchObject({ failure: 'network' });
  });

  test('in the middle of a push is a network failure, and the same push succeeds afterwards', async () => {
    const { workspace, commit } = await committed();
    world.server.fault = { kind: 'drop', path: /\/git-receive-pack$/ };
    await expect(workspace.push('mission/1/x', yes)).rejects.toMatchObject({ failure: 'network' });
    world.server.fault = null;
    expect(await workspace.push('mission/1/x', yes)).toBe('pushed');
    expect(world.server.head('mission/1/x')).toBe(commit);
  });

  test('that is not there at all is a network failure', async () => {
    await expect(world.open({ repository: { key: 'gone', cloneUrl: 'http://127.0.0.1:1/gone.git' } })).rejects.toMatchObject({ failure: 'network' });
  });

  test('with a redirect is not followed: the token goes nowhere else', async () => {
    world.server.fault = { kind: 'redirect', path: /./ };
    await expect(world.open()).rejects.toMatchObject({ failure: 'environment', message: expect.stringContaining('renamed or moved') });
  });
});

test('a commit that the server does not have is a conflict', async () => {
  await expect(world.open({ baseCommit: '1'.repeat(40) })).rejects.toMatchObject({ failure: 'conflict', message: expect.stringContaining('not on the server') });
});

test('a repository that does not exist is a permission failure that says both possibilities', async () => {
  const cloneUrl = world.server.cloneUrl.replace('repository.git', 'other.git');
  await expect(world.open({ repository: { key: 'other', cloneUrl } })).rejects.toMatchObject({ failure: 'permission', message: expect.stringContaining('does not exist, or the app has no access') });
});

test('an attempt that was cancelled before it began is cancelled, and leaves nothing', async () => {
  await expect(world.open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ failure: 'cancelled' });
});

test('git that is missing is the environment’s failure, with what to install', async () => {
  await expect(world.another({ gitPath: '/nonexistent/git' }).open(world.request())).rejects.toMatchObject({ failure: 'environment', message: expect.stringContaining('Install git') });
});

test('an attempt that could not be opened leaves no folder', async () => {
  await expect(world.open({ baseCommit: '1'.repeat(40) })).rejects.toThrow('fetch');
  expect(readdirSync(join(world.dataDir, 'attempts'))).toEqual([]);
  expect(readdirSync(join(world.dataDir, 'private'))).toEqual([]);
});

test('somebody who moved the branch between the look and the push is not overwritten', async () => {
  const { workspace } = await committed();
  let other = '';
  const confirm = async (): Promise<boolean> => {
    other = world.server.commit('mission/1/x', { 'theirs.txt': 'theirs' });
    return true;
  };
  await expect(workspace.push('mission/1/x', confirm)).rejects.toMatchObject({ failure: 'conflict' });
  expect(world.server.head('mission/1/x')).toBe(other);
});

test('the token is in no argument and in no file', async () => {
  const { workspace } = await committed();
  await workspace.push('mission/1/x', yes);
  const basic = Buffer.from(`x-access-token:${world.server.writer.password}`).toString('base64');
  const files = readdirSync(world.dataDir, { recursive: true, encoding: 'utf8' }).map((name) => join(world.dataDir, name)).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const content = readFileSync(file, 'latin1');
    expect(content).not.toContain(world.server.writer.password);
    expect(content).not.toContain(basic);
  }
});

test('a secret in a change does not reach the patch', async () => {
  const workspace = await world.open();
  await workspace.writeFile('leak.txt', `token=${KNOWN_SECRET}\n`);
  const result = await workspace.commitAll('Leak', world.author, AT);
  expect(result?.diff.patch).toContain('token=[redacted]');
  expect(result?.diff.patch).not.toContain(KNOWN_SECRET);
});

describe('the mirror', () => {

  test('is fetched into only for commits it does not have', async () => {
    await world.open();
    const before = world.server.requests.length;
    await world.open();
    expect(world.server.requests.length).toBe(before);
    const next = world.server.commit('main', { 'more.txt': 'more\n' });
    expect(await (await world.open({ baseCommit: next })).readFile('more.txt')).toBe('more\n');
    expect(world.server.requests.length).toBeGreaterThan(before);
    expect(generations()).toHaveLength(1);
  });

  test('serves many attempts at the same time, and is cloned once', async () => {
    const second = world.another();
    const opened = await Promise.all([...Array(4).fill(world.workspaces), ...Array(4).fill(second)].map((workspaces: typeof second) => workspaces.open(world.request())));
    for (const workspace of opened) expect(await workspace.readFile('README.md')).toBe('# Test\n');
    expect(world.server.requests.filter((request) => request.startsWith('POST')).length).toBeLessThanOrEqual(2);
    expect(generations()).toHaveLength(1);
    for (const workspace of opened) await workspace.dispose();
  });

  const damages: Record<string, (path: string) => void> = {
    'has no HEAD': (path) => rmSync(join(path, 'HEAD')),
    'has an empty HEAD': (path) => truncateSync(join(path, 'HEAD')),
    'has a broken configuration': (path) => {
      chmodSync(join(path, 'config'), 0o644);
      writeFileSync(join(path, 'config'), '[core\nbroken');
    },
    'has lost its packs': (path) => rmSync(join(path, 'objects', 'pack'), { recursive: true }),
    'has lost its objects': (path) => rmSync(join(path, 'objects'), { recursive: true }),
    'has a cut pack': (path) => {
      for (const name of readdirSync(join(path, 'objects', 'pack')).filter((file) => file.endsWith('.pack'))) {
        chmodSync(join(path, 'objects', 'pack', name), 0o644);
        truncateSync(join(path, 'objects', 'pack', name), 40);
      }
    },
    'has a cut index': (path) => {
      for (const name of readdirSync(join(path, 'objects', 'pack')).filter((file) => file.endsWith('.idx'))) {
        chmodSync(join(path, 'objects', 'pack', name), 0o644);
        truncateSync(join(path, 'objects', 'pack', name), 100);
      }
    },
    'has garbage for a ref': (path) => {
      const folder = join(path, 'refs', 'missiongate', 'base');
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'garbage\n');
    },
    'is gone': (path) => rmSync(path, { recursive: true }),
    'is an unknown one': (path) => writeFileSync(join(path, '..', 'current'), 'nonsense'),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`that ${name} heals`, async () => {
      await world.open();
      damage(generation());
      expect(await (await world.open()).readFile('README.md')).toBe('# Test\n');
      const next = world.server.commit('main', { 'more.txt': 'more\n' });
      expect(await (await world.open({ baseCommit: next })).readFile('more.txt')).toBe('more\n');
    });
  }

  test('is healed beside attempts that still read the damaged one, which sweep removes when they are gone', async () => {
    const earlier = await world.open();
    rmSync(join(generation(), 'HEAD'));
    await world.open();
    expect(generations()).toHaveLength(2);
    await world.workspaces.sweep();
    expect(generations()).toHaveLength(2);
    await earlier.dispose();
    await world.workspaces.sweep();
    expect(generations()).toHaveLength(1);
  });

  test('rolls its packs up when there are many, and loses nothing', async () => {
    const first = await world.open();
    let commit = '';
    for (let round = 0; round < 42; round += 1) {
      commit = world.server.commit('main', { 'count.txt': `${round}\n` });
      await (await world.open({ baseCommit: commit })).dispose();
    }
    const packs = readdirSync(join(generation(), 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(42);
    expect(await (await world.open({ baseCommit: commit })).readFile('count.txt')).toBe('41\n');
    await first.writeFile('late.txt', 'late\n');
    expect(await first.commitAll('Late', world.author, AT)).not.toBeNull();
    expect(await first.push('mission/1/late', yes)).toBe('pushed');
  });

  test('a lock that a dead process left is taken over', async () => {
    await world.open();
    writeFileSync(join(world.dataDir, 'mirrors', 'local-1', 'lock'), JSON.stringify({ pid: 2 ** 22 - 1, startTime: '1', token: 'dead' }));
    expect(await (await world.open()).readFile('README.md')).toBe('# Test\n');
  });
});

test('an attempt that waits for the mirror behind another can be cancelled while it waits', async () => {
  let answer!: () => void;
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let go!: () => void;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  // The first attempt holds the mirror while it waits for its credentials.
  const first = world.open({
    credentials: async () => {
      answer();
      await held;
      return world.server.writer;
    },
  });
  await asked;
  const controller = new AbortController();
  const second = world.open({ signal: controller.signal });
  controller.abort();
  await expect(second).rejects.toMatchObject({ failure: 'cancelled' });
  go();
  expect(await (await first).readFile('README.md')).toBe('# Test\n');
});

test('git’s own messages for what servers say are put into the right class', () => {
  const said: Record<string, string> = {
    'remote: error: GH001: Large files detected. File a.bin is 120.00 MB; this exceeds GitHub\'s file size limit of 100.00 MB\n ! [remote rejected] x -> x (pre-receive hook declined)': 'work',
    'remote: error: GH013: Repository rule violations found\nremote: - Push cannot contain secrets\n ! [remote rejected] x -> x': 'work',
    'remote: error: GH006: Protected branch update failed\n ! [remote rejected] x -> x (protected branch hook declined)': 'permission',
    'fatal: unable to access \'https://x/\': SSL certificate problem: self-signed certificate': 'environment',
    'fatal: unable to access \'https://x/\': Could not resolve host: x': 'network',
    'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413': 'work',
    'error: RPC failed; curl 56 GnuTLS recv error (-54): Error in the pull function.\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output': 'network',
    'fatal: unable to access \'https://x/\': The requested URL returned error: 502': 'network',
    'fatal: unable to access \'https://x/\': The requested URL returned error: 429': 'network',
    'remote: Permission to o/r.git denied to x[bot].\nfatal: unable to access: The requested URL returned error: 403': 'permission',
    'remote: Repository not found.\nfatal: repository \'https://x/o/r.git/\' not found': 'permission',
    'fatal: write error: No space left on device': 'environment',
    'something nobody has seen': 'environment',
  };
  for (const [stderr, failure] of Object.entries(said)) {
    const error = gitFailure('do it', { exitCode: 128, stdout: Buffer.alloc(0), stderr, truncated: false }, (text) => text);
    expect({ stderr, failure: error.failure, damaged: error.damaged }).toEqual({ stderr, failure, damaged: false });
  }
});
