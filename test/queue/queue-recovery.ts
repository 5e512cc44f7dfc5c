import { describe, expect, it, vi } from 'vitest';

import type { Job, JobOutcome } from '../../src/engine/ports/queue.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { openProxy, testPrefix } from '../support/servers.ts';
import { FAST_LOCKS, startStuckWorker } from './queue-program.ts';

const SOON = { timeout: 25_000, interval: 20 };
const DONE: JobOutcome = { outcome: 'done' };

/** What a queue on a server does when processes die and connections break. */
export function recoveryTests(server: { readonly kind: 'redis' | 'postgres'; readonly url: () => string }): void {
  describe('when a process is killed', () => {
    it('hands its job out again, and does not count that as a failure', async () => {
      const prefix = testPrefix();
      const queue = await createBullQueue({ backend: { kind: server.kind, url: server.url() }, prefix, ...FAST_LOCKS });
      await queue.add([{ kind: 'run-attempt', key: 'stuck', payload: { missionId: 'm', subject: 's', attempt: 1 } }]);
      const worker = await startStuckWorker({ kind: server.kind, url: server.url() }, prefix);
      expect(await queue.counts('run-attempt')).toMatchObject({ waiting: 0, active: 1 });
      await worker.kill();
      const seen: Job<'run-attempt'>[] = [];
      queue.consume('run-attempt', async (job) => (seen.push(job), DONE), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toMatchObject([{ key: 'stuck', previousRuns: 1 }]), SOON);
      await queue.close();
    }, 40_000);

    it('does not take a long job away from a process that lives', async () => {
      const prefix = testPrefix();
      const backend = { kind: server.kind, url: server.url() };
      const [queue, other] = [await createBullQueue({ backend, prefix, ...FAST_LOCKS }), await createBullQueue({ backend, prefix, ...FAST_LOCKS })];
      let runs = 0;
      const handler = async (): Promise<JobOutcome> => {
        runs += 1;
        // Longer than two lock durations: only renewals keep it.
        const until = Date.now() + 2 * FAST_LOCKS.lockDurationMs + 500;
        await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until), { timeout: 10_000, interval: 50 });
        return DONE;
      };
      queue.consume('timer', handler, { concurrency: 1 });
      other.consume('timer', handler, { concurrency: 1 });
      await queue.add([{ kind: 'timer', key: 'long', payload: { timerId: 't' } }]);
      await vi.waitFor(async () => expect([runs, await queue.counts('timer')]).toMatchObject([1, { waiting: 0, active: 0 }]), SOON);
      expect(runs).toBe(1);
      await Promise.all([queue.close(), other.close()]);
    });
  });

  describe('when the server goes away and comes back', () => {
    it('rejects meanwhile, and then goes on with consuming and adding, losing nothing that it had acknowledged', async () => {
      const proxy = await openProxy(server.url());
      const queue = await createBullQueue({ backend: { kind: server.kind, url: proxy.url }, prefix: testPrefix(), ...FAST_LOCKS });
      const seen = new Set<string>();
      const acknowledged: string[] = [];
      let key = 0;
      const add = async (): Promise<void> => {
        key += 1;
        const name = `k-${key}`;
        await queue.add([{ kind: 'timer', key: name, payload: { timerId: name } }]);
        acknowledged.push(name);
      };
      queue.consume('timer', async (job) => (seen.add(job.key), DONE), { concurrency: 3 });
      for (let i = 0; i < 20; i += 1) await add();
      await proxy.cut();
      await expect(add()).rejects.toMatchObject({ code: 'queue_unavailable' });
      await expect(queue.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
      await proxy.restore();
      await vi.waitFor(() => add(), SOON);
      await vi.waitFor(() => queue.ping(), SOON);
      for (let i = 0; i < 20; i += 1) await add();
      await vi.waitFor(() => expect([...acknowledged].filter((name) => !seen.has(name))).toEqual([]), SOON);
      await queue.close();
      await proxy.close();
    }, 60_000);

    it('starts a consumer that was asked for while the server was away', async () => {
      const proxy = await openProxy(server.url());
      const queue = await createBullQueue({ backend: { kind: server.kind, url: proxy.url }, prefix: testPrefix(), ...FAST_LOCKS });
      await queue.add([{ kind: 'timer', key: 'patient', payload: { timerId: 't' } }]);
      await proxy.cut();
      const seen: string[] = [];
      queue.consume('timer', async (job) => (seen.push(job.key), DONE), { concurrency: 1 });
      await expect(queue.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
      await proxy.restore();
      await vi.waitFor(() => expect(seen).toEqual(['patient']), SOON);
      await queue.close();
      await proxy.close();
    }, 60_000);

    it('can be closed while the server is away', async () => {
      const proxy = await openProxy(server.url());
      const queue = await createBullQueue({ backend: { kind: server.kind, url: proxy.url }, prefix: testPrefix(), ...FAST_LOCKS });
      let started = (): void => {};
      const running = new Promise<void>((resolve) => (started = resolve));
      queue.consume('timer', () => (started(), new Promise(() => {})), { concurrency: 1 });
      await queue.add([{ kind: 'timer', key: 'running', payload: { timerId: 't' } }]);
      await running;
      await proxy.cut();
      await expect(queue.close()).resolves.toBeUndefined();
    }, 60_000);
  });
}
