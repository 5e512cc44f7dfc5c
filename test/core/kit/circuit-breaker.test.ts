import { describe, expect, it } from 'vitest';

import { CircuitBreaker, usualBreaker } from '../../../src/kit/circuit-breaker.ts';
import type { CircuitChange } from '../../../src/kit/circuit-breaker.ts';
import * as fc from '../../support/fast-check.ts';

class Away extends Error {}
class Refused extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`refused for ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

function breakerWorld() {
  const clock = { at: 1_000_000, now: () => clock.at, sleep: () => Promise.reject(new Error('a breaker never sleeps')) };
  const changes: CircuitChange[] = [];
  const breaker = new CircuitBreaker({ host: 'host.test', clock, isAway: (error) => error instanceof Away, refusal: (retryAfterMs) => new Refused(retryAfterMs), onChange: (change) => changes.push(change) });
  let made = 0;
  const call = async (outcome: 'answered' | 'away' | 'not-found'): Promise<string> => {
    try {
      return await breaker.run(async () => {
        made += 1;
        if (outcome === 'away') throw new Away('no answer');
        if (outcome === 'not-found') throw new Error('404');
        return 'answered';
      });
    } catch (error) {
      return error instanceof Refused ? `refused ${error.retryAfterMs}` : (error as Error).message;
    }
  };
  const fail = async (times: number) => {
    for (let count = 0; count < times; count += 1) await call('away');
  };
  return { clock, breaker, changes, call, fail, made: () => made };
}

const { failuresToOpen, firstPauseMs, maximumPauseMs } = usualBreaker;

describe('the breaker of a host', () => {
  it('lets calls pass until the host failed several times in a row, then refuses them at once and says when to come back', async () => {
    const { call, fail, clock, made, changes } = breakerWorld();
    await fail(failuresToOpen);
    clock.at += 2_000;
    expect(await call('answered')).toBe(`refused ${firstPauseMs - 2_000}`);
    expect(made()).toBe(failuresToOpen);
    expect(changes).toEqual([{ circuit: 'opened', host: 'host.test', failures: failuresToOpen, forMs: firstPauseMs, reason: 'no answer' }]);
  });

  it('counts nothing that is an answer, however unwelcome, and begins anew after one', async () => {
    const { call, fail, changes } = breakerWorld();
    for (let turn = 0; turn < 10; turn += 1) {
      await fail(failuresToOpen - 1);
      expect(await call('not-found')).toBe('404');
    }
    expect(changes).toEqual([]);
  });

  it('lets one call try after the pause, and all when it was answered', async () => {
    const { breaker, call, fail, clock, changes } = breakerWorld();
    await fail(failuresToOpen);
    clock.at += firstPauseMs;
    let answer: (text: string) => void = () => undefined;
    const probe = breaker.run(() => new Promise<string>((resolve) => {
      answer = (text) => resolve(text);
    }));
    expect(await call('answered')).toBe('refused 1000');
    answer('there you are');
    expect(await probe).toBe('there you are');
    expect(await call('answered')).toBe('answered');
    expect(changes.map(({ circuit }) => circuit)).toEqual(['opened', 'closed']);
  });

  it('doubles the pause with each try that failed, up to the maximum, and reports nothing again', async () => {
    const { call, fail, clock, changes } = breakerWorld();
    await fail(failuresToOpen);
    let pause = firstPauseMs;
    for (let turn = 0; turn < 8; turn += 1) {
      clock.at += pause;
      expect(await call('away')).toBe('no answer');
      pause = Math.min(pause * 2, maximumPauseMs);
      expect(await call('answered')).toBe(`refused ${pause}`);
    }
    expect(pause).toBe(maximumPauseMs);
    expect(changes).toHaveLength(1);
    clock.at += pause;
    expect(await call('answered')).toBe('answered');
    expect(changes).toHaveLength(2);
    await fail(failuresToOpen);
    expect(await call('answered')).toBe(`refused ${firstPauseMs}`);
  });

  it('lets somebody else try when the first try never comes back', async () => {
    const { breaker, call, fail, clock } = breakerWorld();
    await fail(failuresToOpen);
    clock.at += firstPauseMs;
    void breaker.run(() => new Promise(() => undefined));
    clock.at += firstPauseMs;
    expect(await call('answered')).toBe('answered');
  });

  it('is not kept open by a clock that was put back', async () => {
    const { call, fail, clock } = breakerWorld();
    await fail(failuresToOpen);
    clock.at -= 3_600_000;
    expect(await call('answered')).toBe('answered');
  });

  it('closes again whatever happened, once the host answers and the longest pause is over', async () => {
    const step = fc.record({ waitMs: fc.integer({ min: -200_000, max: 200_000 }), outcome: fc.constantFrom('answered' as const, 'away' as const, 'not-found' as const) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { call, clock, changes } = breakerWorld();
        for (const { waitMs, outcome } of steps) {
          clock.at += waitMs;
          await call(outcome);
        }
        clock.at += maximumPauseMs;
        expect(await call('answered')).toBe('answered');
        const reported = changes.map(({ circuit }) => circuit);
        expect(reported).toEqual(reported.map((_, index) => (index % 2 === 0 ? 'opened' : 'closed')));
        expect(reported.length % 2).toBe(0);
      }),
    );
  });
});
