import { describe, expect, it } from 'vitest';

import { isPushMeant, patternProblems } from '../../../src/core/schedule/push-filter.ts';
import type { PushFilter } from '../../../src/core/schedule/push-filter.ts';

const none: PushFilter = { branches: null, branchesIgnore: null, tags: null, tagsIgnore: null, paths: null, pathsIgnore: null };
const branch = (name: string, paths: readonly string[] | null = ['a.txt']) => ({ ref: { kind: 'branch' as const, name }, paths });
const tag = (name: string) => ({ ref: { kind: 'tag' as const, name }, paths: null });
const taken = (patterns: readonly string[], names: readonly string[]) => names.filter((name) => isPushMeant({ ...none, branches: patterns }, branch(name)));
const changed = (patterns: readonly string[], paths: readonly string[]) => paths.filter((path) => isPushMeant({ ...none, paths: patterns }, branch('main', [path])));

/** The examples of GitHub's page on filter patterns, and names beside them that are not taken. */
const refs: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['feature/*', ['feature/my-branch', 'feature/your-branch'], ['feature', 'feature/a/b', 'xfeature/a']],
  ['feature/**', ['feature/beta-a/my-branch', 'feature/your-branch', 'feature/mona/the/octocat'], ['features/a']],
  ['main', ['main'], ['main2', 'MAIN', 'a/main']],
  ['releases/mona-the-octocat', ['releases/mona-the-octocat'], ['releases/mona']],
  ['*', ['main', 'releases'], ['all/the/branches']],
  ['**', ['all/the/branches', 'every/tag'], []],
  ['*feature', ['mona-feature', 'feature', 'ver-10-feature'], ['a/feature', 'feature-1']],
  ['v2*', ['v2', 'v2.0', 'v2.9'], ['v1', 'v2/0']],
  ['v[12].[0-9]+.[0-9]+', ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1.x.1', 'v1.1']],
  ['a+b?', ['a', 'aaab'], ['b', 'abb']],
  ['v1.0', ['v1.0'], ['v1x0']],
  ['\\*[ab]\\+', ['*a+'], ['xa+', '*aa']],
  ['(x|y)$', ['(x|y)$'], ['x', 'y']],
];
const paths: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['*', ['README.md', 'server.rb'], ['docs/a.md']],
  ['*.jsx?', ['page.js', 'page.jsx'], ['a/page.js', 'page.jsxx']],
  ['**.js', ['index.js', 'js/index.js', 'src/js/app.js'], ['index.jsx']],
  ['docs/*', ['docs/README.md', 'docs/file.txt'], ['docs/a/b.md']],
  ['docs/**', ['docs/README.md', 'docs/mona/octocat.txt'], ['doc/a', 'docs']],
  ['docs/**/*.md', ['docs/README.md', 'docs/mona/hello-world.md', 'docs/a/markdown/file.md'], ['docs/a.txt']],
  ['**/docs/**', ['docs/hello.md', 'dir/docs/my-file.txt', 'space/docs/plan/space.doc'], ['mydocs/a']],
  ['**/README.md', ['README.md', 'js/README.md'], ['MY-README.md']],
  ['**/*src/**', ['a/src/app.js', 'my-src/code/js/app.js'], ['src2/a']],
  ['**/*-post.md', ['my-post.md', 'path/their-post.md'], ['post.md']],
  ['**/migrate-*.sql', ['migrate-10909.sql', 'db/migrate-v1.0.sql', 'db/sept/migrate-v1.sql'], ['migrate.sql']],
];

describe('patterns of pushes', () => {
  it('take what those of GitHub Actions take', () => {
    for (const [pattern, yes, no] of refs) expect([pattern, taken([pattern], [...yes, ...no])]).toEqual([pattern, yes]);
    for (const [pattern, yes, no] of paths) expect([pattern, changed([pattern], [...yes, ...no])]).toEqual([pattern, yes]);
  });

  it('count in their order: the last one that takes a name decides', () => {
    expect(taken(['releases/**', '!releases/**-alpha'], ['releases/10', 'releases/10-alpha'])).toEqual(['releases/10']);
    expect(changed(['*.md', '!README.md', 'README*'], ['hello.md', 'README.md', 'README.doc', 'a.txt'])).toEqual(['hello.md', 'README.md', 'README.doc']);
  });

  it('take linear time, whatever the name', () => {
    expect(taken([`${'*a'.repeat(90)}b`], ['a'.repeat(50_000)])).toEqual([]);
  });

  it('that cannot be read are told', () => {
    expect(patternProblems(['main', '?', 'a++', '[!x]', '[z-a]', 'a\\', '!', '**?']).map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(patternProblems(['!main'])).toMatchObject([{ index: null }]);
    expect(patternProblems(['a', '!b'])).toEqual([]);
  });
});

describe('filters of pushes', () => {
  it('of branches leave out tags, those of tags leave out branches, and none takes both', () => {
    expect([branch('main'), tag('v1')].map((push) => isPushMeant(none, push))).toEqual([true, true]);
    expect([branch('main'), branch('topic'), tag('v1')].map((push) => isPushMeant({ ...none, branches: ['main'] }, push))).toEqual([true, false, false]);
    expect([branch('main'), branch('topic'), tag('v1')].map((push) => isPushMeant({ ...none, branchesIgnore: ['main'] }, push))).toEqual([false, true, false]);
    expect([branch('main'), tag('v1'), tag('x')].map((push) => isPushMeant({ ...none, tags: ['v*'] }, push))).toEqual([false, true, false]);
    expect([branch('main'), tag('v1'), tag('x')].map((push) => isPushMeant({ ...none, tagsIgnore: ['v*'] }, push))).toEqual([false, false, true]);
    expect([branch('main'), tag('v1'), tag('x')].map((push) => isPushMeant({ ...none, branches: ['main'], tags: ['v*'] }, push))).toEqual([true, true, false]);
  });

  it('of paths want one of them, or one that is not ignored; not for tags, and not where nobody knows', () => {
    const only = { ...none, paths: ['src/**'] };
    const but = { ...none, pathsIgnore: ['docs/**'] };
    expect([['src/a', 'docs/a'], ['docs/a'], []].map((list) => isPushMeant(only, branch('main', list)))).toEqual([true, false, false]);
    expect([['src/a', 'docs/a'], ['docs/a'], []].map((list) => isPushMeant(but, branch('main', list)))).toEqual([true, false, false]);
    for (const filter of [only, but]) expect([branch('main', null), tag('v1')].map((push) => isPushMeant(filter, push))).toEqual([true, true]);
    expect(isPushMeant({ ...only, branches: ['main'] }, branch('topic', ['src/a']))).toBe(false);
  });
});
