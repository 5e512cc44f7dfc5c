import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isSameChange } from '../../src/core/mission/same-change.ts';
import { identifyChange } from '../../src/worker/change-identity.ts';

/** A repository with `main` and a trunk of one commit over it. */
class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), 'missiongate-change-'));

  constructor() {
    this.git('init', '-q', '-b', 'main');
    this.write({ 'a.py': lines(40), 'b.txt': 'b\n' });
    this.git('checkout', '-q', '-b', 'trunk');
    this.write({ 'a.py': lines(40, { 20: 'changed' }), 'new.txt': 'new\n' });
  }

  git(...args: string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
    return execFileSync('git', args, { cwd: this.folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  write(files: Readonly<Record<string, string | Buffer>>): string {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, path, '..'), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
    this.git('add', '-A');
    this.git('commit', '-q', '-m', 'x', '--allow-empty');
    return this.git('rev-parse', 'HEAD');
  }

  async identity(base = 'main') {
    const run = async ({ args }: { readonly args: readonly string[] }) => {
      try {
        const stdout = execFileSync('git', args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'ignore'] });
        return { exitCode: 0, stdout, stderr: '', truncated: false };
      } catch (error) {
        return { exitCode: (error as { status: number }).status, stdout: Buffer.alloc(0), stderr: '', truncated: false };
      }
    };
    return identifyChange({ git: run, gitOrThrow: async (_attempted, args) => (await run({ args })).stdout, fetchCommit: async () => undefined, baseCommit: this.git('rev-parse', base), head: this.git('rev-parse', 'trunk') });
  }
}

function lines(count: number, changed: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: count }, (_, index) => `${changed[index] ?? `line ${index}`}\n`).join('');
}

/** The part that a rebase leaves as it is. */
function patchOf(change: Awaited<ReturnType<Repository['identity']>>): string | undefined {
  return change?.patchId.split('-')[0];
}

describe('the identity of a change', () => {
  let repository: Repository;
  beforeEach(() => {
    repository = new Repository();
  });
  afterEach(() => {
    rmSync(repository.folder, { recursive: true, force: true });
  });

  it('stays the same through a rebase, and through merging the base branch in', async () => {
    const before = await repository.identity();
    repository.git('checkout', '-q', 'main');
    repository.write({ 'b.txt': 'b2\n', 'a.py': lines(40).replace('line 0\n', 'line 0\nmore\n') });
    expect(await repository.identity()).toEqual(before);
    repository.git('checkout', '-q', 'trunk');
    const apart = repository.git('rev-parse', 'trunk');
    repository.git('merge', '-q', '--no-edit', 'main');
    const merged = await repository.identity();
    expect(merged?.mergeBase).toBe(repository.git('rev-parse', 'main'));
    expect(isSameChange(merged?.patchId ?? '', before?.patchId ?? '')).toBe(true);
    repository.git('reset', '-q', '--hard', apart);
    repository.git('rebase', '-q', 'main');
    expect(await repository.identity()).toEqual(merged);
    repository.write({});
    expect((await repository.identity())?.patchId).toBe(merged?.patchId);
  });

  it('is another one when the same lines go to another place that looks the same', async () => {
    const twins = (at: 'first' | 'second' | null) => ['first', 'second'].map((name) => `def ${name}():\n${lines(5)}  return ${name === at ? 'True' : 'check()'}\n${lines(5)}`).join(lines(10));
    repository.git('checkout', '-q', 'main');
    repository.write({ 'a.py': twins(null) });
    const base = repository.git('rev-parse', 'main');
    const put = async (at: 'first' | 'second') => {
      repository.git('checkout', '-q', '-B', 'trunk', base);
      repository.write({ 'a.py': twins(at) });
      return (await repository.identity())?.patchId ?? '';
    };
    const [first, second] = [await put('first'), await put('second')];
    expect(first.split('-')[0]).toBe(second.split('-')[0]);
    expect(isSameChange(first, second)).toBe(false);
    expect(isSameChange(first, await put('first'))).toBe(true);
  });

  it.each([
    ['another line', { 'a.py': lines(40, { 20: 'changed', 30: 'too' }) }],
    ['white space alone', { 'a.py': lines(40, { 20: '  changed' }) }],
    ['another file', { 'c.txt': 'c\n' }],
    ['a binary file', { 'c.bin': Buffer.from([0, 1, 2]) }],
  ] as const)('changes with %s', async (_what, files) => {
    const before = await repository.identity();
    repository.write(files);
    expect(patchOf(await repository.identity())).not.toBe(patchOf(before));
  });

  it('changes with the content of a binary file, and with the mode of any', async () => {
    repository.write({ 'c.bin': Buffer.from([0, 1, 2]) });
    const before = await repository.identity();
    repository.write({ 'c.bin': Buffer.from([0, 1, 3]) });
    const after = await repository.identity();
    expect(patchOf(after)).not.toBe(patchOf(before));
    chmodSync(join(repository.folder, 'new.txt'), 0o755);
    repository.write({});
    expect(patchOf(await repository.identity())).not.toBe(patchOf(after));
  });

  it('is not known where there is no common history', async () => {
    repository.git('checkout', '-q', '--orphan', 'other');
    repository.write({ 'o.txt': 'o\n' });
    expect(await repository.identity('other')).toBeNull();
  });
});
