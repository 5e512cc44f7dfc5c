import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { decide } from '../../src/core/mission/decide/decide.ts';
import type { Signal, SignalFacts } from '../../src/core/mission/signal.ts';
import { effectsOf } from '../../src/engine/effects.ts';
import type { Watches } from '../../src/engine/ports/observer.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { person, source } from '../support/pure-world.ts';

type WatchedStore = Store & { readonly watches: Watches };

const request: Signal = { kind: 'mission.requested', source, title: 't', body: '', actor: person('author') };
const facts: SignalFacts = {
  authority: { known: true, role: 'admin' },
  labels: ['mission'],
  reading: { ok: true, definition: definition([phase('build', [task('a')])]), definedIn: 'issue #7', items: null },
  trunk: { head: 'a'.repeat(40), authors: [] },
};

/** What every agenda of the re-reading promises; `second` is another process on the same one, where that is possible. */
export function watchesContract(name: string, open: () => Promise<{ readonly store: WatchedStore; readonly second: WatchedStore | null; close(): Promise<void> }>): void {
  describe(`the agenda on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let store: WatchedStore;
    let serial = 0;
    const now = 1_700_000_000_000;
    const agenda = (seen: string) => [{ subject: `mission:${seen}-${serial}`, memory: { seen }, lookAt: now }];
    const takeAll = async (from: WatchedStore, owner: string, at: number) => {
      const all = [];
      for (let taken = await from.watches.take(owner, 1_000, at, 1); taken.length > 0; taken = await from.watches.take(owner, 1_000, at, 1)) all.push(...taken);
      return all;
    };
    beforeAll(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterAll(() => opened.close());
    beforeEach(async () => {
      serial += 1;
      for (const { subject } of await takeAll(store, 'cleaner', now + 10 ** 10)) await store.watches.remove('cleaner', subject);
    });

    it('gives each subject to one process, and to another when that one went silent', async () => {
      await store.watches.add([...agenda('a'), ...agenda('b')]);
      await store.watches.add(agenda('a').map((watch) => ({ ...watch, memory: { seen: 'again' } })));
      const [mine, theirs] = await Promise.all([takeAll(store, 'one', now), takeAll(opened.second ?? store, 'two', now)]);
      expect([...mine, ...theirs].map(({ memory }) => memory).toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))).toEqual([{ seen: 'a' }, { seen: 'b' }]);
      expect(await takeAll(store, 'three', now + 999)).toEqual([]);
      expect(await takeAll(store, 'three', now + 1_000)).toHaveLength(2);
    });

    it('keeps what the last look left, until it is due or hastened', async () => {
      await store.watches.add(agenda('c'));
      const [watch] = await takeAll(store, 'one', now);
      if (!watch) throw new Error('nothing was due');
      await store.watches.put('somebody else', { ...watch, quiet: 9 }, now);
      expect(await takeAll(store, 'two', now)).toEqual([]);
      await store.watches.put('one', { ...watch, memory: { etag: 'W/"x"' }, quiet: 2 }, now + 60_000);
      expect(await takeAll(store, 'two', now + 59_999)).toEqual([]);
      await store.watches.hasten(now + 4, 'another subject');
      expect(await takeAll(store, 'two', now + 4)).toEqual([]);
      await store.watches.hasten(now + 5, watch.subject);
      expect(await takeAll(store, 'two', now + 5)).toEqual([{ subject: watch.subject, memory: { etag: 'W/"x"' }, quiet: 2 }]);
      await store.watches.remove('one', watch.subject);
      expect(await takeAll(store, 'three', now + 10_000)).toHaveLength(1);
      await store.watches.remove('three', watch.subject);
      expect(await takeAll(store, 'four', now + 20_000)).toEqual([]);
    });

    it('gives what is due, the longest due first, as many as are asked for', async () => {
      const due = (subject: string, lookAt: number) => ({ subject, memory: null, lookAt });
      await store.watches.add([due('c', now - 1), due('b', now - 5), due('a', now - 5), due('later', now + 1)]);
      const take = async (at: number) => (await store.watches.take('one', 1_000, at, 2)).map(({ subject }) => subject);
      expect(await take(now)).toEqual(['a', 'b']);
      expect(await take(now)).toEqual(['c']);
      expect(await take(now + 1)).toEqual(['later']);
    });

    it('takes a late look of a process that nobody followed, and no look of one that was', async () => {
      await store.watches.add(agenda('d'));
      const [watch] = await takeAll(store, 'slow', now);
      if (!watch) throw new Error('nothing was due');
      await store.watches.put('slow', { ...watch, quiet: 1 }, now + 100_000);
      expect(await takeAll(store, 'next', now + 100_000)).toEqual([{ ...watch, quiet: 1 }]);
      await store.watches.put('slow', { ...watch, quiet: 2 }, now);
      expect(await takeAll(store, 'third', now + 101_000)).toEqual([{ ...watch, quiet: 1 }]);
    });

    it('holds the missions that are under way', async () => {
      const missionId = `r1-i${serial}`;
      await store.receive([{ missionId, source: 'request', meaning: 'request', signal: request, receivedAt: now }]);
      await store.hold(missionId, async (held) => {
        const { events, state } = decide(null, missionId, { signal: request, facts, key: 'request' }, now);
        await held.commit({ ...effectsOf(state, events, now), events, state, settled: held.pending.map(({ id }) => ({ id, note: '' })), deferred: [], sync: false, now });
      });
      await store.watches.addMissions(now + 1, now);
      expect((await takeAll(store, 'one', now)).map(({ subject }) => subject)).toContain(`mission:${missionId}`);
    });

    it('remembers which deliveries were asked for again, and how often', async () => {
      const guid = `guid-${serial}`;
      expect((await store.watches.redelivered([guid])).size).toBe(0);
      await store.watches.noteRedelivery(guid, now);
      await store.watches.noteRedelivery(guid, now + 5);
      expect((await store.watches.redelivered([guid, 'other'])).get(guid)).toEqual({ tries: 2, askedAt: now + 5 });
      await store.watches.forgetRedeliveries(now + 6);
      expect((await store.watches.redelivered([guid])).size).toBe(0);
    });
  });
}
