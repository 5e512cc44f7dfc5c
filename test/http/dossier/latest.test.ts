import { expect, it } from 'vitest';

import { latest } from '../../../src/http/dossier/latest.ts';

it('what was asked for last is made once and kept, what was not asked for longest goes first', async () => {
  const made: string[] = [];
  const keep = latest<string>(2);
  const get = (key: string) => keep(key, async () => {
    made.push(key);
    return key.toUpperCase();
  });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await get(key)).toBe(key.toUpperCase());
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  await expect(keep('x', () => Promise.reject(new Error('not now')))).rejects.toThrow('not now');
  expect(await get('x')).toBe('X');
});
