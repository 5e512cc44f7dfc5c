import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { verifyChain } from '../../src/core/ledger/chain.ts';
import { decide } from '../../src/core/mission/decide/decide.ts';
import type { Signal, SignalFacts } from '../../src/core/mission/signal.ts';
import { effectsOf } from '../../src/engine/effects.ts';
import { exportMission } from '../../src/engine/export-mission.ts';
import type { IncomingSignal, LeaseKey, Store, SyncTurn } from '../../src/engine/ports/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { evidence, person, source } from '../support/pure-world.ts';

const written = definition([phase('build', [task('a'), task('b', { needs: ['a'] })])]);
const facts: SignalFacts = {
  authority: { known: true, role: 'admin' },
  labels: ['mission'],
  reading: { ok: true, definition: written, definedIn: 'issue #7', items: null },
  trunk: { head: 'a'.repeat(40), authors: [] },
};
const request: Signal = { kind: 'mission.requested', source, title: 't', body: '', actor: person('author') };
const queue: Signal = { kind: 'mission.queue-requested', source, actor: person('author') };

/** What every store promises. `open` gives a store over an empty, migrated database; `second` another process on the same one, where that is possible. */
export function storeContract(name: string, open: () => Promise<{ readonly store: Store; readonly second: Store | null; close(): Promise<void> }>): void {
  describe(`the store on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let store: Store;
    let serial = 0;
    let missionId = '';
    const now = 1_700_000_000_000;

    beforeAll(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      serial += 1;
      missionId = `r1-i${serial}`;
    });

    const incoming = (meaning: string, signal: Signal, key = meaning): IncomingSignal => ({ missionId, source: key, meaning, signal, receivedAt: now });

    const command = (word: string, commentId: number): Signal => ({ kind: 'command.given', source, conversation: 7, commentId, actor: person('author'), command: { name: word, arguments: [], text: '', problem: null } });
    const nothing = { events: [], state: null, settled: [], deferred: [], jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false } as const;

    /** Decides everything pending, as advance does. */
    function decideAll(from: Store = store, at = now): Promise<number> {
      return from.hold(missionId, async (held) => {
        const all = [];
        const packs = [];
        let { state } = held;
        for (const pending of held.pending) {
          const decision = decide(state, missionId, { signal: pending.signal, facts, key: pending.meaning }, at);
          all.push(...decision.events);
          packs.push(...decision.packs);
          state = decision.state;
        }
        const effects = effectsOf(state, all, at, packs);
        await held.commit({ ...effects, events: all, state: all.length > 0 ? state : null, settled: held.pending.map(({ id }) => ({ id, note: '' })), deferred: [], sync: all.length > 0, now: at });
        return all.length;
      });
    }

    async function started(): Promise<LeaseKey> {
      await store.receive([incoming('request', request), incoming('queue', queue)]);
      await decideAll();
      return { missionId, subject: 'a', attempt: 1 };
    }

    async function turnOf(owner: string): Promise<SyncTurn> {
      const beginning = await store.beginSync(missionId, owner, 60_000, now);
      if (beginning.outcome !== 'turn') throw new Error(`no turn: ${beginning.outcome}`);
      return beginning.turn;
    }

    it('stores a signal once per transport key and once per meaning', async () => {
      expect((await store.receive([incoming('m1', request, 'guid-1')])).missions).toEqual([missionId]);
      expect((await store.receive([incoming('m2', request, 'guid-1')])).stored).toBe(0);
      expect((await store.receive([incoming('m1', request, 'guid-2')])).stored).toBe(0);
      await store.hold(missionId, async (held) => expect(held.pending).toHaveLength(1));
    });

    it('stores a signal once when it arrives on many connections at the same time', async () => {
      await Promise.all(Array.from({ length: 10 }, (_, index) => (opened.second && index % 2 ? opened.second : store).receive([incoming('same', request, 'same')])));
      await store.hold(missionId, async (held) => expect(held.pending).toHaveLength(1));
    });

    it('leaves out what is known under another key, or often enough', async () => {
      await store.receive([incoming('edit:12:00:01', request)]);
      expect((await store.receive([{ ...incoming('edit:12:00:02', request), aliases: ['edit:12:00:01', 'edit:12:00:03'] }])).stored).toBe(0);
      expect((await store.receive([{ ...incoming('edit:12:00:09', request), aliases: ['edit:12:00:08'] }])).stored).toBe(1);
      await store.receive([incoming('label:12:00:01:guid', queue)]);
      const nth = (n: number) => ({ ...incoming(`label:12:00:01#${n}`, queue), nth: { of: ['label:12:00:01', 'label:12:00:02'], n } });
      expect((await store.receive([nth(1), nth(2)])).stored).toBe(1);
      expect((await store.receive([nth(1), nth(2)])).stored).toBe(0);
      expect((await store.receive([nth(3)])).stored).toBe(1);
    });

    it('gives back text as it was written, in any language', async () => {
      const body = 'émoji 🚀 שלום \u202Ertl\u202C "quotes" \\u0000 \\n';
      const long: Signal = { kind: 'mission.requested', source, title: 't', body, actor: person('author') };
      await store.receive([incoming('text', long)]);
      await store.hold(missionId, async (held) => expect(held.pending[0]?.signal).toEqual(long));
    });

    it('gives back the state that was committed, from memory and from its rows', async () => {
      await started();
      const fromMemory = await store.read(missionId);
      expect(fromMemory?.state).toMatchObject({ status: 'running', seq: fromMemory?.state.seq });
      if (opened.second) {
        const fromRows = await opened.second.read(missionId);
        expect(plain(fromRows?.state)).toEqual(plain(fromMemory?.state));
        expect(fromRows?.headHash).toBe(fromMemory?.headHash);
      }
    });

    it('keeps nothing of a hold that failed', async () => {
      await store.receive([incoming('request', request)]);
      await expect(
        store.hold(missionId, async (held) => {
          const { events, state } = decide(null, missionId, { signal: request, facts, key: 'k' }, now);
          await held.commit({ events, state, settled: held.pending.map(({ id }) => ({ id, note: '' })), deferred: [], jobs: [], timers: [], packs: [], cancelAttempts: false, sync: true, now });
          throw new Error('crash');
        }),
      ).rejects.toThrow('crash');
      expect(await store.read(missionId)).toBeNull();
      await store.hold(missionId, async (held) => expect(held.pending).toHaveLength(1));
    });

    it('lets one writer at a time hold a mission, also over two processes', async () => {
      await store.receive([incoming('request', request), incoming('queue', queue)]);
      await Promise.all([decideAll(), decideAll(opened.second ?? store), decideAll()]);
      const events = await store.events(missionId, 0, 100);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.body.type === 'mission.planned')).toHaveLength(1);
    });

    it('decides again on the newer state when another process wrote the mission meanwhile, and writes nothing twice', async () => {
      await started();
      const other = opened.second ?? store;
      await store.receive([incoming('pause', command('pause', 11))]);
      const seen: (string | undefined)[] = [];
      await store.hold(missionId, async (held) => {
        seen.push(held.state?.status);
        // Only a store with processes of its own can be written from here: one store's holds of a mission wait for each other.
        if (seen.length === 1 && opened.second) await decideAll(other);
        const { events, state } = decide(held.state, missionId, { signal: command('status', 12), facts, key: 'status' }, now);
        await held.commit({ ...nothing, events, state, now });
      });
      expect(seen).toEqual(opened.second ? ['running', 'paused'] : ['running']);
      const events = await store.events(missionId, 0, 1000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ body }) => body.type === 'answer.given' && body.key === 'status')).toHaveLength(1);
      expect((await store.read(missionId))?.state.seq).toBe(events.length);
    });

    it('may leave out what others stored when only its own is asked for, and tells', async () => {
      const key = await started();
      const claim = await store.claim(key, 'w1', 30_000, now);
      expect(claim).toMatchObject({ outcome: 'claimed', mission: { status: 'running' } });
      await (opened.second ?? store).receive([incoming('pause', command('pause', 13))]);
      let unread = () => false;
      const decided = await store.hold(
        missionId,
        async (held) => {
          unread = held.unread ?? unread;
          await held.commit({ ...nothing, settled: held.pending.map(({ id }) => ({ id, note: '' })), now });
          return held.pending.map(({ signal }) => signal.kind);
        },
        'own',
      );
      expect(decided[0]).toBe('attempt.started');
      expect(decided.includes('command.given') || unread()).toBe(true);
      await store.hold(missionId, async (held) => expect(held.pending.length).toBe(decided.length === 2 ? 0 : 1));
    });

    it('takes leases in a commit, for this process and nobody else', async () => {
      const key = await started();
      const lease = { ...key, subject: 'b', owner: 'w1', expiresAt: now + 30_000 };
      await store.hold(missionId, (held) => held.commit({ ...nothing, leases: [lease], now }));
      expect(await store.heartbeat(lease, 30_000, now + 1)).toBe('held');
      expect((await (opened.second ?? store).claim({ ...key, subject: 'b' }, 'w2', 30_000, now + 1)).outcome).toBe('held');
      expect(await store.finish({ ...lease, owner: 'w2' }, incoming('b', { kind: 'attempt.lost', subject: 'b', attempt: 1, reason: '' }), [], now + 1)).toBe('lost');
      expect(await store.expireLeases(now + 40_000)).toContain(missionId);
    });

    it('answers each of many calls in the same moment for itself', async () => {
      const key = await started();
      const claims = await Promise.all([store.claim(key, 'w1', 30_000, now), store.claim({ ...key, subject: 'b' }, 'w1', 30_000, now), store.claim(key, 'w1', 30_000, now)]);
      // Which of two equal calls comes first is open; that one of them does is not.
      expect(claims[1]?.outcome).toBe('over');
      expect([claims[0]?.outcome, claims[2]?.outcome].sort()).toEqual(['claimed', 'held']);
      const claim = claims.find(({ outcome }) => outcome === 'claimed');
      if (claim?.outcome !== 'claimed') throw new Error('not claimed');
      const done = incoming('done', { kind: 'attempt.lost', subject: 'a', attempt: 1, reason: '' });
      const results = await Promise.all([store.finish(claim.lease, done, [], now), store.finish({ ...claim.lease, attempt: 2 }, incoming('other', done.signal), [], now), store.finish(claim.lease, done, [], now)]);
      expect(results[1]).toBe('lost');
      expect([results[0], results[2]].sort()).toEqual(['lost', 'recorded']);
      const received = await Promise.all([store.receive([incoming('x', queue), incoming('y', queue)]), store.receive([incoming('x', queue, 'other-way')]), store.receive([{ ...incoming('z', queue), missionId: `${missionId}0` }])]);
      expect(received).toEqual([{ stored: 2, missions: [missionId] }, { stored: 0, missions: [] }, { stored: 1, missions: [`${missionId}0`] }]);
    });

    it('sees what another process committed meanwhile', async () => {
      if (!opened.second) return expect(opened.second).toBeNull();
      await started();
      await opened.second.receive([incoming('pause', { kind: 'command.given', source, conversation: 7, commentId: 1, actor: person('author'), command: { name: 'pause', arguments: [], text: '', problem: null } })]);
      await decideAll(opened.second);
      await store.hold(missionId, async (held) => expect(held.state?.status).toBe('paused'));
    });

    it('writes a chain that verifies line by line', async () => {
      await started();
      const lines: string[] = [];
      for await (const file of exportMission(store, missionId)) if (file.path === 'ledger.jsonl') lines.push(...file.text.split('\n'));
      const report = verifyChain(lines);
      expect(report).toMatchObject({ fault: null, mission: missionId });
      expect(report.head).toBe((await store.read(missionId))?.headHash);
    });

    it('leaves jobs in the outbox until they are removed', async () => {
      await started();
      const rows = await store.outboxOf(missionId);
      expect(rows.map((row) => row.job)).toContainEqual({ kind: 'run-attempt', key: `${missionId}.a.1`, payload: { missionId, subject: 'a', attempt: 1 } });
      await store.removeOutbox(rows.map((row) => row.id));
      expect(await store.outboxOf(missionId)).toEqual([]);
    });

    it('gives the lease of an expected attempt to one worker only', async () => {
      const key = await started();
      const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => (opened.second && index % 2 ? opened.second : store).claim(key, `w${index}`, 30_000, now)));
      expect(claims.filter((claim) => claim.outcome === 'claimed')).toHaveLength(1);
      expect(claims.filter((claim) => claim.outcome === 'held')).toHaveLength(7);
      expect((await store.claim({ ...key, attempt: 2 }, 'w', 30_000, now)).outcome).toBe('over');
      expect((await store.claim({ ...key, subject: 'b' }, 'w', 30_000, now)).outcome).toBe('over');
    });

    it('takes a result once, from the holder, until the lease is marked lost', async () => {
      const key = await started();
      const claim = await store.claim(key, 'w1', 30_000, now);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      const done = incoming('done', { kind: 'attempt.finished', subject: 'a', attempt: 1, result: { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} } });
      expect(await store.finish({ ...claim.lease, owner: 'w2' }, done, [], now)).toBe('lost');
      expect(await store.finish(claim.lease, done, [{ digest: 'd1', name: 'output', mediaType: 'text/plain', text: 'ok' }], now + 30_001)).toBe('recorded');
      expect(await store.finish(claim.lease, done, [], now + 30_001)).toBe('lost');
      expect(await store.artifact(missionId, 'd1')).toMatchObject({ name: 'output', text: 'ok' });
    });

    describe('a result that is to be decided at once', () => {
      const succeeded = incomingResult({ outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} });

      function incomingResult(result: Extract<Signal, { kind: 'attempt.finished' }>['result']): Signal {
        return { kind: 'attempt.finished', subject: 'a', attempt: 1, result };
      }

      async function claimed() {
        const claim = await store.claim(await started(), 'w1', 30_000, now);
        if (claim.outcome !== 'claimed') throw new Error('not claimed');
        await decideAll();
        return claim.lease;
      }

      /** What an advance does first: decides what this process knows. */
      async function decideOwn(): Promise<void> {
        await store.hold(
          missionId,
          async (held) => {
            const decisions = held.pending.reduce(
              (so, { signal, meaning }) => {
                const decision = decide(so.state, missionId, { signal, facts, key: meaning }, now);
                return { state: decision.state, events: [...so.events, ...decision.events] };
              },
              { state: held.state, events: [] as ReturnType<typeof decide>['events'] },
            );
            if (held.pending.length === 0) return;
            const effects = effectsOf(decisions.state, decisions.events, now);
            await held.commit({ ...effects, events: decisions.events, state: decisions.events.length > 0 ? decisions.state : null, settled: held.pending.map(({ id }) => ({ id, note: 'seen' })), deferred: [], sync: false, now });
          },
          'own',
        );
      }

      const statusOf = async (id: string, from = store) => {
        const state = (await from.read(missionId))?.state;
        return state && 'tasks' in state ? state.tasks.get(id)?.status : undefined;
      };
      const kept = [{ digest: 'd2', name: 'output', mediaType: 'text/plain', text: 'carried' }];

      it('is stored and decided, once, with what belongs to it', async () => {
        const lease = await claimed();
        expect(await store.finish(lease, incoming('done', succeeded), kept, now, decideOwn)).toBe('recorded');
        expect(await statusOf('a')).toBe('done');
        expect(await store.artifact(missionId, 'd2')).toMatchObject({ text: 'carried' });
        await (opened.second ?? store).hold(missionId, async (held) => expect(held.pending).toEqual([]));
        expect(await store.finish(lease, incoming('done', succeeded), [], now, decideOwn)).toBe('lost');
        expect((await store.events(missionId, 0, 100)).filter(({ body }) => body.type === 'task.completed')).toHaveLength(1);
        expect(await store.expireLeases(now + 60_000)).not.toContain(missionId);
      });

      it('is refused, and nothing decided on it, when its lease was marked lost', async () => {
        const lease = await claimed();
        expect(await store.expireLeases(now + 30_000)).toContain(missionId);
        expect(await store.finish(lease, incoming('done', succeeded), kept, now + 30_001, decideOwn)).toBe('lost');
        expect((await store.events(missionId, 0, 100)).map(({ body }) => body.type)).not.toContain('task.completed');
        expect(await store.artifact(missionId, 'd2')).toBeNull();
        await decideAll();
        expect(await statusOf('a')).not.toBe('done');
      });

      it('is stored and decided although another process wrote the mission in the meantime', async () => {
        if (!opened.second) return expect(opened.second).toBeNull();
        const lease = await claimed();
        await opened.second.receive([incoming('pause', command('pause', 3))]);
        await decideAll(opened.second);
        expect(await store.finish(lease, incoming('done', succeeded), [], now, decideOwn)).toBe('recorded');
        expect(await statusOf('a', opened.second)).toBe('done');
      });

      it('is stored by itself when nothing takes it along, and then to be decided', async () => {
        const lease = await claimed();
        let asked = 0;
        expect(await store.finish(lease, incoming('done', succeeded), [], now, async () => void (asked += 1))).toBe('recorded');
        expect(asked).toBe(2);
        await store.hold(missionId, async (held) => expect(held.pending.map(({ signal }) => signal.kind)).toEqual(['attempt.finished']));
      });

      it('ends its lease also when the decision cancels everything that runs', async () => {
        const lease = await claimed();
        const cancel = () =>
          store.hold(missionId, (held) => held.commit({ ...nothing, cancelAttempts: true, settled: held.pending.map(({ id }) => ({ id, note: '' })), now }), 'own');
        expect(await store.finish(lease, incoming('done', succeeded), [], now, cancel)).toBe('recorded');
        expect(await store.heartbeat(lease, 30_000, now)).toBe('lost');
        expect(await store.expireLeases(now + 60_000)).not.toContain(missionId);
      });

      it('is looked at again later when the decision put it off', async () => {
        const lease = await claimed();
        const putOff = () =>
          store.hold(
            missionId,
            async (held) => {
              if (held.pending.length > 0) await held.commit({ ...nothing, deferred: held.pending.map(({ id }) => ({ id, until: now + 5_000 })), now });
            },
            'own',
          );
        expect(await store.finish(lease, incoming('done', succeeded), [], now, putOff)).toBe('recorded');
        await store.hold(missionId, async (held) => expect(held.pending.map(({ lookAt, tries }) => ({ lookAt, tries }))).toEqual([{ lookAt: now + 5_000, tries: 1 }]));
      });
    });

    it('takes no result after the lease was marked lost', async () => {
      const key = await started();
      const claim = await store.claim(key, 'w1', 30_000, now);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      expect(await store.expireLeases(now + 30_000)).toContain(missionId);
      const done = incoming('done', { kind: 'attempt.finished', subject: 'a', attempt: 1, result: { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} } });
      expect(await store.finish(claim.lease, done, [], now + 30_001)).toBe('lost');
    });

    it('extends a lease by heartbeats until it is marked lost, also one that ran out while nobody could be heard', async () => {
      const key = await started();
      const claim = await store.claim(key, 'w1', 30_000, now);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      expect(await store.heartbeat(claim.lease, 30_000, now + 80_000)).toBe('held');
      expect(await store.heartbeat(claim.lease, 30_000, now + 20_000)).toBe('held');
      expect(await store.expireLeases(now + 40_000)).not.toContain(missionId);
      expect(await store.expireLeases(now + 50_000)).toContain(missionId);
      expect(await store.expireLeases(now + 50_000)).not.toContain(missionId);
      expect(await store.heartbeat(claim.lease, 30_000, now + 50_001)).toBe('lost');
      await store.hold(missionId, async (held) => expect(held.pending.map(({ signal }) => signal.kind)).toEqual(['attempt.started', 'attempt.lost']));
    });

    it('tells the worker of a cancelled mission to stop, and takes no new claims for it', async () => {
      const key = await started();
      const claim = await store.claim(key, 'w1', 30_000, now);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      await store.receive([incoming('cancel', { kind: 'command.given', source, conversation: 7, commentId: 2, actor: person('author'), command: { name: 'cancel', arguments: [], text: '', problem: null } })]);
      await decideAll();
      expect(await store.heartbeat(claim.lease, 30_000, now + 1)).toBe('cancelled');
      expect((await store.claim({ missionId, subject: 'a', attempt: 2 }, 'w2', 30_000, now)).outcome).toBe('over');
    });

    it('fires a timer once, not before its time', async () => {
      await started();
      const claim = await store.claim({ missionId, subject: 'a', attempt: 1 }, 'w1', 30_000, now);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      await store.finish(claim.lease, incoming('failed', { kind: 'attempt.finished', subject: 'a', attempt: 1, result: { outcome: 'failed', failure: 'network', reason: 'no route', evidence: null } }), [], now);
      await decideAll();
      const state = (await store.read(missionId))?.state;
      const due = state && 'tasks' in state ? (state.tasks.get('a')?.retryAt ?? 0) : 0;
      expect(due).toBeGreaterThan(now);
      expect(await store.nextTimer()).toBeLessThanOrEqual(due);
      expect(await store.fireTimers(due - 1)).not.toContain(missionId);
      expect(await (opened.second ?? store).nextTimer()).toBe(due);
      const fired = await Promise.all([store.fireTimers(due), (opened.second ?? store).fireTimers(due)]);
      expect(fired.flat().filter((id) => id === missionId)).toHaveLength(1);
      expect(await store.nextTimer()).toBe(null);
    });

    it('names the jobs that should be known to the queue by now', async () => {
      await started();
      const due = (await store.expectedJobs(now, 1000)).filter((job) => 'missionId' in job.payload && job.payload.missionId === missionId);
      expect(due.map((job) => job.kind).sort()).toEqual(['run-attempt', 'sync-github']);
      expect((await store.expectedJobs(now - 1, 1000)).filter((job) => 'missionId' in job.payload && job.payload.missionId === missionId)).toEqual([]);
    });

    it('gives the right to sync to one process, and never overlooks a change made meanwhile', async () => {
      await started();
      const turn = await turnOf('p1');
      expect(turn.state.status).toBe('running');
      expect(await (opened.second ?? store).beginSync(missionId, 'p2', 60_000, now)).toEqual({ outcome: 'taken', until: now + 60_000 });
      await store.receive([incoming('status', { kind: 'command.given', source, conversation: 7, commentId: 3, actor: person('author'), command: { name: 'status', arguments: [], text: '', problem: null } })]);
      await decideAll();
      expect(await store.endSync(missionId, 'p1', turn.noticesUpTo)).toBe(true);
      const again = await turnOf('p1');
      expect(again.notices.map((notice) => notice.body.type)).toEqual(['answer.given']);
      expect(await store.endSync(missionId, 'p1', again.noticesUpTo)).toBe(false);
      expect(await (opened.second ?? store).beginSync(missionId, 'p2', 60_000, now)).toEqual({ outcome: 'nothing' });
    });

    it('keeps the wish to sync when a turn fails', async () => {
      await started();
      await turnOf('p1');
      await store.failSync(missionId, 'p1');
      expect((await (opened.second ?? store).beginSync(missionId, 'p2', 60_000, now)).outcome).toBe('turn');
    });

    it('gives the right to sync away when its holder went silent', async () => {
      await started();
      await turnOf('dead');
      expect((await store.beginSync(missionId, 'alive', 60_000, now + 59_999)).outcome).toBe('taken');
      expect((await store.beginSync(missionId, 'alive', 60_000, now + 60_000)).outcome).toBe('turn');
      expect(await store.extendSync(missionId, 'dead', 60_000, now + 60_001)).toBe(false);
    });

    it('remembers objects on GitHub', async () => {
      const record = { key: 'comment:plan', state: 'intended', remoteId: null, rendered: null, memory: null, intendedAt: now } as const;
      await store.objects.put(missionId, record);
      await store.objects.put(missionId, { ...record, state: 'present', remoteId: 9_007_199_254_740_991, rendered: 'x' });
      expect(await store.objects.all(missionId)).toEqual([{ ...record, state: 'present', remoteId: 9_007_199_254_740_991, rendered: 'x' }]);
    });

    it('remembers nothing of a turn that is over', async () => {
      await started();
      const record = { key: 'comment:plan', state: 'present', remoteId: 1, rendered: 'old', memory: null, intendedAt: now } as const;
      const [early, late] = [store.objectsInTurn('early'), (opened.second ?? store).objectsInTurn('late')];
      expect(await early.put(missionId, record)).toBe(false);
      await turnOf('early');
      expect(await early.put(missionId, record)).toBe(true);
      expect(await late.put(missionId, { ...record, rendered: 'new' })).toBe(false);
      expect((await (opened.second ?? store).beginSync(missionId, 'late', 60_000, now + 60_000)).outcome).toBe('turn');
      expect(await late.put(missionId, { ...record, rendered: 'new' })).toBe(true);
      expect(await early.put(missionId, record)).toBe(false);
      expect(await late.all(missionId)).toEqual([{ ...record, rendered: 'new' }]);
    });

    it('defers signals and finds them again when their time has come', async () => {
      await store.receive([incoming('late', queue)]);
      await store.hold(missionId, async (held) => {
        await held.commit({ events: [], state: null, settled: [], deferred: held.pending.map(({ id }) => ({ id, until: now + 5_000 })), jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false, now });
      });
      expect(await store.missionsWithSignals(now + 4_999, 10_000)).not.toContain(missionId);
      expect(await store.missionsWithSignals(now + 5_000, 10_000)).toContain(missionId);
    });

    it('hands out what is due before any number of deferred signals', async () => {
      const until = Date.now() + 3_600_000;
      await store.receive(Array.from({ length: 250 }, (_, index) => incoming(`wait ${index}`, queue)));
      for (let times = 0; times < 2; times += 1) {
        await store.hold(missionId, async (held) => {
          await held.commit({ events: [], state: null, settled: [], deferred: held.pending.map(({ id }) => ({ id, until })), jobs: [], timers: [], packs: [], cancelAttempts: false, sync: false, now });
        });
      }
      await store.receive([incoming('now', request)]);
      await store.hold(missionId, async (held) => {
        expect(held.pending[0]).toMatchObject({ meaning: 'now', lookAt: now });
        expect(held.pending[1]?.lookAt).toBe(until);
      });
    });
  });
}

function plain(state: unknown): unknown {
  if (typeof state !== 'object' || state === null || !('tasks' in state)) return state;
  const { index: _index, tasks, phases, ready, ...rest } = state as { index: unknown; tasks: { toJS(): unknown }; phases: { toJS(): unknown }; ready: { toJS(): unknown } };
  return { ...rest, tasks: tasks.toJS(), phases: phases.toJS(), ready: ready.toJS() };
}
