import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { maximumFindings } from '../../src/core/mission/evidence.ts';
import { storableFindings } from '../../src/engine/findings.ts';
import { artifactLimits } from '../../src/engine/evidence.ts';
import { FindingList } from '../../src/guards/finding-list.ts';
import { guards } from '../../src/guards/registry.ts';
import { RepositoryPaths } from '../../src/guards/repository-paths.ts';
import type { Json } from '../../src/kit/json.ts';
import * as fc from '../support/fast-check.ts';
import { examineWith } from './support/guard-world.ts';

const readers = guards.types.filter(({ parameters }) => JSON.stringify(parameters).includes('allow-missing')).map(({ name, examples }) => [name, { ...examples[0], path: 'r' }] as const);
const base = new URL('../fixtures/reports/', import.meta.url);
const deep = (open: string, close: string) => `${open.repeat(100_000)}${close.repeat(100_000)}`;

const laughs = `<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(50)}"><!ENTITY c "${'&b;'.repeat(50)}">]><testsuite><testcase name="&c;"/></testsuite>`;

/** What is no report of any format. */
const nonsense = {
  'nothing': '',
  'white space': ' \n\t\n',
  'NUL bytes': '\u0000'.repeat(1_000),
  'half a JSON': '{"results": [',
  'null': 'null',
  'a number': '1e999',
  'a text': '"x"',
  'an empty list': '[]',
  'a list of null': '[null, null]',
  'a list of lists': '[[], [[]]]',
  'an object of its prototype': '{"__proto__": {"results": []}, "constructor": {"prototype": {}}}',
  'lists 100,000 deep': deep('[', ']'),
  'objects 100,000 deep': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'half an XML': '<testsuites><testsuite><testcase name="a">',
  'XML 100,000 deep': deep('<testsuite>', '</testsuite>'),
  'a billion laughs': laughs,
  'an entity from outside': '<!DOCTYPE t SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>',
  'a million attributes': `<testsuite ${Array.from({ length: 5_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
  'a web page': '<html><body>502 Bad Gateway</body></html>',
  'a million lines': 'x\n'.repeat(300_000),
  'one long line': 'x'.repeat(2_000_000),
  'four million lists': `[${'[],'.repeat(4_000_000)}[]]`,
  'subtests 2,000 deep': Array.from({ length: 2_000 }, (_, level) => `${'    '.repeat(level)}# Subtest: x`).join('\n'),
} as const;

describe.each(readers)('%s', (name, parameters) => {
  it.each(Object.keys(nonsense))('refuses %s in words that name the file', async (what) => {
    const outcome = await examineWith(name, parameters, { files: { r: nonsense[what as keyof typeof nonsense] } });
    expect(outcome).toMatchObject({ passed: false, metrics: {}, summary: expect.stringMatching(/^r\b/) as string });
    expect(outcome.summary.length).toBeLessThan(1_000);
  });

  it('refuses a report of 200 MB without reading it', async () => {
    expect(await examineWith(name, parameters, { files: { r: 200 * 1024 * 1024 } })).toMatchObject({ passed: false, summary: expect.stringContaining('r has 209,715,200 bytes') as string });
  });

  it('takes any JSON without breaking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        const outcome = await examineWith(name, parameters, { files: { r: JSON.stringify(value) } });
        expect(typeof outcome.summary).toBe('string');
      }),
      { numRuns: 200 },
    );
  });
});

const real = readdirSync(base).filter((format) => !format.includes('.')).flatMap((format) => readdirSync(new URL(`${format}/`, base)).map((name) => [format, name] as const));

