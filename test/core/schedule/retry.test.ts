import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideRetry, maximumLosses } from '../../../src/core/schedule/retry.ts';
import type { FailureKind } from '../../../src/core/mission/event.ts';

const kinds: readonly FailureKind[] = ['input', 'work', 'timeout', 'cancelled', 'environment', 'network', 'permission', 'conflict', 'lost'];

describe('the retry table', () => {
  it.each(['input', 'permission', 'cancelled'] as const)('never tries again after %s: nothing would change', (kind) => {
    expect(decideRetry(kind, { failures: 0, losses: 0, maxAttempts: 10 }, 'k')).toEqual({ retry: false });
  });

  it.each(['work', 'timeout'] as const)('lets %s use up the attempts of the task itself', (kind) => {
    expect(decideRetry(kind, { failures: 1, losses: 4, maxAttempts: 2 }, 'k').retry).toBe(true);
    expect(decideRetry(kind, { failures: 2, losses: 0, maxAttempts: 2 }, 'k').retry).toBe(false);
  });

  it.each(['network', 'environment', 'conflict', 'lost'] as const)('does not hold %s against the task, but gives up in the end', (kind) => {
    expect(decideRetry(kind, { failures: 9, losses: 1, maxAttempts: 1 }, 'k').retry).toBe(true);
    expect(decideRetry(kind, { failures: 0, losses: maximumLosses, maxAttempts: 10 }, 'k').retry).toBe(false);
  });

  it('waits longer each time, within bounds, and equally for equal inputs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 20 }), fc.string(), (kind, used, key) => {
        const spent = { failures: used, losses: used, maxAttempts: 21 };
        const decision = decideRetry(kind, spent, key);
        expect(decideRetry(kind, spent, key)).toEqual(decision);
        if (!decision.retry) return;
        expect(decision.delayMs).toBeGreaterThanOrEqual(0);
        expect(decision.delayMs).toBeLessThanOrEqual(600_000 * 1.25);
      }),
    );
    const delay = (used: number) => {
      const decision = decideRetry('network', { failures: 0, losses: used, maxAttempts: 1 }, 'same');
      return decision.retry ? decision.delayMs : 0;
    };
    expect([delay(1) < delay(2), delay(2) < delay(3)]).toEqual([true, true]);
  });
});
