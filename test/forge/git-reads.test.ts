import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BareRepository, ZERO_SHA } from '../../src/forge/git/bare-repository.ts';
import { writeCommit } from '../../src/forge/git/commits.ts';
import { mergeTree } from '../../src/forge/git/merge.ts';
import { isAboutObjects } from '../../src/forge/git/remembered-answers.ts';

const by = { name: 'Ada', email: 'ada@example.test', date: '2026-01-01T00:00:00Z' };
const someone = 'a'.repeat(40);

let folder: string;
let git: BareRepository;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-reads-'));
  git = await BareRepository.create(join(folder, 'project.git'), 'main');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function commit(text: string, ...parents: string[]): Promise<string> {
  const blob = (await git.run(['hash-object', '-w', '--stdin'], { input: text })).trim();
  const tree = (await git.run(['mktree'], { input: `100644 blob ${blob}\tfile.txt\n` })).trim();
  return writeCommit(git, { tree, parents, message: text, author: by, committer: by });
}

/** What git itself says of all refs. */
async function told() {
  const lines = (await git.run(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])).split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ ref: line.split(' ')[0], sha: line.split(' ')[1], type: line.split(' ')[2] }));
}

describe('refs that are read without git', () => {
  it('are what git says they are: loose, packed, moved since, deleted, of any kind', async () => {
    const [one, two] = [await commit('one'), await commit('two')];
    for (const ref of ['refs/heads/main', 'refs/heads/mission/7/a', 'refs/heads/größe', 'refs/tags/light', 'refs/pull/3/head']) await git.moveRef(ref, ZERO_SHA, one);
    await git.run(['-c', 'user.name=a', '-c', 'user.email=a@example.test', 'tag', '-a', '-m', 'words', 'heavy', one]);
    const compare = async () => expect(await git.refs()).toEqual((await told()).filter(({ ref }) => ref?.startsWith('refs/pull/') === false));
    await compare();
    await git.run(['pack-refs', '--all']);
    await compare();
    await git.moveRef('refs/heads/main', one, two);
    await git.moveRef('refs/heads/mission/7/a', one, ZERO_SHA);
    await compare();
    expect([await git.branch('main'), await git.branch('mission/7/a'), await git.branch('mission'), await git.ref('refs/pull/3/head')]).toEqual([two, null, null, null]);
    expect(await git.ref('refs/tags/heavy')).toMatchObject({ type: 'tag' });
    expect([await git.resolveCommit('main'), await git.resolveCommit('heavy'), await git.resolveCommit('tags/light'), await git.resolveCommit('nowhere'), await git.resolveCommit(someone)]).toEqual([two, one, one, null, null]);
  });
});

describe('what git said about objects', () => {
  it('is asked again as long as they are not there', async () => {
    const parent = await commit('parent');
    const blob = (await git.run(['hash-object', '-w', '--stdin'], { input: 'late' })).trim();
    const tree = (await git.run(['mktree'], { input: `100644 blob ${blob}\tlate.txt\n` })).trim();
    const child = { tree, parents: [parent], message: 'late', author: by, committer: by };
    const elsewhere = await BareRepository.create(join(folder, 'elsewhere.git'), 'main');
    await elsewhere.run(['fetch', '--quiet', git.path, `${parent}:refs/heads/main`]);
    for (const [name, content] of [['blob', 'late'], ['tree', `100644 blob ${blob}\tlate.txt\n`]] as const) await elsewhere.run(name === 'blob' ? ['hash-object', '-w', '--stdin'] : ['mktree'], { input: content });
    const sha = await writeCommit(elsewhere, child);
    expect([await git.objectType(sha), await git.resolveCommit(sha)]).toEqual([null, null]);
    await expect(git.isAncestor(parent, sha)).rejects.toThrow(/merge-base/);
    await writeCommit(git, child);
    expect([await git.objectType(sha), await git.resolveCommit(sha), await git.isAncestor(parent, sha), await git.isAncestor(sha, parent)]).toEqual(['commit', sha, true, false]);
  });

  it('is the same when it is asked for again, also when it is a no', async () => {
    const [base, other] = [await commit('base'), await commit('unrelated')];
    const [left, right] = [await commit('left', base), await commit('right', base)];
    for (let time = 0; time < 2; time += 1) {
      expect(await mergeTree(git, left, right)).toBeNull();
      expect(await git.isAncestor(left, right)).toBe(false);
      expect([await git.mergeBase(left, right), await git.mergeBase(left, other)]).toEqual([base, null]);
    }
  });

  it.each([
    [['log', '-z', someone, `^${someone}`, '--', 'a path'], true],
    [['--literal-pathspecs', 'ls-tree', '-z', someone, '--', 'a'], true],
    [['cat-file', 'blob', someone], true],
    [['rev-parse', '--verify', '--end-of-options', `${someone}^{commit}`], true],
    [['rev-parse', '--verify', '--end-of-options', 'refs/heads/main^{commit}'], false],
    [['log', 'main', '--'], false],
    [['log', '--', someone], false],
    [['log', '--branches', someone], false],
    [['rev-list', someone, '--not', '--all'], false],
    [['cat-file', '--batch', someone], false],
    [['update-ref', 'refs/heads/main', someone, someone], false],
    [['commit-tree', someone], false],
  ] as const)('is kept where everything is named by its full id: %j', (args, isKept) => {
    expect(isAboutObjects(args)).toBe(isKept);
  });
});
