import canonicalizeModule from 'canonicalize';
import { describe, expect, it } from 'vitest';

import { canonicalJson, isCanonicalJson } from '../../../src/kit/canonical-json.ts';
import { digest } from '../../../src/kit/hash.ts';
import type { Json } from '../../../src/kit/json.ts';
import * as fc from '../../support/fast-check.ts';

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

describe('canonical JSON', () => {
  it('is what the reference implementation of RFC 8785 writes, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back as the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(turned as Json)).toBe(canonicalJson(value));
        expect(digest(turned as Json)).toBe(digest(value as Json));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('knows its own form from any other', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.string(), fc.nat(20).map(String)), fc.jsonValue()), (value) => {
        const text = canonicalJson(value);
        expect(isCanonicalJson(text, JSON.parse(text) as Json)).toBe(true);
        const turned = JSON.stringify(Object.fromEntries(Object.entries(value).toReversed()));
        expect(isCanonicalJson(turned, JSON.parse(turned) as Json)).toBe(turned === text);
        expect(isCanonicalJson(`${text} `, JSON.parse(text) as Json)).toBe(false);
      }),
    );
    expect(isCanonicalJson('{"a":1,"a":2}', JSON.parse('{"a":1,"a":2}') as Json)).toBe(false);
    expect(isCanonicalJson('{"10":1,"9":2}', JSON.parse('{"10":1,"9":2}') as Json)).toBe(true);
  });

  it('leaves out what is undefined and refuses what JSON cannot hold', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('has no JSON form');
  });
});
