import { describe, expect, it } from 'vitest';

import { HostError } from '../../src/engine/ports/repository-host.ts';
import { WriteLimiter } from '../../src/github/limiter.ts';
import type { LimiterSettings, WriteKind } from '../../src/github/limiter.ts';
import type { Clock } from '../../src/kit/time.ts';
import { StillClock } from '../support/forge-world.ts';
import { jumpClock } from './support/github-world.ts';

const settings: LimiterSettings = { writeSpacingMs: 1000, contentPerMinute: 60, contentPerHour: 400, maximumWaitMs: 3_600_000 };
const status: WriteKind = { priority: 'status', content: false };
const decision: WriteKind = { priority: 'decision', content: false };
const comment: WriteKind = { priority: 'status', content: true };

function worldOf(more: Partial<LimiterSettings> = {}): { clock: Clock; limiter: WriteLimiter; log: [string, number][]; write: (name: string, kind: WriteKind) => Promise<void> } {
  const clock = jumpClock(new StillClock(0));
  const limiter = new WriteLimiter(clock, { ...settings, ...more });
  const log: [string, number][] = [];
  return { clock, limiter, log, write: (name, kind) => limiter.write(kind, async () => void log.push([name, clock.now()])) };
}

describe('the write limiter', () => {
  it('writes one at a time, a second apart, decisions before status updates', async () => {
    const { write, log } = worldOf();
    await Promise.all([write('first', status), write('progress', status), write('gate', decision), write('answer', decision)]);
    expect(log).toEqual([['first', 0], ['gate', 1000], ['answer', 2000], ['progress', 3000]]);
  });

  it('lets no two writes overlap', async () => {
    const { limiter } = worldOf({ writeSpacingMs: 0 });
    let inside = 0;
    let most = 0;
    const call = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => limiter.write(status, call)));
    expect(most).toBe(1);
  });

  it('never creates more content than 60 in any minute and 400 in any hour', async () => {
    const { write, log } = worldOf({ writeSpacingMs: 0 });
    await Promise.all(Array.from({ length: 900 }, (_, index) => write(`c${index}`, comment)));
    const times = log.map(([, at]) => at);
    expect(times).toHaveLength(900);
    for (const [period, size] of [[60_000, 60], [3_600_000, 400]] as const) {
      times.forEach((at, index) => {
        const later = times[index + size];
        if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(period);
      });
    }
  });

  it('lets other writes pass while content has to wait', async () => {
    const { write, log } = worldOf({ writeSpacingMs: 0, contentPerMinute: 1 });
    await Promise.all([write('comment', comment), write('answer', { priority: 'decision', content: true }), write('check', status)]);
    expect(log).toEqual([['comment', 0], ['check', 0], ['answer', 60_000]]);
  });

  it('gives back what would wait too long, with the time after which it will not', async () => {
    const { write, limiter } = worldOf({ maximumWaitMs: 20_000 });
    limiter.block(90_000);
    const refused = await write('late', decision).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HostError);
    expect(refused).toMatchObject({ failure: 'rate-limit', retryAfterMs: 90_000 });
  });

  it('goes on after a write that failed', async () => {
    const { limiter, write, log } = worldOf();
    await expect(limiter.write(status, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await write('next', status);
    expect(log).toEqual([['next', 1000]]);
  });
});
