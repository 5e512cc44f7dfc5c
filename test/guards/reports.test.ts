import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Finding } from '../../src/core/mission/evidence.ts';
import { examineWith } from './support/guard-world.ts';

/*
 * Reports that real tools wrote about small projects; test/fixtures/reports/README.md says how they were made. They were made in
 * /home/runner/work/app/app, and are read in another folder: paths must be found all the same.
 */

const base = new URL('../fixtures/reports/', import.meta.url);
const sources = ['test_a.py', 't/a.t', 'src/math.js', 'src/math.cjs', 'src/bad.js', 'src/good.js', 'src/broken.js', 'src/risky.c', 'src/twice.js', 'src/style.css', 'docs/page.md', 'test/math.test.js', 'jest/math.test.cjs', 'mocha/math.spec.cjs', 'node/math.test.mjs', 'tap/math.test.cjs', 'tape/math.test.cjs', 'ava/math.test.mjs', 'jasmine/math.spec.cjs'];

function read(format: string, name: string, parameters = {}) {
  const text = readFileSync(new URL(`${format}/${name}`, base), 'utf8');
  return examineWith(format, { path: name, ...parameters }, { files: { ...Object.fromEntries(sources.map((path) => [path, 'x'])), [name]: text } });
}

const names = (format: string) => readdirSync(new URL(`${format}/`, base));
const places = (findings: readonly Finding[] | undefined) => findings?.map(({ path, line }) => `${path}:${line}`);

describe('test results', () => {
  it.each([
    ['junit', 'vitest.xml', [5, 1, 2], ['test/math.test.js:5']],
    ['junit', 'jest.xml', [5, 1, 1], ['jest/math.test.cjs:4']],
    ['junit', 'mocha-xunit.xml', [6, 1, 2], ['mocha/math.spec.cjs:5']],
    ['junit', 'node.xml', [6, 1, 2], ['node/math.test.mjs:6']],
    ['junit', 'tap.xml', [7, 2, 2], ['tap/math.test.cjs:3', 'tap/math.test.cjs:3']],
    ['junit', 'jasmine.xml', [3, 1, 1], ['jasmine/math.spec.cjs:2']],
    // As CTest itself: 3 failed (one timed out, one program is missing), 2 skipped.
    ['junit', 'ctest.xml', [6, 3, 2], ['null:null', 'null:null', 'null:null']],
    // As pytest itself: 4 failed, 3 errors, 1 skipped, 1 expected to fail.
    ['junit', 'pytest.xml', [13, 7, 2], ['test_a.py:3', 'null:null', 'test_a.py:13', 'test_a.py:18', 'test_a.py:20', 'test_a.py:18', 'test_a.py:22']],
    ['tap', 'test-more.tap', [8, 2, 4], ['null:null', 'null:null']],
    ['junit', 'eslint.xml', [8, 7, 0], ['src/bad.js:1', 'src/bad.js:2', 'src/bad.js:3', 'src/bad.js:3', 'src/bad.js:5', 'src/bad.js:6', 'src/broken.js:1']],
    ['junit', 'biome.xml', [9, 9, 0], ['src/bad.js:1', 'src/bad.js:3', 'src/bad.js:2', 'src/bad.js:3', 'src/bad.js:5', 'src/bad.js:6', 'src/broken.js:1', 'src/broken.js:1', 'src/broken.js:1']],
    ['junit', 'oxlint.xml', [5, 5, 0], ['src/bad.js:1', 'src/bad.js:3', 'src/bad.js:5', 'src/bad.js:6', 'src/broken.js:1']],
    ['tap', 'node.tap', [6, 1, 2], ['node/math.test.mjs:6']],
    ['tap', 'tap.tap', [5, 1, 2], ['tap/math.test.cjs:3']],
    ['tap', 'tap-runner.tap', [5, 1, 2], ['tap/math.test.cjs:3']],
    ['tap', 'tape.tap', [5, 1, 2], ['tape/math.test.cjs:3']],
    ['tap', 'ava.tap', [4, 1, 2], ['null:null']],
    ['tap', 'mocha.tap', [6, 1, 2], ['null:null']],
    ['tap', 'vitest.tap', [5, 1, 2], ['test/math.test.js:5']],
    ['tap', 'vitest-flat.tap', [5, 1, 2], ['test/math.test.js:5']],
  ] as const)('of %s %s are counted, and what failed has its line', async (format, name, [tests, failed, skipped], where) => {
    const outcome = await read(format, name);
    expect(outcome).toMatchObject({ passed: true, metrics: { tests, tests_failed: failed, tests_skipped: skipped, tests_passed: tests - failed - skipped } });
    expect(places(outcome.findings?.kept())).toEqual(where);
  });
});

