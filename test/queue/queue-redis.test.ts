import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';

import type { Queue } from '../../src/engine/ports/queue.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { QueueUnavailable } from '../../src/queue/queue-unavailable.ts';
import { QUICK_RETRIES, queueContract } from '../contracts/queue-contract.ts';
import { openProxy, requireServers, serversAvailable, testPrefix } from '../support/servers.ts';
import { recoveryTests } from './queue-recovery.ts';

describe.skipIf(!serversAvailable())('BullMQ on Redis', () => {
  const prefixes: string[] = [];

  function open(prefix: string, url = requireServers().redisUrl): Promise<Queue> {
    return createBullQueue({ backend: { kind: 'redis', url }, prefix, ...QUICK_RETRIES });
  }

  queueContract('BullMQ on Redis', async () => {
    const prefix = testPrefix();
    prefixes.push(prefix);
    const queue = await open(prefix);
    return {
      queue,
      another: () => open(prefix),
      async close() {
        await queue.close();
        await forget(prefix);
      },
    };
  });

  recoveryTests({ kind: 'redis', url: () => requireServers().redisUrl });

  it('leaves no connection open when it is closed', async () => {
    const watcher = new Redis(requireServers().redisUrl);
    const name = `closed-${testPrefix()}`;
    const url = new URL(requireServers().redisUrl);
    url.searchParams.set('connectionName', name);
    const queue = await open(testPrefix(), url.href);
    queue.consume('timer', async () => ({ outcome: 'done' }), { concurrency: 1 });
    await vi.waitFor(async () => expect(String(await watcher.client('LIST'))).toContain(name));
    await queue.close();
    await vi.waitFor(async () => expect(String(await watcher.client('LIST'))).not.toContain(name));
    await watcher.quit();
  });

  it('says at once that there is no server', async () => {
    await expect(open('none', 'redis://127.0.0.1:1')).rejects.toBeInstanceOf(QueueUnavailable);
  });

  it('rejects within its time instead of waiting for ever when the server stops answering', async () => {
    const proxy = await openProxy(requireServers().redisUrl);
    const queue = await open(testPrefix(), proxy.url);
    await proxy.cut();
    await expect(queue.add([{ kind: 'timer', key: 'k', payload: { timerId: 't' } }])).rejects.toBeInstanceOf(QueueUnavailable);
    await expect(queue.ping()).rejects.toBeInstanceOf(QueueUnavailable);
    await queue.close();
  });
});

async function forget(prefix: string): Promise<void> {
  const redis = new Redis(requireServers().redisUrl);
  for (const key of await redis.keys(`bull:${prefix}-*`)) await redis.del(key);
  await redis.quit();
}
