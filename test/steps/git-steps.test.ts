import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { git } from '../worker/support/git-server.ts';
import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
let first = '';
beforeAll(async () => {
  steps = await createStepWorld();
  first = steps.world.server.head('main')!;
  steps.world.server.commit('main', { 'src/more.js': 'exports.more = 1;\n' }, 'More');
  steps.world.server.commit('feature', { 'feature.txt': 'new\n' }, 'Feature');
  steps.world.server.commit('clash', { 'README.md': '# Theirs\n' }, 'Theirs');
  git(steps.world.server.bare, 'tag', '-a', 'v1', '-m', 'One', first);
});
afterAll(() => steps.close());

const AT = new Date('2026-01-02T03:04:05Z');
const own = 'Build the API\n\nMissiongate-Mission: acme/shop#7\nMissiongate-Task: build-api\nMissiongate-Attempt: 1\n';
const yes = async () => true;

describe('git.status and git.diff', () => {
  test('tell what the task starts from', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('new.txt', 'x\n');
    await workspace.removeFile('README.md');
    const { outcome } = await steps.run('git.status', {}, { workspace });
    expect(outcome.outputs).toEqual({ commit: steps.world.server.head('main'), clean: false, files: [{ path: 'README.md', status: 'deleted' }, { path: 'new.txt', status: 'added' }] });
  });

  test('compare branches, tags and commits', async () => {
    expect((await steps.run('git.diff', {})).outcome.outputs).toMatchObject({ files: [{ path: 'src/more.js', status: 'added', additions: 1, deletions: 0 }] });
    const { outcome } = await steps.run('git.diff', { from: 'v1', to: 'feature' });
    expect(outcome.outputs).toMatchObject({ from: first, to: steps.world.server.head('feature'), additions: 2 });
    expect(outcome.artifacts[0]?.text).toContain('+new');
  });

  test('a branch that is not there is a conflict, a name that is none an input', async () => {
    expect(await steps.failing('git.diff', { from: 'nowhere' })).toMatchObject({ failure: 'conflict', message: expect.stringContaining('no branch or tag "nowhere"') });
    for (const from of ['--upload-pack=/bin/sh', 'refs/heads/main', 'a..b', 'x y']) expect(await steps.failing('git.diff', { from })).toMatchObject({ failure: 'input' });
  });
});

describe('git.commit', () => {
  test('says the message; the worker makes the commit, with its own trailers, also when no file changed', async () => {
    const { workspace } = await steps.run('git.commit', { message: 'Close the stage\n\nAll is done.', trailers: { Closes: '#12' } });
    const made = await workspace.commitAll(own, steps.world.author, AT);
    await workspace.push('mission/7/mark', yes);
    expect(made?.diff.files).toEqual([]);
    expect(git(steps.world.server.bare, 'log', '-1', '--format=%B', 'mission/7/mark')).toBe('Close the stage\n\nAll is done.\n\nCloses: #12\n\nMissiongate-Mission: acme/shop#7\nMissiongate-Task: build-api\nMissiongate-Attempt: 1');
  });

  test('cannot write the product’s own trailers, nor more than one line in one', () => {
    expect(steps.problems('git.commit', { message: 'x', trailers: { 'Missiongate-Task': 'other' } })).not.toEqual([]);
    expect(steps.problems('git.commit', { message: 'x', trailers: { Note: 'a\nMissiongate-Task: b' } })).not.toEqual([]);
  });
});

describe('git.merge', () => {
  test('brings a branch in; the worker’s commit has it as its second parent', async () => {
    const { workspace, outcome } = await steps.run('git.merge', { from: 'feature' });
    expect(outcome.outputs).toMatchObject({ merged: true, files: [{ path: 'feature.txt', status: 'added' }] });
    expect(await workspace.readFile('feature.txt')).toBe('new\n');
    await workspace.commitAll(own, steps.world.author, AT);
    await workspace.push('mission/7/merge', yes);
    expect(git(steps.world.server.bare, 'log', '-1', '--format=%P|%s', 'mission/7/merge')).toBe(`${steps.world.server.head('main')} ${steps.world.server.head('feature')}|Merge feature`);
  });

  test('a conflict names the files and changes nothing', async () => {
    steps.world.server.commit('ours', { 'README.md': '# Ours\n' }, 'Ours');
    const workspace = await steps.world.open({ baseCommit: steps.world.server.head('ours')! });
    expect(await steps.failing('git.merge', { from: 'clash' }, { workspace })).toMatchObject({ failure: 'conflict', message: expect.stringContaining('"README.md"') });
    expect(await workspace.git!.status()).toEqual([]);
    expect(await workspace.readFile('README.md')).toBe('# Ours\n');
    expect(await workspace.commitAll(own, steps.world.author, AT)).toBeNull();
  });

  test('what is contained already changes nothing', async () => {
    const { workspace, outcome } = await steps.run('git.merge', { from: first });
    expect(outcome.outputs).toMatchObject({ merged: false });
    expect(await workspace.commitAll(own, steps.world.author, AT)).toBeNull();
  });

  test('a merge driver that the branch names is not run', async () => {
    steps.world.server.commit('driver', { '.gitattributes': '* merge=evil filter=evil\n', 'd.txt': 'x\n' }, 'Driver');
    const { workspace } = await steps.run('git.merge', { from: 'driver' });
    expect(await workspace.readFile('d.txt')).toBe('x\n');
  });
});

describe('git.branch', () => {
  test('makes a branch once, and never moves one', async () => {
    expect((await steps.run('git.branch', { name: 'release/1' })).outcome.outputs).toMatchObject({ created: true });
    expect(steps.world.server.head('release/1')).toBe(steps.world.server.head('main'));
    expect((await steps.run('git.branch', { name: 'release/1' })).outcome.outputs).toMatchObject({ created: false });
    expect(await steps.failing('git.branch', { name: 'release/1', from: first })).toMatchObject({ failure: 'conflict', message: expect.stringContaining('another commit') });
    expect(steps.world.server.head('release/1')).toBe(steps.world.server.head('main'));
  });

  test('refuses the product’s own names', async () => {
    for (const name of ['mission/7/trunk', 'gate/x', '-f', 'a b']) expect(await steps.failing('git.branch', { name })).toMatchObject({ failure: 'input' });
  });
});

test('git.restore brings back content, executable bits and absence', async () => {
  const workspace = await steps.world.open();
  await workspace.writeFile('README.md', 'changed', { executable: true });
  await workspace.writeFile('src/extra.js', 'x');
  await workspace.removeFile('src/more.js');
  await steps.run('git.restore', { commit: 'HEAD', paths: ['README.md', 'src/extra.js', 'src/more.js'] }, { workspace });
  expect(await workspace.git!.status()).toEqual([]);
});
