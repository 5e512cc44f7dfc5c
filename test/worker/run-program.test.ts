import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { createWorkspaceWorld, KNOWN_SECRET, type WorkspaceWorld } from './support/workspace-world.ts';

let world: WorkspaceWorld;
let workspace: AttemptWorkspace;
beforeAll(async () => {
  world = await createWorkspaceWorld({ limits: { outputKeptBytes: 4096, outputMaximumBytes: 1024 * 1024 } });
  workspace = await world.open();
});
afterAll(() => world.close());

async function script(text: string, options: { timeoutMs?: number; on?: AttemptWorkspace } = {}) {
  const on = options.on ?? workspace;
  await on.writeFile('script.sh', text);
  return on.run({ argv: ['sh', 'script.sh'], ...(options.timeoutMs ? { timeoutMs: options.timeoutMs } : {}) });
}

async function nodeScript(text: string) {
  await workspace.writeFile('script.cjs', text);
  return workspace.run({ argv: ['node', 'script.cjs'] });
}

/** A killed process stays in the table until its parent (here: init) has fetched its state. */
function isRunning(pid: string): boolean {
  return pid !== '' && existsSync(`/proc/${pid}/exe`);
}

/** Waits for something that happens in another process; the test's time limit is the end of patience. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await pause(10);
}

describe('a program', () => {
  test('is started without a shell: its arguments arrive as they are', async () => {
    const outcome = await workspace.run({ argv: ['printf', '%s|', '$HOME', '; touch pwned', '`id`', '"a b"', '*', ''] });
    expect(outcome.output.text).toBe('$HOME|; touch pwned|`id`|"a b"|*||');
  });

  test('finds its input empty', async () => {
    expect(await workspace.run({ argv: ['cat'] })).toMatchObject({ exitCode: 0, output: { text: '' } });
  });

  test('sees nothing of the worker’s environment', async () => {
    process.env['FAKE_WORKER_SECRET'] = 'must-not-be-seen';
    const { output } = await workspace.run({ argv: ['env'] });
    delete process.env['FAKE_WORKER_SECRET'];
    const names = output.text.trim().split('\n').map((line) => line.split('=')[0]!).toSorted((a, b) => (a < b ? -1 : 1));
    expect(names).toEqual(['CI', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'GIT_OPTIONAL_LOCKS', 'GIT_TERMINAL_PROMPT', 'HOME', 'LANG', 'MISSIONGATE_ATTEMPT', 'PATH', 'TMPDIR']);
    expect(output.text).not.toContain('must-not-be-seen');
  });

  test('has a home and a temporary folder of its own, outside the worktree', async () => {
    await script('echo x > "$HOME/h"; echo y > "$TMPDIR/t"');
    expect(await workspace.commitAll('Nothing of that', world.author, new Date(0))).toMatchObject({ diff: { files: [{ path: 'script.sh' }] } });
  });

  test('runs in the folder asked for', async () => {
    expect((await workspace.run({ argv: ['ls'], cwd: 'src' })).output.text).toBe('add.js\n');
  });

  test('does not run in a folder outside, or through a link', async () => {
    await script('ln -sfn / outside');
    for (const cwd of ['..', '/tmp', 'outside', 'outside/tmp', 'no-such-folder', 'README.md']) {
      await expect(workspace.run({ argv: ['ls'], cwd })).rejects.toMatchObject({ failure: 'input' });
    }
  });

  test('that does not exist is the environment’s fault, one that is not executable the input’s', async () => {
    await expect(workspace.run({ argv: ['no-such-program'] })).rejects.toMatchObject({ failure: 'environment' });
    await expect(workspace.run({ argv: ['./README.md'] })).rejects.toMatchObject({ failure: 'input' });
  });

  test('with a NUL in an argument, or a variable with a strange name, is refused', async () => {
    await expect(workspace.run({ argv: ['echo', 'a\0b'] })).rejects.toMatchObject({ failure: 'input' });
    await expect(workspace.run({ argv: ['echo'], env: { 'A=B': 'x' } })).rejects.toMatchObject({ failure: 'input' });
  });

  test('ended by a signal says which', async () => {
    expect(await script('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL', endedBy: null });
  });

  test('cannot forge the mark that finds what it leaves behind', async () => {
    const { output } = await workspace.run({ argv: ['env'], env: { MISSIONGATE_ATTEMPT: 'other' } });
    expect(output.text).not.toContain('MISSIONGATE_ATTEMPT=other');
  });
});

describe('what a program prints', () => {
  test('is kept from its beginning and its end when it is long', async () => {
    const { output } = await script('echo first; i=0; while [ $i -lt 9000 ]; do echo line$i; i=$((i+1)); done; echo last');
    expect(output.text.startsWith('first\nline0\n')).toBe(true);
    expect(output.text.endsWith('line8999\nlast\n')).toBe(true);
    expect(output.text).toContain(`[… ${output.truncatedBytes} bytes left out …]`);
    expect(output.truncatedBytes).toBeGreaterThan(70_000);
    expect(output.text.length).toBeLessThan(4200);
  });

  test('ends it when it is far too long', async () => {
    expect(await script('exec yes')).toMatchObject({ exitCode: null, endedBy: 'output-limit' });
  });

  test('is decoded as one text, also where characters arrive in halves', async () => {
    const { output } = await nodeScript(`const b = Buffer.from('grüße 👋 ✓'); let i = 0; (function next() { if (i < b.length) { process.stdout.write(b.subarray(i, ++i), () => setImmediate(next)); } })();`);
    expect(output.text).toBe('grüße 👋 ✓');
  });

  test('holds no secret, also where it arrives in halves', async () => {
    const half = Math.floor(KNOWN_SECRET.length / 2);
    const { output } = await nodeScript(`process.stdout.write(${JSON.stringify(`a ${KNOWN_SECRET.slice(0, half)}`)}, () => setTimeout(() => process.stdout.write(${JSON.stringify(`${KNOWN_SECRET.slice(half)} b`)}), 20));`);
    expect(output.text).toBe('a [redacted] b');
  });

  test('shows no half of a secret where the middle is left out', async () => {
    for (let shift = 0; shift <= KNOWN_SECRET.length; shift += 1) {
      const before = 'x'.repeat(2048 - shift);
      await workspace.writeFile('long.txt', `${before}${KNOWN_SECRET}${'y'.repeat(60_000)}${KNOWN_SECRET}${before}`);
      const { output } = await workspace.run({ argv: ['cat', 'long.txt'] });
      expect(output.text.replaceAll('[redacted]', '')).not.toMatch(/known|73b1d0/);
      expect(output.truncatedBytes).toBeGreaterThan(0);
    }
  });

  test('cannot move the cursor, hide text or turn it round', async () => {
    const { output } = await nodeScript(`process.stdout.write('\\u001b[31mred\\u001b[0m \\u001b]0;title\\u0007a\\u0000b\\u202ec\\r\\nd\\re\\u0008\\u009b2J')`);
    expect(output.text).toBe('red a<U+0000>b<U+202E>c\nd\ne<U+0008><U+009B>2J');
  });

  test('is decoded even when it is no UTF-8', async () => {
    expect((await script(`printf 'a\\377b'`)).output.text).toBe('a\ufffdb');
  });
});

describe('nothing is left running', () => {
  test('after the time limit, though it ignores SIGTERM and forks', async () => {
    const outcome = await script(`trap '' TERM; sh -c 'trap "" TERM; while :; do sleep 1; done' & echo $$ $!; while :; do sleep 1; done`, { timeoutMs: 400 });
    expect(outcome).toMatchObject({ exitCode: null, signal: 'SIGKILL', endedBy: 'timeout' });
    const pids = outcome.output.text.trim().split(' ');
    expect(pids).toHaveLength(2);
    await until(() => !pids.some(isRunning));
  });

  test('after it ended by itself and left children in the background', async () => {
    const outcome = await script('sleep 600 & echo $!');
    expect(outcome).toMatchObject({ exitCode: 0, endedBy: null });
    await until(() => !isRunning(outcome.output.text.trim()));
  });

  test('after it ended and left a child in a session of its own', async () => {
    const outcome = await script(`setsid sh -c 'echo $$ > pid; exec sleep 600' & while [ ! -s pid ]; do :; done; cat pid`);
    expect(outcome).toMatchObject({ exitCode: 0, endedBy: null });
    await until(() => !isRunning(outcome.output.text.trim()));
  });

  test('after a tree that keeps forking was cancelled', async () => {
    const controller = new AbortController();
    const own = await world.open({ signal: controller.signal });
    await own.writeFile('fork.sh', 'n=$1; [ $n -gt 0 ] && { sh fork.sh $((n-1)) & sh fork.sh $((n-1)) & }; echo $$ >> pids; while :; do sleep 1; done');
    const running = own.run({ argv: ['sh', 'fork.sh', '4'] });
    await until(async () => (await own.readFile('pids').catch(() => '')).split('\n').length > 16);
    controller.abort();
    expect(await running).toMatchObject({ endedBy: 'cancel' });
    const pids = (await own.readFile('pids')).trim().split('\n');
    await until(() => !pids.some(isRunning));
  });

  test('a program that ends politely at SIGTERM is given the time to', async () => {
    const outcome = await script(`trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done`, { timeoutMs: 300 });
    expect(outcome).toMatchObject({ exitCode: 3, endedBy: 'timeout', output: { text: expect.stringContaining('bye') } });
  });
});
