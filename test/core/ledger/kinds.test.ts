import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { kindOf, kindOfType, ledgerKinds } from '../../../src/core/ledger/kinds.ts';

const root = new URL('../../../', import.meta.url);

/** Types of events, as the code names them; the compiler sees to it that each has a kind. */
const types = Object.keys(kindOfType);

describe('the kind of an entry', () => {
  it('is one of six, and every kind has some type', () => {
    expect(new Set(Object.values(kindOfType))).toEqual(new Set(ledgerKinds));
  });

  it('is that of its type alone; a type of a later version counts as a task', () => {
    expect(kindOf('gate.approved')).toBe('decision');
    expect(kindOf('ledger.sealed')).toBe('signature');
    expect(kindOf('something.later')).toBe('task');
    expect(kindOf('constructor')).toBe('task');
  });

  it('stands in the reference for every type', () => {
    const page = readFileSync(new URL('docs/reference/ledger.md', root), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z]+)` \| (`[a-z-]+\.[a-z-]+`(?:, [^|]+)?) \|$/gm)].flatMap(([, kind, named]) => [...(named ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => [type, kind]));
    expect(Object.fromEntries(rows)).toEqual(kindOfType);
    expect(rows.length).toBe(types.length);
  });
});
