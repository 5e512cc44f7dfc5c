import { describe, expect, it } from 'vitest';

import { coalesce } from '../../src/engine/coalesce.ts';

/** Work that ends when it is told to. */
function controlled() {
  const runs: (() => void)[] = [];
  let atOnce = 0;
  let most = 0;
  const run = coalesce(async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise<void>((resolve) => runs.push(resolve));
    atOnce -= 1;
  });
  return { run, runs, most: () => most };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('coalesced work', () => {
  it('runs once at a time for a key, and once more for all requests that came meanwhile', async () => {
    const { run, runs, most } = controlled();
    const first = run('a');
    const later = [run('a'), run('a'), run('a')];
    runs[0]?.();
    await first;
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.();
    await Promise.all(later);
    await settle();
    expect(runs).toHaveLength(2);
    expect(most()).toBe(1);
  });

  it('runs different keys side by side', async () => {
    const { run, runs, most } = controlled();
    const both = [run('a'), run('b')];
    await settle();
    for (const end of runs) end();
    await Promise.all(both);
    expect(most()).toBe(2);
  });

  it('tells the failure to those who asked, and goes on', async () => {
    let fail = true;
    const run = coalesce(async () => {
      if (fail) throw new Error('database away');
    });
    await expect(run('a')).rejects.toThrow('database away');
    fail = false;
    await expect(run('a')).resolves.toBeUndefined();
  });
});
