import { describe, expect, test } from 'vitest';

import { splitWords } from '../../../src/core/command/split-words.ts';
import * as fc from '../../support/fast-check.ts';

function words(text: string, refuseShell = false): string[] | string {
  const split = splitWords(text, { refuseShell });
  return split.ok ? split.value.map((word) => word.text) : `${split.error.code} ${split.error.offset} ${split.error.found}`;
}

describe('splitWords', () => {
  test.each([
    ['npm test', ['npm', 'test']],
    ['  a\t b\u00A0c ', ['a', 'b', 'c']],
    [`git commit -m 'it is' "x \\" \\\\ y"`, ['git', 'commit', '-m', 'it is', 'x " \\ y']],
    [`a"b c"d'e f'`, ['ab cde f']],
    [`"" ''`, ['', '']],
    ['C:\\dir\\x', ['C:\\dir\\x']],
    ['', []],
    ['a "b', 'unclosed-quote 2 "'],
    ["it's", "unclosed-quote 2 '"],
  ])('splits %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each([
    ['a | b', 'shell-operator 2 |'],
    ['a && b', 'shell-operator 2 &&'],
    ['a>b', 'shell-operator 1 >'],
    ['a;b', 'shell-operator 1 ;'],
    ['"$(x)"', 'shell-operator 1 $('],
    ['"`x`"', 'shell-operator 1 `'],
    ['$HOME', 'shell-operator 0 $H'],
    [`'a | b; $(c)' "a & b" cost$ 5$`, ['a | b; $(c)', 'a & b', 'cost$', '5$']],
  ])('refuses what only a shell understands, unless it is quoted: %s', (text, expected) => {
    expect(words(text, true)).toEqual(expected);
  });

  test('quoting any words and splitting them gives the words back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (list) => {
        const quotedWords = list.map((word) => `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
        expect(words(quotedWords.join(' '))).toEqual(list);
      }),
    );
  });

  test('looks at no more words than asked for', () => {
    const split = splitWords('a b "unclosed', { maximumWords: 2 });
    expect(split.ok && split.value.map((word) => word.text)).toEqual(['a', 'b']);
  });
});
