import { describe, expect, test } from 'vitest';

import { quickYaml } from '../../src/core/text/quick-yaml.ts';
import { readYaml, yamlLimits } from '../../src/core/text/read-yaml.ts';
import * as fc from '../support/fast-check.ts';

const quick = (text: string) => quickYaml(text, yamlLimits);

/** What the careful reader makes of a text; null where it finds anything wrong. */
function careful(text: string): { readonly value: unknown } | null {
  const read = readYaml('f.yml', text, { careful: true });
  return read.ok ? { value: JSON.parse(JSON.stringify(read.value.value)) } : null;
}

const words = fc.constantFrom('a', 'b c', 'null', '~', 'Null', 'true', 'yes', 'on', '0', '-0', '007', '0o17', '0x1F', '1_000', '1e3', '1.', '.5', '-.5', '+3', '12:30', '2026-11-21', '"x: y"', "'it''s'", '"\\u00e9\\n"', '${{ a.b }}', '"${{ x }}"', 'x#y', 'a:b', '-', '[x, {y: 1}]', '{}', '[]', '', '!t x', '&n v', '*n', '|\n    two\n     lines\n', '>-\n    folded\n    text\n', '"over\n    lines"', 'plain\n    over lines');
const lines = fc.array(fc.tuple(fc.constantFrom('', '  ', '    ', '- ', '  - ', '# '), fc.constantFrom('k', 'key', '"q"', '1', 'null', '<<', '? k'), fc.constantFrom(': ', ':', ' : ', ' '), words, fc.constantFrom('\n', '\r\n', ' # note\n', '\n\n')), { maxLength: 12 });
const pieces = fc.array(fc.constantFrom('a: ', '- ', '[', ']', '{', '}', '"', "'", '\n', '  ', '&x ', '*x', '|', '>', '? ', ': ', '#', ',', 'x', '---\n', '...\n', '<<: ', '\t', '\r\n', '🚀', '\ufeff', '1', 'é'), { maxLength: 40 });

describe('the quick reading of YAML', () => {
  test('is that of the careful reader wherever it is one', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(lines.map((parts) => parts.flat().join('')), pieces.map((parts) => parts.join(''))), (text) => {
        const value = quick(text);
        if (value.kind !== 'value') return;
        read += 1;
        expect({ text, value: JSON.parse(JSON.stringify(value.value)) }).toEqual({ text, value: careful(text)?.value });
      }),
      { numRuns: 6000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  test.each([
    ['a tag', 'a: !!str 1'],
    ['a directive', '%YAML 1.2\n---\na: 1'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a key given twice', 'a: 1\na: 2'],
    ['a key that is no text', '? [a]\n: b'],
    ['an unknown alias', 'a: *b'],
    ['an alias inside itself', 'a: &a [*a]'],
    ['a text that cannot be stored', 'a: "\\0"'],
    ['a number that is none', 'a: .nan'],
    ['the name of a prototype', '__proto__: {}'],
    ['a text that is broken', 'a: [1'],
    ['deep nesting', '['.repeat(20_000)],
  ])('leaves %s to the careful one', (_, text) => {
    expect(quick(text).kind).not.toBe('value');
  });

  test('names the first mistake of a long text', () => {
    const read = readYaml('f.yml', [...Array.from({ length: 20_000 }, (_, n) => `key-${n}: v`), 'b: [1,', ''].join('\n'));
    expect(read).toMatchObject({ ok: false, error: [{ code: 'yaml-syntax', line: 20_002 }] });
  });

  test('counts what aliases repeat', () => {
    const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]', ...Array.from('bcdefghi', (letter, index) => `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${'abcdefgh'.charAt(index)}`).join(',')}]`)];
    expect(quick(laughs.slice(0, 3).join('\n')).kind).toBe('value');
    expect(quick(laughs.join('\n')).kind).toBe('unusual');
  });
});
