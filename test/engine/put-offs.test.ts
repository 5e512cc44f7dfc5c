import { describe, expect, it } from 'vitest';

import { againIn } from '../../src/engine/jobs.ts';
import { HostError } from '../../src/engine/ports/repository-host.ts';
import { PutOffs } from '../../src/engine/put-offs.ts';
import { handClock } from '../support/hand-driven.ts';

const away = new HostError('network', 'no route');

describe('work that was put off', () => {
  it('waits in one job: one more job for it comes to an end, whether it comes before the time or tried in vain', () => {
    const clock = handClock();
    const putOffs = new PutOffs(clock);
    const oneMore = `m.a.1${againIn(clock.now())}`;
    expect(putOffs.isLeftAlone('merge', oneMore)).toBe(false);
    const first = putOffs.putOff('merge', 'm.a.1', away);
    if (first.outcome !== 'again') throw new Error('it was given up');
    expect(putOffs.isLeftAlone('merge', oneMore)).toBe(true);
    expect(putOffs.isLeftAlone('merge', 'm.a.1')).toBe(false);
    expect(putOffs.isLeftAlone('another merge', oneMore)).toBe(false);
    clock.at += first.delayMs;
    expect(putOffs.isLeftAlone('merge', oneMore)).toBe(false);
    expect(putOffs.putOff('merge', oneMore, away)).toEqual({ outcome: 'done' });
  });

  it('waits longer each time until it worked, and as long as the host says', () => {
    const putOffs = new PutOffs(handClock());
    const delay = (error = away) => {
      const outcome = putOffs.putOff('merge', 'm.a.1', error);
      return outcome.outcome === 'again' ? outcome.delayMs : null;
    };
    const [first, second] = [delay(), delay()];
    expect(second).toBeGreaterThan(first!);
    expect(delay(new HostError('rate-limit', 'slow down', { retryAfterMs: 600_000 }))).toBeGreaterThanOrEqual(600_000);
    putOffs.clear('merge');
    expect(delay()).toBe(first);
  });
});
