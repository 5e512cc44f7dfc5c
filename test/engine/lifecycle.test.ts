import { describe, expect, it } from 'vitest';

import { Lifecycle, orStop } from '../../src/main/lifecycle.ts';
import { silentLog } from '../support/engine-world.ts';

describe('a process that is stopped', () => {
  it('stops its parts in the reverse order of starting, each even if another fails', async () => {
    const lifecycle = new Lifecycle(silentLog);
    const stopped: string[] = [];
    lifecycle.add('store', () => void stopped.push('store'));
    lifecycle.add('broken', () => Promise.reject(new Error('no')));
    lifecycle.add('server', () => void stopped.push('server'));
    await Promise.all([lifecycle.stop(10), lifecycle.stop(10)]);
    expect(stopped).toEqual(['server', 'store']);
  });

  it('stops at once what was still being started', async () => {
    const lifecycle = new Lifecycle(silentLog);
    const stopping = lifecycle.stop(10);
    expect(lifecycle.stopping).toBe(true);
    const stopped: string[] = [];
    lifecycle.add('late', () => void stopped.push('late'));
    await stopping;
    await lifecycle.stop(0);
    expect(stopped).toEqual(['late']);
  });

  it('leaves nothing running when a step of starting fails', async () => {
    const lifecycle = new Lifecycle(silentLog);
    const stopped: string[] = [];
    lifecycle.add('store', () => void stopped.push('store'));
    await expect(orStop(lifecycle, Promise.reject(new Error('the port is taken')))).rejects.toThrow('the port is taken');
    expect(stopped).toEqual(['store']);
  });
});
