import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { AttemptWorkspace, CommitIdentity, WorkspaceRequest, Workspaces } from '../../src/engine/ports/workspaces.ts';

/** What a test of the contract needs of one implementation and the repository it works on. */
export interface WorkspacesHarness {
  readonly workspaces: Workspaces;
  readonly author: CommitIdentity;
  /** A request for a fresh attempt on the head of `main`, which holds `README.md` ("# Test\n") and ignores `*.log`. */
  request(changes?: Partial<WorkspaceRequest>): WorkspaceRequest;
  open(changes?: Partial<WorkspaceRequest>): Promise<AttemptWorkspace>;
  /** The commit a branch of the remote repository is at. */
  remoteHead(branch: string): string | null;
  close(): Promise<void>;
}

const AT = new Date('2026-01-02T03:04:05Z');
const yes = async (): Promise<boolean> => true;
const no = async (): Promise<boolean> => false;

/** The promises of `Workspaces`, for every implementation. */
export function describeWorkspaces(name: string, createHarness: () => Promise<WorkspacesHarness>): void {
  describe(`${name} keeps the promises of Workspaces`, () => {
    let harness: WorkspacesHarness;
    beforeEach(async () => {
      harness = await createHarness();
    });
    afterEach(() => harness.close());

    test('a workspace holds the files of its base commit', async () => {
      const workspace = await harness.open();
      expect(await workspace.readFile('README.md')).toBe('# Test\n');
      expect(workspace.baseCommit).toBe(harness.remoteHead('main'));
    });

    test('a written file is read back, in folders that did not exist', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('a/b/ünï.txt', 'grüße 👋\n');
      expect(await workspace.readFile('a/b/ünï.txt')).toBe('grüße 👋\n');
    });

    test('nothing changed gives no commit', async () => {
      const workspace = await harness.open();
      expect(await workspace.commitAll('Nothing', harness.author, AT)).toBeNull();
    });

    test('a commit says what it added, changed and deleted', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('new.txt', 'one\ntwo\n');
      await workspace.writeFile('README.md', '# Tested\n');
      await workspace.removeFile('src/add.js');
      const result = await workspace.commitAll('Change three files', harness.author, AT);
      expect(result?.commit).toMatch(/^[0-9a-f]{40}$/);
      expect(result?.diff.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'README.md', status: 'modified', additions: 1, deletions: 1 },
        { path: 'new.txt', status: 'added', additions: 2, deletions: 0 },
        { path: 'src/add.js', status: 'deleted', additions: 0, deletions: 1 },
      ]);
      expect(result?.diff).toMatchObject({ additions: 3, deletions: 2, truncated: false });
      expect(result?.diff.patch).toContain('+# Tested');
    });

    test('ignored files stay out of the commit', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('debug.log', 'noise');
      expect(await workspace.commitAll('Ignored only', harness.author, AT)).toBeNull();
    });

    test('the same change at the same time by the same author is the same commit', async () => {
      const ids: (string | undefined)[] = [];
      for (let run = 0; run < 2; run += 1) {
        const workspace = await harness.open();
        await workspace.writeFile('same.txt', 'same\n');
        ids.push((await workspace.commitAll('Same', harness.author, AT))?.commit);
      }
      expect(ids[0]).toBe(ids[1]);
    });

    test('a second commit builds on the first, and diffFrom sees both', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('first.txt', '1\n');
      await workspace.commitAll('First', harness.author, AT);
      await workspace.writeFile('second.txt', '2\n');
      const second = await workspace.commitAll('Second', harness.author, AT);
      expect(second?.diff.files.map((file) => file.path)).toEqual(['second.txt']);
      expect((await workspace.diffFrom(workspace.baseCommit)).files.map((file) => file.path)).toEqual(['first.txt', 'second.txt']);
    });

    test('tells the commits that its base has and another one has not, oldest first, with their messages', async () => {
      const first = await harness.open();
      const base = first.baseCommit;
      await first.writeFile('one.txt', '1\n');
      await first.commitAll('feat: one\n\nA body.', harness.author, AT);
      await first.writeFile('two.txt', '2\n');
      const second = await first.commitAll('fix: two', harness.author, AT);
      await first.push('mission/1/listed', yes);
      const later = await harness.open({ baseCommit: second?.commit ?? '' });
      if (!later.commitsSince) return;
      expect((await later.commitsSince(base)).map(({ message, parents }) => [message, parents])).toEqual([['feat: one\n\nA body.', 1], ['fix: two', 1]]);
      expect(await later.commitsSince(later.baseCommit)).toEqual([]);
      await expect(later.commitsSince('--all')).rejects.toMatchObject({ failure: 'input' });
    });

    test('a pushed branch is at the commit', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('pushed.txt', 'x\n');
      const result = await workspace.commitAll('Push me', harness.author, AT);
      expect(await workspace.push('mission/1/build', yes)).toBe('pushed');
      expect(harness.remoteHead('mission/1/build')).toBe(result?.commit);
    });

    test('pushing twice is harmless', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('pushed.txt', 'x\n');
      await workspace.commitAll('Push me', harness.author, AT);
      await workspace.push('mission/1/build', yes);
      expect(await workspace.push('mission/1/build', yes)).toBe('pushed');
    });

    test('a later attempt replaces what an earlier one left on the branch', async () => {
      const earlier = await harness.open();
      await earlier.writeFile('a.txt', 'earlier\n');
      await earlier.commitAll('Earlier', harness.author, AT);
      await earlier.push('mission/1/build', yes);
      const later = await harness.open();
      await later.writeFile('a.txt', 'later\n');
      const result = await later.commitAll('Later', harness.author, AT);
      expect(await later.push('mission/1/build', yes)).toBe('pushed');
      expect(harness.remoteHead('mission/1/build')).toBe(result?.commit);
    });

    test('without the lease nothing is pushed', async () => {
      const workspace = await harness.open();
      await workspace.writeFile('lost.txt', 'x\n');
      await workspace.commitAll('Lost', harness.author, AT);
      expect(await workspace.push('mission/1/build', no)).toBe('refused');
      expect(harness.remoteHead('mission/1/build')).toBeNull();
    });

    test('a disposed workspace is gone, and disposing again is harmless', async () => {
      const workspace = await harness.open();
      await workspace.dispose();
      await workspace.dispose();
      expect(existsSync(workspace.root)).toBe(false);
    });

    test('a path out of the workspace is refused as input', async () => {
      const workspace = await harness.open();
      for (const path of ['../out', '/etc/passwd', '.git/config', 'a/../../out', '']) {
        await expect(workspace.writeFile(path, 'x')).rejects.toMatchObject({ name: 'StepError', failure: 'input' });
        await expect(workspace.readFile(path)).rejects.toMatchObject({ name: 'StepError', failure: 'input' });
      }
    });

    test('a program runs in the workspace and its output is kept', async () => {
      const workspace = await harness.open();
      const outcome = await workspace.run({ argv: ['cat', 'README.md'] });
      expect(outcome).toMatchObject({ exitCode: 0, signal: null, endedBy: null, output: { text: '# Test\n', truncatedBytes: 0 } });
    });

    test('an aborted attempt ends its program', async () => {
      const controller = new AbortController();
      const workspace = await harness.open({ signal: controller.signal });
      const outcome = workspace.run({ argv: ['sleep', '600'] });
      controller.abort();
      expect(await outcome).toMatchObject({ exitCode: null, endedBy: 'cancel' });
    });
  });
}
