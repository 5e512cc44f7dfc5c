import { afterEach, describe, expect, it } from 'vitest';

import { leasePatience } from '../../src/engine/lease-patience.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import { putOffWithoutStore } from '../../src/engine/store-outage.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { silentLog } from '../support/engine-world.ts';
import { handDrivenEngine } from '../support/hand-driven.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function threeTasks() {
  const made = await handDrivenEngine({ definition: definition([phase('build', [task('a'), task('b'), task('c')], { gate: null })]) });
  closing.push(() => made.close());
  await made.begin();
  return made;
}

const unavailable = Object.assign(new Error('connect ECONNREFUSED'), { code: 'database_unavailable' });
const job = { kind: 'run-attempt', key: 'k', payload: { missionId: 'm', subject: 'a', attempt: 1 }, previousRuns: 0 } as const;

describe('a queue that lost its jobs', () => {
  it('gets them back from the store within seconds', async () => {
    const made = await threeTasks();
    made.queue.waiting.splice(0);
    made.clock.at += 5_000;
    await made.engine.superviseOnce();
    await made.queue.run();
    expect((await made.mission()).status).toBe('completed');
  });

  it('gets them back although new ones came meanwhile', async () => {
    const made = await threeTasks();
    const first = made.queue.waiting.findIndex(({ kind }) => kind === 'run-attempt');
    made.queue.waiting.splice(first, 2);
    made.clock.at += 5_000;
    await made.engine.superviseOnce();
    await made.queue.run();
    expect((await made.mission()).status).toBe('completed');
  });

  it('is given nothing while it still knows everything', async () => {
    const made = await threeTasks();
    const before = [...made.queue.waiting];
    made.clock.at += 30_000;
    await made.engine.superviseOnce();
    expect(made.queue.waiting).toEqual(before);
  });
});

describe('a job whose store is out of reach', () => {
  const clock = { now: () => 0, sleep: async () => undefined };

  it('is put off instead of failing', async () => {
    const handler = putOffWithoutStore<'run-attempt'>({ clock, log: silentLog }, async () => Promise.reject(unavailable));
    expect(await handler(job, new AbortController().signal)).toEqual({ outcome: 'again', delayMs: 1_000 });
  });

  it('fails for every other reason', async () => {
    const handler = putOffWithoutStore<'run-attempt'>({ clock, log: silentLog }, async () => Promise.reject(new Error('a mistake of ours')));
    await expect(handler(job, new AbortController().signal)).rejects.toThrow('a mistake of ours');
  });
});

describe('leases that ran out while the store was out of reach', () => {
  it('are left to their holders until those could be heard again', () => {
    const patience = leasePatience(1_000, 100);
    for (let at = 0; at <= 2_000; at += 100) patience.looked(at);
    expect(patience.mayExpire(2_000)).toBe(true);
    patience.failed();
    patience.looked(60_000);
    expect([60_000, 60_999, 61_000].map((at) => patience.mayExpire(at))).toEqual([false, false, true]);
  });

  it('are left to their holders by a process that has just begun to look, or whose clock jumped', () => {
    const patience = leasePatience(1_000, 100);
    patience.looked(0);
    expect(patience.mayExpire(999)).toBe(false);
    for (let at = 100; at <= 2_000; at += 100) patience.looked(at);
    patience.looked(864_000_000);
    expect(patience.mayExpire(864_000_000)).toBe(false);
    patience.looked(5_000);
    expect(patience.mayExpire(5_500)).toBe(false);
  });

  it('keep their work: a result is recorded when the store is back', async () => {
    const made = await handDrivenEngine({ definition: definition([phase('build', [task('a')], { gate: null })]) });
    closing.push(() => made.close());
    let refusals = 3;
    const away: Store = { ...made.store, finish: (...given) => (refusals-- > 0 ? Promise.reject(unavailable) : made.store.finish(...given)) };
    const impatient = { ...made.clock, now: () => made.clock.at, sleep: async (_ms: number, signal?: AbortSignal) => signal?.throwIfAborted() };
    made.process({ store: away, clock: impatient }).startWorker(made.worker);
    await made.begin();
    await made.queue.run();
    expect((await made.mission()).tasks.get('a')).toMatchObject({ status: 'done', attempt: 1 });
  });
});