describe('coverage', () => {
  /** Lines, branches, functions: covered and coverable. */
  const measured = {
    'jest': [4, 6, 1, 4, 2, 3],
    'nyc': [14, 15, 2, 4, 9, 11],
    'c8': [10, 13, 4, 4, 2, 3],
    'vitest-v8': [3, 4, 1, 2, 2, 2],
    'vitest-istanbul': [3, 4, 1, 2, 2, 2],
    'node': [19, 24, 11, 12, 9, 11],
  } as const;

  it.each(['lcov', 'cobertura', 'clover', 'istanbul'].flatMap((format) => names(format).map((name) => [format, name] as const)))('is the same number in every format: %s %s', async (format, name) => {
    const producer = name.replace(/\.(info|xml|json)$/, '').replace(/-(final|summary)$/, '') as keyof typeof measured;
    const [lines_covered, lines_coverable, branches_covered, branches_coverable, functions_covered, functions_coverable] = measured[producer];
    expect((await read(format, name)).metrics).toEqual({ lines_covered, lines_coverable, branches_covered, branches_coverable, functions_covered, functions_coverable });
  });
});

describe('what is covered least', () => {
  it.each([['lcov', 'jest.info'], ['cobertura', 'jest.xml'], ['clover', 'jest.xml'], ['istanbul', 'jest-final.json'], ['istanbul', 'jest-summary.json'], ['cobertura', 'vitest-v8.xml']])('is named by %s %s, for whoever repairs it', async (format, name) => {
    const outcome = await read(format, name);
    expect(outcome.findings?.kept()).toEqual([{ rule: 'coverage', level: 'note', message: expect.stringMatching(/^[12] lines? of [46] not covered\.$/) as string, path: expect.stringMatching(/^src\/math\.c?js$/) as string, line: null }]);
  });
});

describe('static analysis', () => {
  it.each([
    ['oxlint.sarif', [1, 4, 0]],
    ['biome.sarif', [7, 2, 0]],
    ['secretlint.sarif', [1, 0, 0]],
    ['clang.sarif', [0, 3, 0]],
    ['flawfinder.sarif', [3, 1, 1]],
    ['jscpd.sarif', [0, 1, 0]],
    ['markdownlint.sarif', [7, 0, 0]],
    ['stylelint.sarif', [5, 0, 0]],
  ] as const)('in SARIF of %s is counted by level', async (name, [errors, warnings, notes]) => {
    const outcome = await read('sarif', name);
    expect(outcome).toMatchObject({ passed: true, metrics: { sast_errors: errors, sast_warnings: warnings, sast_notes: notes } });
    expect(outcome.findings?.kept().filter(({ path, line }) => path === null || line === null)).toEqual([]);
  });

  it('of which the tool says that it did not come to its end fails, with what it found and why', async () => {
    const outcome = await read('sarif', 'eslint.sarif');
    expect(outcome).toMatchObject({ passed: false, metrics: {} });
    expect(outcome.summary).toContain('did not end successfully, says the tool itself ("executionSuccessful": false): ');
    expect(outcome.findings?.kept()[0]).toMatchObject({ rule: 'no-unused-vars', path: 'src/bad.js', line: 1, column: 7 });
  });

  it.each(names('eslint'))('in ESLint’s JSON of %s adds up to what the tool itself counted, every finding with its line', async (name) => {
    const files = JSON.parse(readFileSync(new URL(`eslint/${name}`, base), 'utf8')) as readonly { readonly errorCount?: number; readonly warningCount?: number; readonly messages: readonly { readonly severity: number }[] }[];
    // textlint writes the same list without its sums.
    const sum = (part: 'errorCount' | 'warningCount') => files.reduce((total, file) => total + (file[part] ?? file.messages.filter(({ severity }) => severity === (part === 'errorCount' ? 2 : 1)).length), 0);
    const outcome = await read('eslint', name);
    expect(outcome).toMatchObject({ passed: true, metrics: { lint_errors: sum('errorCount'), lint_warnings: sum('warningCount') } });
    expect(outcome.findings?.kept().filter(({ path, line }) => path === null || line === null)).toEqual([]);
  });

  it('in ESLint’s JSON has errors, warnings and files that could not be parsed', async () => {
    const outcome = await read('eslint', 'eslint.json');
    expect(outcome.metrics).toEqual({ lint_errors: 6, lint_warnings: 1 });
    expect(outcome.findings?.kept().map(({ rule, path, line, column }) => `${rule} ${path}:${line}:${column}`)).toEqual([
      'no-unused-vars src/bad.js:1:7',
      'no-var src/bad.js:3:3',
      'no-unused-vars src/bad.js:3:7',
      'no-debugger src/bad.js:5:1',
      'no-eval src/bad.js:6:1',
      'parse error src/broken.js:1:7',
      'eqeqeq src/bad.js:2:18',
    ]);
  });
});