describe('a real report', () => {
  it.each(real.filter(([format, name]) => !['lcov', 'tap'].includes(format) && name !== 'yarn-4.json'))('that is cut anywhere is refused: %s %s', async (format, name) => {
    const text = readFileSync(new URL(`${format}/${name}`, base), 'utf8').trimEnd();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), async (length) => {
        expect(await examineWith(format, { path: 'r' }, { files: { r: text.slice(0, length) } })).toMatchObject({ passed: false, metrics: {} });
      }),
      { numRuns: 30 },
    );
  });

  it.each(real.filter(([format]) => format === 'lcov'))('that is cut within a file is refused: %s %s', async (format, name) => {
    const lines = readFileSync(new URL(`${format}/${name}`, base), 'utf8').trimEnd().split('\n');
    const ends = (line: string | undefined) => line === 'end_of_record' || line?.startsWith('TN:') === true;
    const within = lines.flatMap((line, index) => (index + 1 < lines.length && !(ends(line) && lines.slice(0, index + 1).includes('end_of_record')) ? [index + 1] : []));
    const passed = await Promise.all(within.map(async (count) => (await examineWith(format, { path: 'r' }, { files: { r: lines.slice(0, count).join('\n') } })).passed));
    expect(passed).toEqual(within.map(() => false));
  });

  it.each(real.filter(([format]) => format === 'tap'))('in which tests are missing is refused: %s %s', async (format, name) => {
    const lines = readFileSync(new URL(`${format}/${name}`, base), 'utf8').trimEnd().split('\n');
    const points = lines.flatMap((line, index) => (/^(?:not )?ok \d+/.test(line) ? [index] : []));
    const last = points.at(-1) ?? 0;
    expect(await examineWith(format, { path: 'r' }, { files: { r: lines.slice(0, last).join('\n') } })).toMatchObject({ passed: false });
    expect(await examineWith(format, { path: 'r' }, { files: { r: `${lines.slice(0, last).join('\n')}\nBail out! no database\n` } })).toMatchObject({ passed: false, summary: expect.stringContaining('no database') as string });
  });

  it.each(real)('of which any part is another value never breaks its guard: %s %s', async (format, name) => {
    const text = readFileSync(new URL(`${format}/${name}`, base), 'utf8');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length }), fc.nat({ max: 40 }), fc.oneof(fc.string(), fc.constantFrom('null', '-1', '1e400', '""', '{}', '[]', '\u0000', '&lt;', '<a>', '\n')), async (at, length, put) => {
        const outcome = await examineWith(format, { path: 'r' }, { files: { r: `${text.slice(0, at)}${put}${text.slice(at + length)}` } });
        for (const value of Object.values(outcome.metrics)) expect(Number.isFinite(value) && value >= 0).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a path in a report', () => {
  const paths = new RepositoryPaths('/own tree/a', ['src/x.ts', 'packages/web/src/y.ts', 'packages/api/src/z.ts', 'packages/web/src/z.ts', 'größe/ä.ts', 'a b.ts']);

  it.each([
    ['src/x.ts', 'src/x.ts'],
    ['./src/../src/x.ts', 'src/x.ts'],
    ['src\\x.ts', 'src/x.ts'],
    ['/own tree/a/src/x.ts', 'src/x.ts'],
    ['file:///own%20tree/a/src/x.ts', 'src/x.ts'],
    ['file:src/x.ts', 'src/x.ts'],
    ['C:\\Users\\ci\\a\\src\\x.ts', 'src/x.ts'],
    ['file:///D:/a/repo/repo/src/x.ts', 'src/x.ts'],
    ['/home/runner/work/a/a/packages/web/src/y.ts', 'packages/web/src/y.ts'],
    ['src/y.ts', 'packages/web/src/y.ts'],
    ['gr%C3%B6%C3%9Fe/%C3%A4.ts', 'gr%C3%B6%C3%9Fe/%C3%A4.ts'],
    ['file:gr%C3%B6%C3%9Fe/%C3%A4.ts', 'größe/ä.ts'],
    ['not/there.ts', 'not/there.ts'],
  ])('%s is %s', (written, expected) => {
    expect(paths.find(written)).toBe(expected);
  });

  it.each(['../x.ts', 'src/../../x.ts', '/etc/passwd', '/own tree/ab/other.ts', 'https://example.com/src/x.ts', 'file:///%E0%A4%A', '', '.git/config', 'a/.GIT/hooks/x', 'C:\\Windows\\win.ini', '\u0000', 'x'.repeat(10_000)])('%j leads nowhere', (written) => {
    expect(paths.find(written)).toBeNull();
  });

  it('that several files end with is left as it is; one told from a folder is found there', () => {
    expect(paths.find('src/z.ts')).toBe('src/z.ts');
    expect(paths.find('src/z.ts', 'file:///own%20tree/a/packages/api/')).toBe('packages/api/src/z.ts');
    expect(paths.find('src/z.ts', 'packages/web')).toBe('packages/web/src/z.ts');
  });

  it('never leaves the repository, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', 'src', 'x.ts', '', '.git', '%2e%2e', 'C:', 'file:', '/', '\\', '//'), { maxLength: 8 }), fc.constantFrom('/', '\\'), (parts, separator) => {
        const found = paths.find(parts.join(separator));
        if (found !== null) expect(found.startsWith('/') || found.split('/').some((part) => part === '..' || part === '.git')).toBe(false);
      }),
    );
  });
});

describe('findings', () => {
  it('are kept as JSON within their limits, the worst first, whatever is redacted; the counts are those of all', () => {
    const list = new FindingList();
    for (let index = 0; index < 5_000; index += 1) list.add({ rule: `r${index}`, level: index % 2 === 0 ? 'note' : 'error', message: `"hunter2"\\ ${'ä'.repeat(3_000)}`, path: null, line: null });
    const { ref, content } = storableFindings(list, (text) => text.replaceAll('hunter2', '"[redacted]'));
    const kept = JSON.parse(content?.text ?? '') as readonly { readonly level: string; readonly message: string }[];
    expect(ref).toEqual({ errors: 2_500, warnings: 0, notes: 2_500, digest: content?.digest });
    expect(Buffer.byteLength(content?.text ?? '')).toBeLessThanOrEqual(artifactLimits.structuredBytes);
    expect(kept.length).toBeLessThanOrEqual(maximumFindings);
    expect(new Set(kept.map(({ level }) => level))).toEqual(new Set(['error']));
    expect(content?.text).not.toContain('hunter2');
  });

  it('of any text are what comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ rule: fc.string({ unit: 'binary' }), message: fc.string({ unit: 'binary' }), level: fc.constantFrom('error' as const, 'warning' as const, 'note' as const) }), { maxLength: 20 }), (all) => {
        const list = new FindingList();
        for (const one of all) list.add({ ...one, path: 'a', line: 1 });
        const { content } = storableFindings(list, (text) => text);
        const kept = content === null ? [] : (JSON.parse(content.text) as readonly Json[]);
        expect(kept.length).toBe(all.length);
        expect(content?.text.isWellFormed() ?? true).toBe(true);
        expect(content?.text.includes('\u0000') ?? false).toBe(false);
      }),
    );
  });
});
