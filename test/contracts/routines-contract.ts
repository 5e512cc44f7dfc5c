import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { RoutineDefinition } from '../../src/core/schedule/routine.ts';
import type { NewRun, Routines, StoredRoutine } from '../../src/engine/ports/routines.ts';

const definition: RoutineDefinition = {
  title: 'Nightly',
  schedule: { kind: 'every', everyMs: 3_600_000 },
  dispatches: [],
  workflowRun: null, push: null,
  mission: 'upgrade',
  inputs: { leave: ['a'] },
  misfire: { kind: 'run-once' },
  overlap: 'skip',
  issueTitle: null,
  requiresApproval: false,
};

/** What every store of routines promises; `second` is another process on the same one. */
export function routinesContract(name: string, open: () => Promise<{ readonly store: { readonly routines: Routines }; readonly second: { readonly routines: Routines }; close(): Promise<void> }>): void {
  describe(`routines on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let routines: Routines;
    let others: Routines;
    let repositoryId = 0;
    const now = 1_700_000_000_000;
    const nightly = (more: Partial<StoredRoutine> = {}): StoredRoutine => ({
      repositoryId,
      name: 'nightly',
      place: { installationId: 1, repository: { id: repositoryId, owner: 'o', name: 'r', defaultBranch: 'main' } },
      revision: 1,
      digest: 'd1',
      definition,
      problems: [],
      removed: false,
      activatedBy: 'author',
      standing: 'author pushed it',
      pausedBy: null,
      nextDue: now,
      ...more,
    });
    const run = (key: string, more: Partial<NewRun> = {}): NewRun => ({ key, trigger: 'schedule', due: now, decided: 'queued', detail: '', ...more });
    beforeAll(async () => {
      opened = await open();
      routines = opened.store.routines;
      others = opened.second.routines;
    });
    afterAll(() => opened.close());
    beforeEach(async () => {
      repositoryId += 1;
      // What an earlier test left queued is not for this one.
      for (const left of await routines.take('cleaner', 1, now + 10 ** 11, 100)) await routines.settle('cleaner', left.id, { decided: 'failed', detail: '', issue: null, missionId: null }, now);
    });

    it('keeps what was put, every revision of it, and takes each revision once', async () => {
      expect(await Promise.all([routines.put(nightly(), now), others.put(nightly({ digest: 'other' }), now)])).toContain(false);
      const [stored] = await routines.ofRepository(repositoryId);
      expect(stored).toEqual(nightly({ digest: stored?.digest ?? '' }));
      const broken = nightly({ revision: 2, digest: 'd2', problems: [{ code: 'x', file: 'f', line: 1, column: 2, message: 'm' }], activatedBy: null, standing: 'the file has problems', nextDue: null });
      expect(await routines.put(broken, now + 1)).toBe(true);
      expect(await routines.put(nightly({ revision: 2 }), now + 2)).toBe(false);
      expect(await routines.put(nightly({ revision: 4 }), now + 2)).toBe(false);
      expect(await others.ofRepository(repositoryId)).toEqual([broken]);
      expect((await routines.revisions(broken, 10)).map(({ revision, standing, at }) => ({ revision, standing, at }))).toEqual([
        { revision: 2, standing: 'the file has problems', at: now + 1 },
        { revision: 1, standing: 'author pushed it', at: now },
      ]);
    });

    it('steers the revision that was looked at, and no later one', async () => {
      await routines.put(nightly(), now);
      expect(await routines.steer(nightly({ pausedBy: 'reviewer', nextDue: null }), now)).toBe(true);
      expect((await routines.all()).find((one) => one.repositoryId === repositoryId)).toEqual(nightly({ pausedBy: 'reviewer', nextDue: null }));
      await routines.put(nightly({ revision: 2 }), now);
      expect(await routines.steer(nightly({ pausedBy: null }), now)).toBe(false);
    });

    it('has a due time decided once, whoever decides it first', async () => {
      await routines.put(nightly(), now);
      expect((await routines.due(now - 1, 10)).filter((one) => one.repositoryId === repositoryId)).toEqual([]);
      const seen = (await routines.due(now, 10)).filter((one) => one.repositoryId === repositoryId);
      expect(seen).toEqual([nightly()]);
      const decided = await Promise.all([routines.decide(nightly(), [run('due:1')], now + 5, now), others.decide(nightly(), [run('due:1')], now + 5, now)]);
      expect(decided.filter(Boolean)).toEqual([true]);
      expect(await routines.decide(nightly({ revision: 7, nextDue: now + 5 }), [run('due:2')], null, now)).toBe(false);
      expect((await routines.runs(nightly(), 10)).map(({ key, revision, missionStatus, createdAt }) => ({ key, revision, missionStatus, createdAt }))).toEqual([{ key: 'due:1', revision: 1, missionStatus: null, createdAt: now }]);
    });

    it('knows a run by its key', async () => {
      await routines.put(nightly(), now);
      expect(await Promise.all([routines.add(nightly(), run('event:1'), now), others.add(nightly(), run('event:1'), now)])).toContain(false);
      expect(await routines.add(nightly({ name: 'another' }), run('event:1'), now)).toBe(true);
      expect(await routines.runs(nightly(), 10)).toHaveLength(1);
    });

    it('gives each queued run to one process, and to another when that one went silent', async () => {
      await routines.put(nightly(), now);
      for (const key of ['a', 'b']) await routines.add(nightly(), run(key), now);
      await routines.add(nightly(), run('c', { decided: 'skipped' }), now);
      const taken = await Promise.all([routines.take('one', 1_000, now, 1), others.take('two', 1_000, now, 5)]);
      expect(taken.flat().map(({ key }) => key).toSorted()).toEqual(['a', 'b']);
      const [mine] = await routines.take('three', 1_000, now + 1_000, 1);
      if (mine === undefined) throw new Error('nothing was left');
      expect(await routines.hold('three', mine.id, 5_000, now + 1_500)).toBe(true);
      expect(await routines.hold('one', mine.id, 5_000, now + 1_500)).toBe(false);
      await routines.settle('one', mine.id, { decided: 'failed', detail: 'late', issue: null, missionId: null }, now);
      await routines.settle('three', mine.id, { decided: 'started', detail: 'in time', issue: 7, missionId: 'r1-i7' }, now);
      expect((await routines.runs(nightly(), 10)).find(({ id }) => id === mine.id)).toMatchObject({ decided: 'started', detail: 'in time', issue: 7, missionId: 'r1-i7' });
      const [rest] = await routines.take('four', 1_000, now + 9_000, 5);
      if (rest === undefined) throw new Error('nothing was left');
      await routines.putOff('four', rest.id, now + 60_000, 'GitHub is away', now);
      expect(await routines.take('five', 1_000, now + 59_999, 5)).toEqual([]);
      expect((await routines.take('five', 1_000, now + 60_000, 5)).map(({ detail }) => detail)).toEqual(['GitHub is away']);
    });
  });
}
