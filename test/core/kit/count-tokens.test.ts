import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';

import { countTokens, cutLongRuns } from '../../../src/kit/count-tokens.ts';
import * as fc from '../../support/fast-check.ts';

const longest = 65_536;

/** Repeated, each of these is one endless piece to a tokenizer, or nearly. */
const units = [
  'a', 'aB', 'Aa', 'é', 'e\u0301', 'a\u0301b', '中', 'ก\u0e31', 'ב', '\u0600', 'ⅷ', '٣', '½', '0', '1a', "'s", "A'S",
  ' ', '\t', '\n', '\r\n', ' \n', '\u00a0', '\u3000', '\u2028', '\ufeff', '\u200b',
  '=', '-_', '/', '/\n', '!/\n', '//\r', '!\u0301', '.', '．', '🚀', '🏳️‍🌈', '\u{1f468}\u200d', '\ud800', '\udc00', '\0', '<|endoftext|>', '<|im_start|>',
];

/** The longest stretch that the library would take as one piece. */
function longestPiece(part: string): number {
  const kinds = [/[\p{L}\p{M}]+/gu, /\s+/gu, /[^\s\p{L}\p{N}]+/gu, /[\r\n/]+/gu];
  return Math.max(0, ...kinds.flatMap((kind) => [...part.matchAll(kind)].map(([piece]) => [...piece].length)));
}

describe('counting tokens', () => {
  it.each(units)('hands the library no long run of %j, and counts 64 KiB of it without a word', async (unit) => {
    const text = unit.repeat(Math.ceil(longest / unit.length)).slice(0, longest);
    expect(cutLongRuns(text).join('')).toBe(text);
    expect(Math.max(...cutLongRuns(text).map(longestPiece))).toBeLessThanOrEqual(200);
    expect(await countTokens(text)).toBeGreaterThan(0);
  });

  it('cuts any text within long runs only', () => {
    const run = fc.tuple(fc.constantFrom(...units), fc.integer({ min: 1, max: 700 })).map(([unit, times]) => unit.repeat(times));
    fc.assert(
      fc.property(fc.array(fc.oneof(run, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 8 }), (texts) => {
        const text = texts.join('');
        const parts = cutLongRuns(text);
        expect(parts.join('')).toBe(text);
        expect(Math.max(0, ...parts.map(longestPiece))).toBeLessThanOrEqual(200);
        if (longestPiece(text) <= 200) expect(parts.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('counts what the library counts, on a thousand pieces of this repository', async () => {
    const root = join(import.meta.dirname, '../../..');
    const files = ['src', 'docs', 'test'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|md)$/.test(name)).map((name) => join(root, folder, name)));
    const samples = files.flatMap((file) => readFileSync(file, 'utf8').match(/[^]{1,2000}/gu) ?? []).slice(0, 1000);
    expect(samples).toHaveLength(1000);
    for (const sample of samples) expect(await countTokens(sample)).toBe(encode(sample, { disallowedSpecial: new Set<string>() }).length);
  });

  it('takes the marks of models for text', async () => {
    expect(await countTokens('<|endoftext|>')).toBeGreaterThan(1);
    expect(() => encode('<|endoftext|>')).toThrow(/special token/i);
  });

  it('counts nothing as nothing', async () => {
    expect(await countTokens('')).toBe(0);
  });
});
