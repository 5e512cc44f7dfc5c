import { describe, expect, it } from 'vitest';

import { ownerSets, readCodeowners } from '../../../src/core/gate/codeowners.ts';
import * as fc from '../../support/fast-check.ts';

const owns = (pattern: string, path: string): boolean => readCodeowners(`${pattern} @a`)(path).length > 0;

describe('CODEOWNERS', () => {
  it.each([
    ['*', 'a.md', true],
    ['*', 'deep/down/a.md', true],
    ['*.js', 'a.js', true],
    ['*.js', 'src/a.js', true],
    ['*.js', 'a.jsx', false],
    ['/build/logs/', 'build/logs/a.txt', true],
    ['/build/logs/', 'build/logs/deep/a.txt', true],
    ['/build/logs/', 'x/build/logs/a.txt', false],
    ['docs/*', 'docs/getting-started.md', true],
    ['docs/*', 'docs/build-app/troubleshooting.md', false],
    ['apps/', 'apps/a', true],
    ['apps/', 'x/apps/y/a', true],
    ['apps/', 'apps', false],
    ['/docs/', 'docs/a/b', true],
    ['/scripts/', 'x/scripts/a', false],
    ['**/logs', 'build/logs/a', true],
    ['**/logs', 'logs/a', true],
    ['/apps/github', 'apps/github/a', true],
    ['/apps/github', 'apps/github', true],
    ['/apps/github', 'apps/github2', false],
    ['src/**/test', 'src/test', true],
    ['src/**/test', 'src/a/b/test/c', true],
    ['a/**', 'a/b/c', true],
    ['/a?c', 'abc', true],
    ['/*', 'a', true],
    ['/*', 'a/b', false],
    ['my\\ file.txt', 'my file.txt', true],
    ['README', 'docs/README', true],
  ] as const)('%s takes %s: %s', (pattern, path, expected) => {
    expect(owns(pattern, path)).toBe(expected);
  });

  it('lets the last rule win, also one that names nobody', () => {
    const ownersOf = readCodeowners('* @all\n/src/ @Dev @acme/Core # the core\n/src/free.ts\n# @nobody\n\n/mail/ someone@example.com\n');
    expect(ownersOf('README.md')).toEqual(['@all']);
    expect(ownersOf('src/a.ts')).toEqual(['@dev', '@acme/core']);
    expect(ownersOf('src/free.ts')).toEqual([]);
    expect(ownersOf('mail/a')).toEqual(['someone@example.com']);
  });

  it('leaves out lines that GitHub leaves out', () => {
    const ownersOf = readCodeowners('* @all\n!src @x\n[ab].ts @x\nsrc/ not-an-owner\n');
    expect(ownersOf('src/a.ts')).toEqual(['@all']);
    expect(ownersOf('a.ts')).toEqual(['@all']);
  });

  it('groups touched files by their owners, those without owners left out', () => {
    const ownersOf = readCodeowners('/a/ @x @y\n/b/ @y @x\n/c/ @z\n');
    expect(ownerSets(ownersOf, ['c/1', 'b/1', 'a/2', 'a/1', 'd'])).toEqual([
      { key: '@x @y', files: 3, example: 'a/1' },
      { key: '@z', files: 1, example: 'c/1' },
    ]);
  });

  it('reads anything at all, without taking long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: fc.constantFrom('*', '/', 'a', '?', '\\', ' ', '@', '\n', '#', '.') }), fc.string({ maxLength: 200, unit: fc.constantFrom('a', '/', '.') }), (text, path) => {
        expect(Array.isArray(readCodeowners(text)(path))).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(readCodeowners(`${'**/*a*'.repeat(200)} @x`)(`${'b/'.repeat(1000)}b`)).toEqual([]);
  });
});
