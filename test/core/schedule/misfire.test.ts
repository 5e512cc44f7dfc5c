import { describe, expect, it } from 'vitest';

import { decideDue, punctualMs } from '../../../src/core/schedule/misfire.ts';
import type { Misfire } from '../../../src/core/schedule/misfire.ts';
import * as fc from '../../support/fast-check.ts';

const hour = 3_600_000;
const hourly = { kind: 'every', everyMs: hour } as const;
const noon = Date.UTC(2026, 0, 15, 12);
const policies: readonly Misfire[] = [{ kind: 'skip' }, { kind: 'run-once' }, { kind: 'catch-up', most: 3 }];

describe('due times that passed', () => {
  it('start nothing before the first of them', () => {
    expect(decideDue(hourly, { kind: 'run-once' }, noon, noon - 1)).toEqual({ run: [], missed: 0, next: noon });
  });

  it('run when they are seen in time, whatever the policy', () => {
    for (const misfire of policies) expect(decideDue(hourly, misfire, noon, noon + punctualMs)).toEqual({ run: [noon], missed: 0, next: noon + hour });
  });

  it('are left out, run once, or made up for, as the policy says, when they are seen late', () => {
    const now = noon + 4 * hour + 30 * 60_000;
    const next = noon + 5 * hour;
    expect(decideDue(hourly, { kind: 'skip' }, noon, now)).toEqual({ run: [], missed: 5, next });
    expect(decideDue(hourly, { kind: 'run-once' }, noon, now)).toEqual({ run: [noon + 4 * hour], missed: 4, next });
    expect(decideDue(hourly, { kind: 'catch-up', most: 3 }, noon, now)).toEqual({ run: [noon + 2 * hour, noon + 3 * hour, noon + 4 * hour], missed: 2, next });
  });

  it('keep to the policy and end in the same next due time, however often and late somebody looks', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 40 * hour }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...policies), looks, (misfire, pauses) => {
        let first: number | null = noon;
        let now = noon - hour;
        const ran: number[] = [];
        let told = 0;
        for (const pause of pauses) {
          now += pause;
          if (first === null || first > now) continue;
          const decided = decideDue(hourly, misfire, first, now);
          expect(decided.run.length).toBeLessThanOrEqual(misfire.kind === 'catch-up' ? misfire.most : 1);
          ran.push(...decided.run);
          told += decided.run.length + decided.missed;
          first = decided.next;
        }
        expect(ran).toEqual([...new Set(ran)].toSorted((one, other) => one - other));
        // Every due time was decided on once: none is forgotten, none counted twice.
        expect(told).toBe(Math.max(0, Math.floor((now - noon) / hour) + 1));
      }),
    );
  });
});