describe('bills of materials', () => {
  it.each([
    ['cyclonedx', 'npm.json', [15, 0]],
    ['cyclonedx', 'cyclonedx-npm.json', [15, 0]],
    ['cyclonedx', 'cdxgen.json', [15, 0]],
    ['cyclonedx', 'cyclonedx-esbuild.json', [1, 0]],
    ['cyclonedx', 'cyclonedx-npm-4.json', [12, 0]],
    ['cyclonedx', 'cyclonedx-npm-4.xml', [12, 0]],
    ['cyclonedx', 'pnpm.json', [12, 0]],
    ['cyclonedx', 'webpack-plugin.json', [8, 0]],
    ['cyclonedx', 'webpack-plugin.xml', [8, 0]],
    ['cyclonedx', 'rollup-plugin-sbom.json', [8, 0]],
    ['spdx', 'npm.json', [15, 0]],
    ['spdx', 'cdxgen.json', [15, 15]],
    ['spdx', 'pnpm.json', [12, 0]],
  ] as const)('of %s %s are counted, the product itself left out', async (format, name, [sbom_components, components_unlicensed]) => {
    expect(await read(format, name)).toMatchObject({ passed: true, metrics: { sbom_components, components_unlicensed } });
  });

  it.each([['cyclonedx', 'npm.json'], ['cyclonedx', 'cyclonedx-npm.json'], ['cyclonedx', 'cdxgen.json'], ['spdx', 'npm.json']])('of %s %s have the same licences', async (format, name) => {
    const text = readFileSync(new URL(`${format}/${name}`, base), 'utf8');
    const outcome = (allow: readonly string[]) => examineWith('licenses', { path: name, allow }, { files: { [name]: text } });
    expect(await outcome(['MIT', 'ISC', 'Zlib'])).toMatchObject({ metrics: { sbom_components: 15, licenses_denied: 0 } });
    const strict = await outcome(['ISC', 'Zlib']);
    expect(strict.findings?.kept().map(({ message }) => message)).toContain('lodash 4.17.15 is licensed under MIT, which is not allowed.');
  });

  it.each(['cyclonedx-npm-4', 'webpack-plugin'])('of %s give the same in XML and in JSON, guard and licences', async (name) => {
    const outcomes = await Promise.all(['json', 'xml'].map(async (extension) => {
      const files = { bom: readFileSync(new URL(`cyclonedx/${name}.${extension}`, base), 'utf8') };
      const [bom, licences] = await Promise.all([examineWith('cyclonedx', { path: 'bom' }, { files }), examineWith('licenses', { path: 'bom', allow: ['Zlib'] }, { files })]);
      return [bom, bom.findings?.kept(), licences, licences.findings?.kept().map(({ message }) => message).toSorted()];
    }));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1]?.[3]).toContain('lodash 4.17.15 is licensed under MIT, which is not allowed.');
  });

  it('of files alone say nothing of dependencies, and fail with that', async () => {
    expect(await read('spdx', 'reuse.spdx')).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining('lists files and no package') as string });
  });

  it('are not taken for each other', async () => {
    const text = readFileSync(new URL('spdx/npm.json', base), 'utf8');
    expect(await examineWith('cyclonedx', { path: 'bom.json' }, { files: { 'bom.json': text } })).toMatchObject({ passed: false, summary: expect.stringContaining('is SPDX, not CycloneDX. Use the guard "spdx".') });
  });
});

describe('audits', () => {
  const lodash = ['high lodash <4.17.21: Command Injection in lodash', 'moderate lodash <4.17.21: Regular Expression Denial of Service (ReDoS) in lodash'];

  it.each(names('npm-audit'))('of %s count every advisory once', async (name) => {
    const outcome = await read('npm-audit', name);
    expect(outcome).toMatchObject({ passed: true, metrics: { critical_cves: 1, high_cves: 2, medium_cves: 1, low_cves: 0, unrated_cves: 0 } });
    expect(outcome.findings?.kept().map(({ level, message }) => `${level === 'error' ? 'high' : 'moderate'} ${message}`)).toEqual(expect.arrayContaining(lodash));
    expect(outcome.findings?.kept().filter(({ rule }) => !/^(GHSA|CVE)-/.test(rule))).toEqual([]);
  });
});
