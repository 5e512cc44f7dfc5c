import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Job, JobOutcome, JobRequest, Queue } from '../../src/engine/ports/queue.ts';

/** How long (ms) to wait for something that must happen; far more than it takes on a slow machine. */
const SOON = { timeout: 20_000, interval: 10 };
const DONE: JobOutcome = { outcome: 'done' };

/** Settings that a queue under test is opened with: retries come fast, everything else is as in production. */
export const QUICK_RETRIES = { retryDelayMs: 40 };

export interface QueueUnderTest {
  /** The queue that the test uses. */
  readonly queue: Queue;
  /** Another queue object on the same backend and prefix: what another process would have. */
  another(): Promise<Queue>;
  close(): Promise<void>;
}

/** What every `Queue` promises, called by each implementation's test. `open` gives a queue whose jobs nobody else sees. */
export function queueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`${name} is a Queue`, () => {
    let subject: QueueUnderTest;
    let queue: Queue;
    let made = 0;

    beforeAll(async () => {
      subject = await open();
      ({ queue } = subject);
    });

    afterAll(() => subject.close());

    function timer(options: Partial<JobRequest<'timer'>> = {}): JobRequest<'timer'> {
      made += 1;
      return { kind: 'timer', key: `job-${made}`, payload: { timerId: `t${made}` }, ...options };
    }

    /** Consumes timers with `handler` until `work` is over. */
    async function consuming(handler: (job: Job<'timer'>, signal: AbortSignal) => Promise<JobOutcome>, work: () => Promise<void>, concurrency = 5): Promise<void> {
      const consumer = queue.consume('timer', handler, { concurrency });
      try {
        await work();
      } finally {
        await consumer.close(0);
      }
    }

    it('hands out what was added, with kind, key and payload as they were', async () => {
      const request: JobRequest<'run-attempt'> = { kind: 'run-attempt', key: 'A-b_c.1', payload: { missionId: 'mission-ключ-🔑-مرحبا', subject: 'task:„x“', attempt: 2 } };
      await queue.add([request]);
      const seen: Job<'run-attempt'>[] = [];
      const consumer = queue.consume('run-attempt', async (job) => (seen.push(job), DONE), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toEqual([{ kind: 'run-attempt', key: 'A-b_c.1', payload: request.payload, previousRuns: 0 }]), SOON);
      await consumer.close(1_000);
    });

    it('keeps jobs that nobody consumes yet, and counts them', async () => {
      await queue.add([
        { kind: 'integrate', key: 'i-1', payload: { missionId: 'm', subject: 's', attempt: 1 } },
        { kind: 'integrate', key: 'i-2', payload: { missionId: 'm', subject: 's', attempt: 2 }, priority: 7 },
        { kind: 'integrate', key: 'i-3', payload: { missionId: 'm', subject: 's', attempt: 3 }, delayMs: 600_000 },
      ]);
      expect(await queue.counts('integrate')).toEqual({ waiting: 2, active: 0, delayed: 1, failed: 0 });
      expect(await queue.counts('sync-github')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    });

    it('can be read by another process after the one that added has gone', async () => {
      const gone = await subject.another();
      const request = timer();
      await gone.add([request]);
      await gone.close();
      const seen: string[] = [];
      await consuming(
        async (job) => (seen.push(job.key), DONE),
        () => vi.waitFor(() => expect(seen).toEqual([request.key]), SOON),
      );
    });

    it('runs a key once, however often it is added while it is known', async () => {
      const request = timer();
      const other = timer();
      let runs = 0;
      await Promise.all([queue.add([request, request]), queue.add([request])]);
      await consuming(
        async (job) => {
          if (job.key === request.key) {
            runs += 1;
            await queue.add([request]);
          }
          return DONE;
        },
        async () => {
          await vi.waitFor(() => expect(runs).toBe(1), SOON);
          await queue.add([request]);
          await queue.add([other]);
          await vi.waitFor(async () => expect(await queue.counts('timer')).toMatchObject({ waiting: 0, active: 0 }), SOON);
        },
      );
      expect(runs).toBe(1);
    });

    it('wakes an idle consumer at once', async () => {
      const latencies: number[] = [];
      let started = (): void => {};
      await consuming(
        async () => (started(), DONE),
        async () => {
          for (let i = 0; i < 20; i += 1) {
            const running = new Promise<void>((resolve) => (started = resolve));
            const from = performance.now();
            await queue.add([timer()]);
            await running;
            latencies.push(performance.now() - from);
          }
        },
      );
      // A polling consumer would take seconds; the median leaves room for a slow machine.
      expect(latencies.toSorted((a, b) => a - b)[10]).toBeLessThan(250);
    });

    it('never hands out a delayed job early, and not much too late', async () => {
      const due = new Map<string, number>();
      const early: string[] = [];
      const late: number[] = [];
      await consuming(
        async (job) => {
          const by = Date.now() - (due.get(job.key) ?? Infinity);
          if (by < 0) early.push(job.key);
          late.push(by);
          return DONE;
        },
        async () => {
          for (const delayMs of [0, 1, 40, 150, 151, 400, 900]) {
            const request = timer({ delayMs });
            due.set(request.key, Date.now() + delayMs);
            await queue.add([request]);
          }
          await vi.waitFor(() => expect(late).toHaveLength(7), SOON);
        },
      );
      expect(early).toEqual([]);
      expect(Math.max(...late)).toBeLessThan(4_000);
    });

    it('prefers jobs without a priority, then small numbers', async () => {
      const [last, first, middle] = [timer({ priority: 100 }), timer(), timer({ priority: 2 })];
      await queue.add([last, middle]);
      await queue.add([first]);
      const order: string[] = [];
      await consuming(
        async (job) => (order.push(job.key), DONE),
        () => vi.waitFor(() => expect(order).toEqual([first.key, middle.key, last.key]), SOON),
        1,
      );
    });

    it('runs as many jobs at a time as it was told, and no more', async () => {
      let running = 0;
      let most = 0;
      let done = 0;
      await queue.add(Array.from({ length: 12 }, () => timer()));
      await consuming(
        async () => {
          running += 1;
          most = Math.max(most, running);
          await vi.waitFor(() => expect(most).toBe(4), SOON);
          running -= 1;
          done += 1;
          return DONE;
        },
        () => vi.waitFor(() => expect(done).toBe(12), SOON),
        4,
      );
      expect(most).toBe(4);
    });

    it('runs a job again when it says so, not earlier than it said, and without counting a failure', async () => {
      const request = timer();
      await queue.add([request]);
      const runs: { at: number; previousRuns: number }[] = [];
      await consuming(
        async (job) => {
          runs.push({ at: Date.now(), previousRuns: job.previousRuns });
          return runs.length < 8 ? { outcome: 'again', delayMs: runs.length === 1 ? 120 : 0 } : DONE;
        },
        () => vi.waitFor(() => expect(runs).toHaveLength(8), SOON),
      );
      expect((runs[1]?.at ?? 0) - (runs[0]?.at ?? 0)).toBeGreaterThanOrEqual(120);
      expect(runs.map((run) => run.previousRuns)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await queue.deadLetters('timer', 10)).toEqual([]);
    });

    it('retries a job that fails', async () => {
      await queue.add([timer()]);
      const previousRuns: number[] = [];
      await consuming(
        async (job) => {
          previousRuns.push(job.previousRuns);
          if (job.previousRuns === 0) throw new Error('first time fails');
          return DONE;
        },
        () => vi.waitFor(() => expect(previousRuns).toEqual([0, 1]), SOON),
      );
    });

    it('keeps a job that fails five times as a dead letter, newest first, with the reason and the payload', async () => {
      const requests = ['sync-1', 'sync-2'].map((key): JobRequest<'sync-github'> => ({ kind: 'sync-github', key, payload: { missionId: `of ${key}` } }));
      const runs: string[] = [];
      const consumer = queue.consume('sync-github', async (job) => {
        runs.push(job.key);
        throw new Error(`${job.key} cannot: \0 "ünïcode" 🔥`);
      }, { concurrency: 2 });
      await queue.add(requests.slice(0, 1));
      await vi.waitFor(() => expect(runs).toHaveLength(1), SOON);
      await queue.add(requests.slice(1));
      await vi.waitFor(async () => expect((await queue.counts('sync-github')).failed).toBe(2), SOON);
      await consumer.close(1_000);
      expect(runs.toSorted()).toEqual([...Array<string>(5).fill('sync-1'), ...Array<string>(5).fill('sync-2')]);
      const letters = await queue.deadLetters('sync-github', 10);
      expect(letters.map((letter) => letter.key).toSorted()).toEqual(['sync-1', 'sync-2']);
      const times = letters.map((letter) => letter['failedAt'] as string);
      expect(times).toEqual(times.toSorted((a, b) => b.localeCompare(a)));
      expect(letters.find((letter) => letter.key === 'sync-1')).toMatchObject({ kind: 'sync-github', payload: { missionId: 'of sync-1' }, runs: 5 });
      expect(letters[0]?.reason).toContain('"ünïcode" 🔥');
      expect(await queue.deadLetters('sync-github', 1)).toHaveLength(1);
    });

    it('refuses keys, delays and priorities that it could not keep, and then adds none of the requests', async () => {
      for (const key of ['', 'a:b', '12345', 'ключ', 'a b', 'x'.repeat(201)]) {
        await expect(queue.add([timer(), timer({ key })])).rejects.toThrow(/is not allowed/);
      }
      await expect(queue.add([timer({ delayMs: -1 })])).rejects.toThrow(/delayMs/);
      await expect(queue.add([timer({ priority: 0 })])).rejects.toThrow(/priority/);
      expect((await queue.counts('timer')).waiting).toBe(0);
      expect(() => queue.consume('timer', async () => DONE, { concurrency: 0 })).toThrow(/concurrency/);
    });

    it('takes text that a database would refuse', async () => {
      const request = timer({ payload: { timerId: 'nul \0 and lone \uD800 surrogate' } });
      await queue.add([request]);
      const seen: string[] = [];
      await consuming(
        async (job) => (seen.push(job.payload.timerId), DONE),
        () => vi.waitFor(() => expect(seen).toEqual(['nul  and lone \uFFFD surrogate']), SOON),
      );
    });

    it('takes a thousand jobs in one call and runs each of them once', async () => {
      const requests = Array.from({ length: 1_000 }, () => timer());
      const seen: string[] = [];
      await queue.add(requests);
      await consuming(
        async (job) => (seen.push(job.key), DONE),
        () => vi.waitFor(() => expect(seen).toHaveLength(1_000), SOON),
        50,
      );
      expect(new Set(seen).size).toBe(1_000);
    });

    it('shares jobs between processes, each job going to one of them', async () => {
      const other = await subject.another();
      const seen: string[] = [];
      const handler = async (job: Job<'timer'>): Promise<JobOutcome> => (seen.push(job.key), DONE);
      const requests = Array.from({ length: 100 }, () => timer());
      const consumers = [queue.consume('timer', handler, { concurrency: 5 }), other.consume('timer', handler, { concurrency: 5 })];
      await queue.add(requests);
      await vi.waitFor(() => expect(seen).toHaveLength(100), SOON);
      await Promise.all(consumers.map((consumer) => consumer.close(1_000)));
      await other.close();
      expect(seen.toSorted()).toEqual(requests.map((request) => request.key).toSorted());
    });

    describe('a consumer that closes', () => {
      it('takes no more jobs, waits for the running one, and leaves the rest', async () => {
        const [first, second] = [timer(), timer()];
        await queue.add([first]);
        let release = (): void => {};
        const events: string[] = [];
        const held = new Promise<void>((resolve) => (release = resolve));
        const consumer = queue.consume('timer', async (job) => {
          events.push(`start ${job.key}`);
          await held;
          events.push('end');
          return DONE;
        }, { concurrency: 1 });
        await vi.waitFor(() => expect(events).toHaveLength(1), SOON);
        const closed = consumer.close(20_000).then(() => events.push('closed'));
        await queue.add([second]);
        release();
        await closed;
        expect(events).toEqual([`start ${first.key}`, 'end', 'closed']);
        expect(await queue.counts('timer')).toMatchObject({ waiting: 1, active: 0 });
        await consuming(async () => DONE, () => vi.waitFor(async () => expect((await queue.counts('timer')).waiting).toBe(0), SOON));
      });

      it('aborts what still runs after the grace time, and gives the job back without counting a failure', async () => {
        const request = timer();
        await queue.add([request]);
        const reasons: unknown[] = [];
        let started = (): void => {};
        const running = new Promise<void>((resolve) => (started = resolve));
        const consumer = queue.consume('timer', (_job, signal) => new Promise((_resolve, reject) => {
          started();
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }), { concurrency: 1 });
        await running;
        await consumer.close(20);
        expect(reasons).toMatchObject([{ code: 'consumer_closing' }]);
        expect(await queue.counts('timer')).toMatchObject({ waiting: 1, active: 0, delayed: 0, failed: 0 });
        const seen: number[] = [];
        await consuming(async (job) => (seen.push(job.previousRuns), DONE), () => vi.waitFor(() => expect(seen).toEqual([1]), SOON));
      });

      it('gives the job back even when its handler ignores the abort', async () => {
        await queue.add([timer()]);
        let started = (): void => {};
        const running = new Promise<void>((resolve) => (started = resolve));
        const consumer = queue.consume('timer', () => (started(), new Promise(() => {})), { concurrency: 1 });
        await running;
        await consumer.close(0);
        expect(await queue.counts('timer')).toMatchObject({ waiting: 1, active: 0 });
        await consuming(async () => DONE, () => vi.waitFor(async () => expect((await queue.counts('timer')).waiting).toBe(0), SOON));
      });
    });

    it('answers a ping', () => expect(queue.ping()).resolves.toBeUndefined());

    it('closes once, with its consumers, and refuses to consume afterwards', async () => {
      const other = await subject.another();
      other.consume('sync-github', async () => DONE, { concurrency: 3 });
      await Promise.all([other.close(), other.close()]);
      expect(() => other.consume('timer', async () => DONE, { concurrency: 1 })).toThrow(/closed/);
    });
  });
}
