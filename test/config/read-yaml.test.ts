import { describe, expect, test } from 'vitest';

import { readYaml, yamlLimits } from '../../src/config/read-yaml.ts';
import * as fc from '../support/fast-check.ts';

function problems(text: string): string[] {
  const read = readYaml('f.yml', text);
  return read.ok ? [] : read.error.map((problem) => `${problem.line}:${problem.column} ${problem.code}`);
}

describe('readYaml', () => {
  test('gives the value and where its parts stand', () => {
    const read = readYaml('f.yml', 'phases:\n  - id: build\n    tasks: [a, {b: c}]\n');
    expect(read).toMatchObject({ ok: true, value: { value: { phases: [{ id: 'build', tasks: ['a', { b: 'c' }] }] } } });
    if (!read.ok) return;
    expect(read.value.locate(['phases', 0, 'id'])).toEqual({ line: 2, column: 9 });
    expect(read.value.locate(['phases', 0, 'id'], 'key')).toEqual({ line: 2, column: 5 });
    expect(read.value.locate(['phases', 0, 'tasks', 1, 'b'])).toEqual({ line: 3, column: 20 });
    expect(read.value.locate(['phases', 0, 'missing', 7])).toEqual({ line: 2, column: 5 });
  });

  test.each([
    ['a: 1\nb: 2\na: 3', ['3:1 duplicate-key']],
    ['a: !x 1', ['1:4 yaml-syntax']],
    ['a: !!int "3"', ['1:10 tag']],
    ['a: !!binary aGk=', ['1:13 tag']],
    ['--- a\n--- b', ['2:1 several-documents']],
    ['a: .inf', ['1:4 number']],
    ['? [a]\n: b', ['1:3 key']],
    ['a: "\\0"', ['1:4 text']],
    ['a: "\\ud800"', ['1:4 text']],
    ['__proto__: {a: 1}', ['1:1 key']],
    ['a: *nothing', ['1:4 alias']],
    ['a: &x [*x]', ['1:8 alias']],
    ['a: [1,\nb', ['2:1 yaml-syntax', '2:1 yaml-syntax']],
  ])('reports %j', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test.each([
    ['flow lists', `a: ${'['.repeat(900)}${']'.repeat(900)}`],
    ['unclosed flow lists', '['.repeat(20_000)],
    ['flow mappings', '{a: '.repeat(5000)],
    ['lists on one line', `${'- '.repeat(20_000)}a`],
    ['keys of keys', `${'? '.repeat(20_000)}a`],
    ['indentation', Array.from({ length: 1500 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('refuses nesting before anything recursive runs: %s', (_, text) => {
    for (let again = 0; again < 3; again += 1) expect(problems(text)[0]).toMatch(/^\d+:\d+ too-deep$/);
  });

  test('accepts nesting at the limit, and brackets that are only text', () => {
    expect(problems(`${'['.repeat(yamlLimits.depth)}${']'.repeat(yamlLimits.depth)}`)).toEqual([]);
    expect(problems(`a: |\n${'  [{\n'.repeat(500)}b: "${'['.repeat(500)}"\nc: x${'['.repeat(500)}\n# ${'['.repeat(500)}\n`)).toEqual([]);
  });

  test('refuses texts that aliases make large, and those that are large themselves', () => {
    const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]', ...Array.from('bcdefghi', (letter, index) => `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${'abcdefgh'.charAt(index)}`).join(',')}]`)];
    expect(problems(laughs.join('\n')).every((problem) => problem.endsWith('alias'))).toBe(true);
    const read = readYaml('f.yml', 'a: bcd', { limits: { bytes: 5 } });
    expect(read).toMatchObject({ ok: false, error: [{ code: 'too-large' }] });
  });

  test('reads 20,000 keys of one mapping', () => {
    expect(problems(Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'))).toEqual([]);
  });

  test('never throws, and every problem has a place in the text', () => {
    const piece = fc.constantFrom('a: ', '- ', '[', ']', '{', '}', '"', "'", '\n', '  ', '&x ', '*x', '!t ', '!!str ', '|', '>', '? ', ': ', '#', ',', 'x', '---', '...', '%YAML 1.1\n', '<<: ', '\t', '\r\n', '🚀', '\0', '\ufeff');
    fc.assert(
      fc.property(fc.oneof(fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')), fc.string({ unit: 'binary' })), (text) => {
        const read = readYaml('f.yml', text);
        const lines = text.split('\n');
        const found = read.ok ? [] : read.error;
        expect(found.filter(({ line, column }) => line < 1 || line > lines.length || column < 1 || column > (lines[line - 1]?.length ?? 0) + 1)).toEqual([]);
        expect(read.ok || found.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
