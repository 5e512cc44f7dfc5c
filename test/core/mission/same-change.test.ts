import { expect, test } from 'vitest';

import { changeId, isSameChange } from '../../../src/core/mission/same-change.ts';

test.each([
  ['the very same', changeId('p', 'b', 'a'), changeId('p', 'b', 'a'), true],
  ['the same patch over other files: a rebase', changeId('p', 'b', 'a'), changeId('p', 'b2', 'a2'), true],
  ['the same patch in another place of the same files', changeId('p', 'b', 'a'), changeId('p', 'b', 'a2'), false],
  ['another patch', changeId('p', 'b', 'a'), changeId('q', 'b2', 'a2'), false],
  ['one word', 'patch', 'patch', true],
  ['other words', 'patch-1', 'patch-2', false],
  ['a word and a name', 'p', changeId('p', 'b', 'a'), false],
])('two changes, %s', (_, one, other, same) => {
  expect(isSameChange(one, other)).toBe(same);
  expect(isSameChange(other, one)).toBe(same);
});
