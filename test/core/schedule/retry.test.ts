import { describe, expect, it } from 'vitest';

import { decideHostRetry, decideReadRepeat, decideRetry, hostRetries, jitter, maximumLosses } from '../../../src/core/schedule/retry.ts';
import type { HostFailure } from '../../../src/core/schedule/retry.ts';
import type { FailureKind } from '../../../src/core/mission/failure-kind.ts';
import * as fc from '../../support/fast-check.ts';

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

describe('the retry table of calls to hosts', () => {
  const failures: readonly HostFailure[] = ['network', 'rate-limit', 'permission', 'gone', 'conflict', 'unexpected'];
  const trouble = (more: Partial<Parameters<typeof decideHostRetry>[2]> = {}) => ({ failures: 1, sinceMs: 0, retryAfterMs: null, ...more });
  const delayOf = (decision: ReturnType<typeof decideHostRetry>) => (decision.retry ? decision.delayMs : null);

  it.each(failures)('waits longer each time after %s, within bounds and with its jitter, equally for equal inputs', (failure) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.string(), (count, key) => {
        const { firstDelayMs, maximumDelayMs } = hostRetries[failure];
        const [delay, next] = [count, count + 1].map((times) => delayOf(decideHostRetry('job', failure, trouble({ failures: times }), key))!);
        const base = Math.min(firstDelayMs * 2 ** (count - 1), maximumDelayMs);
        expect(delay).toBeGreaterThanOrEqual(base);
        expect(delay).toBeLessThanOrEqual(Math.round(base * (1 + jitter)));
        expect(next).toBeGreaterThanOrEqual(delay!);
        expect(delayOf(decideHostRetry('job', failure, trouble({ failures: count }), key))).toBe(delay);
      }),
    );
  });

  it('spreads what failed together', () => {
    const delays = Array.from({ length: 100 }, (_, index) => delayOf(decideHostRetry('job', 'network', trouble({ failures: 5 }), `mission ${index}`)));
    expect(new Set(delays).size).toBeGreaterThan(90);
  });

  it('looks for a permission slowly, and for a network soon', () => {
    for (const count of [1, 2, 3, 10]) {
      const [permission, network] = (['permission', 'network'] as const).map((failure) => delayOf(decideHostRetry('job', failure, trouble({ failures: count }), 'k'))!);
      expect(permission!).toBeGreaterThan(4 * network!);
    }
  });

  it('comes back when the host said, never before and hardly later', () => {
    fc.assert(
      fc.property(fc.constantFrom(...failures), fc.integer({ min: 0, max: 7_200_000 }), fc.integer({ min: 1, max: 30 }), fc.string(), (failure, retryAfterMs, count, key) => {
        const delay = delayOf(decideHostRetry('job', failure, trouble({ failures: count, retryAfterMs }), key));
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        expect(delay).toBeLessThanOrEqual(retryAfterMs + 1_000);
      }),
    );
  });

  it('gives a look-up up after an hour, and a job never', () => {
    expect(decideHostRetry('look-up', 'network', trouble({ sinceMs: 59 * 60_000 }), 'k').retry).toBe(true);
    expect(decideHostRetry('look-up', 'network', trouble({ sinceMs: 60 * 60_000 }), 'k').retry).toBe(false);
    expect(decideHostRetry('job', 'network', trouble({ failures: 1_000, sinceMs: 1e12 }), 'k').retry).toBe(true);
  });

  it('repeats a read twice at most, while its caller waits, and only where the connection or the token failed', () => {
    const repeat = (failure: HostFailure | 'token', repeats: number, retryAfterMs: number | null = null) => decideReadRepeat(failure, { repeats, retryAfterMs }, 'k').retry;
    expect([0, 1, 2].map((repeats) => repeat('network', repeats))).toEqual([true, true, false]);
    expect([0, 1, 2].map((repeats) => repeat('token', repeats))).toEqual([true, true, false]);
    expect((['rate-limit', 'permission', 'gone', 'conflict', 'unexpected'] as const).map((failure) => repeat(failure, 0))).toEqual([false, false, false, false, false]);
    expect(repeat('network', 0, 5_000)).toBe(false);
  });
});
