import { describe, expect, it } from 'vitest';

import { Kept } from '../../../src/http/dossier/kept.ts';

const among = (kept: Kept<number>, ...names: readonly string[]) => names.filter((name) => kept.find(name) !== null);

describe('what is kept', () => {
  it('is what was used last, up to a number', () => {
    const kept = new Kept<number>(2);
    kept.keep('a', 1);
    kept.keep('b', 2);
    expect(kept.find('a')).toBe(1);
    kept.keep('c', 3);
    expect(among(kept, 'a', 'b', 'c')).toEqual(['a', 'c']);
  });

  it('is not more than so many bytes together, whatever took the place of what', () => {
    const kept = new Kept<number>(10, 100);
    kept.keep('a', 1, 60);
    kept.keep('a', 2, 40);
    kept.keep('b', 3, 60);
    expect(among(kept, 'a', 'b')).toEqual(['a', 'b']);
    kept.keep('c', 4, 1);
    expect(among(kept, 'a', 'b', 'c')).toEqual(['b', 'c']);
    kept.keep('d', 5, 101);
    expect(among(kept, 'b', 'c', 'd')).toEqual(['b', 'c']);
    kept.keep('c', 6, 101);
    expect(among(kept, 'b', 'c')).toEqual(['b']);
  });
});
