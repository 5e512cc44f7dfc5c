import { beforeAll, describe, expect, it } from 'vitest';

import type { FaultPlace } from '../../src/engine/fault-point.ts';
import type { KillResult } from './crash-matrix-batch.ts';
import { judge } from './crash-matrix-judge.ts';
import { playOneMission } from './crash-matrix-missions.ts';
import { KillSchedule, planKills, RunSchedule } from './crash-matrix-plan.ts';
import type { PlannedKill } from './crash-matrix-plan.ts';
import { runOnce } from './crash-matrix-run.ts';
import type { Kill, Leftovers, Role, Run } from './crash-matrix-run.ts';
import { isFlawless } from './crash-matrix-table.ts';
import { serversAvailable } from '../support/servers.ts';

/** One death after another: each life of a process meets the next of its places. */
function inTurn(deaths: { readonly [role in Role]?: readonly FaultPlace[] }): { readonly next: (role: Role) => Kill | null; readonly all: readonly Kill[] } {
  const all = Object.entries(deaths).flatMap(([role, places]) => places.map((place) => ({ role: role as Role, place, visit: 1 })));
  const left = [...all];
  return {
    all,
    next(role) {
      const at = left.findIndex((kill) => kill.role === role);
      return at < 0 ? null : (left.splice(at, 1)[0] ?? null);
    },
  };
}

const flawless = { lost: [], doubled: [] };

/** What a person could do to the objects of GitHub, and a broken product too; each with the way back. */
const recordOf = ({ world }: Leftovers) => world.forge.record(world.repository.fullName);
const ofOurs = (left: Leftovers) => [...recordOf(left).comments.values()].find((comment) => comment.body.includes('mg:o')) ?? fail();
const aCheck = (left: Leftovers) => [...recordOf(left).checkRuns.values()].find((run) => run.name === 'gate/build') ?? fail();
const theFindings = (left: Leftovers) => [...recordOf(left).checkRuns.values()].findLast((run) => run.annotations.length > 0) ?? fail();
const thePull = (left: Leftovers) => [...recordOf(left).issues.values()].find((issue) => issue.pull !== null) ?? fail();
const theIssue = (left: Leftovers) => recordOf(left).issues.get(1) ?? fail();
function fail(): never {
  throw new Error('there is nothing to plant a fault in');
}

interface Plant {
  readonly what: string;
  readonly lost?: RegExp;
  readonly doubled?: RegExp;
  /** Changes what was left; returns the way back. */
  readonly plant: (left: Leftovers) => Promise<() => void>;
}

/** What a broken product could have done to the objects on GitHub. */
const plants: readonly Plant[] = [
  {
    what: 'a comment that is there twice',
    doubled: /comment by missiongate/,
    async plant(left) {
      recordOf(left).comments.set(-1, { ...ofOurs(left), id: -1 });
      return () => recordOf(left).comments.delete(-1);
    },
  },
  {
    what: 'a comment that is gone',
    lost: /comment by missiongate/,
    async plant(left) {
      const comment = ofOurs(left);
      recordOf(left).comments.delete(comment.id);
      return () => recordOf(left).comments.set(comment.id, comment);
    },
  },
  {
    what: 'a check that is there twice',
    doubled: /one object twice: check gate\/build/,
    async plant(left) {
      recordOf(left).checkRuns.set(-1, { ...aCheck(left), id: -1 });
      return () => recordOf(left).checkRuns.delete(-1);
    },
  },
  {
    what: 'a check that is gone',
    lost: /check gate\/ship/,
    async plant(left) {
      const gone = [...recordOf(left).checkRuns].filter(([, run]) => run.name === 'gate/ship');
      for (const [id] of gone) recordOf(left).checkRuns.delete(id);
      return () => gone.forEach(([id, run]) => recordOf(left).checkRuns.set(id, run));
    },
  },
  {
    what: 'a check that was left as it was',
    lost: /check gate\/ship completed success/,
    doubled: /check gate\/ship completed action_required/,
    async plant(left) {
      const run = [...recordOf(left).checkRuns.values()].findLast(({ name }) => name === 'gate/ship') ?? fail();
      run.conclusion = 'action_required';
      return () => (run.conclusion = 'success');
    },
  },
  {
    what: 'an annotation that is there twice',
    doubled: /annotation of gate\/build at src\/slug\.js:1:/,
    async plant(left) {
      const { annotations } = theFindings(left);
      annotations.push(annotations[0] ?? fail());
      return () => annotations.pop();
    },
  },
  {
    what: 'an annotation that is gone',
    lost: /annotation of gate\/build at src\/slug\.js:60:/,
    async plant(left) {
      const { annotations } = theFindings(left);
      const [last = fail()] = annotations.splice(-1);
      return () => annotations.push(last);
    },
  },
  {
    what: 'a composite check that still speaks for a commit that was left',
    lost: /#3 commits with a green check missiongate: 1/,
    async plant(left) {
      const run = [...recordOf(left).checkRuns.values()].find(({ name, conclusion, externalId }) => name === 'missiongate' && conclusion === 'cancelled' && externalId.includes('-i3:')) ?? fail();
      run.conclusion = 'success';
      return () => (run.conclusion = 'cancelled');
    },
  },
  {
    what: 'a merge group that was not judged',
    lost: /merge group: success/,
    async plant(left) {
      const run = [...recordOf(left).checkRuns.values()].find(({ externalId }) => externalId.startsWith('mg:group:')) ?? fail();
      run.conclusion = null;
      return () => (run.conclusion = 'success');
    },
  },
  {
    what: 'a gate check that speaks of another ledger',
    lost: /#1 ledger is valid/,
    doubled: /#1 ledger is invalid.*gate\/ship/,
    async plant(left) {
      const run = [...recordOf(left).checkRuns.values()].findLast(({ name }) => name === 'gate/ship') ?? fail();
      const { summary } = run;
      run.summary = (summary ?? '').replace(/(ledger `\d+:)[0-9a-f]{64}/, `$1${'0'.repeat(64)}`);
      return () => (run.summary = summary);
    },
  },
  {
    what: 'a pull request that is there twice',
    doubled: /pull request of mission\/\d\/trunk/,
    async plant(left) {
      recordOf(left).issues.set(-1, { ...thePull(left), number: -1 });
      return () => recordOf(left).issues.delete(-1);
    },
  },
  {
    what: 'a pull request that was not merged',
    lost: /pull request of mission\/1\/trunk: closed merged/,
    async plant(left) {
      const { pull } = [...recordOf(left).issues.values()].find((issue) => issue.pull?.headRef === 'mission/1/trunk') ?? fail();
      const { mergedAt } = pull ?? fail();
      (pull ?? fail()).mergedAt = null;
      return () => ((pull ?? fail()).mergedAt = mergedAt);
    },
  },
  {
    what: 'a reaction that is there twice',
    doubled: /reaction rocket/,
    async plant(left) {
      const { reactions } = [...recordOf(left).comments.values()].find((comment) => comment.reactions.some(({ content }) => content === 'rocket')) ?? fail();
      reactions.push(...reactions);
      return () => reactions.splice(reactions.length / 2);
    },
  },
  {
    what: 'a label that was not taken off',
    doubled: /#1 label mission:queue/,
    async plant(left) {
      const issue = theIssue(left);
      const { labels } = issue;
      issue.labels = [...labels, ...[...recordOf(left).labels.values()].filter(({ name }) => name === 'mission:queue')];
      return () => (issue.labels = labels);
    },
  },
  {
    what: 'an issue that was left open',
    lost: /#1 is closed/,
    async plant(left) {
      theIssue(left).state = 'open';
      return () => (theIssue(left).state = 'closed');
    },
  },
  {
    what: 'a checklist that was not ticked',
    lost: /#1 item - \[x\] Try it/,
    doubled: /#1 item - \[ \] Try it/,
    async plant(left) {
      const issue = theIssue(left);
      const { body } = issue;
      issue.body = (body ?? '').replace('- [x] Try it', '- [ ] Try it');
      return () => (issue.body = body);
    },
  },
  {
    what: 'a branch too many',
    doubled: /ref mission\/1\/slug-again/,
    async plant(left) {
      const { git } = recordOf(left);
      const { sha } = (await git.refs()).find(({ ref }) => ref === 'refs/heads/main') ?? fail();
      await left.world.forge.as('author').request('POST', `/repos/${left.world.repository.fullName}/git/refs`, { ref: 'refs/heads/mission/1/slug-again', sha });
      return () => undefined;
    },
  },
  {
    what: 'a ledger without its end',
    lost: /#2 ledger/,
    async plant(left) {
      await left.database.query("DELETE FROM events WHERE run_id LIKE '%-i2' AND seq >= (SELECT max(seq) - 1 FROM events WHERE run_id LIKE '%-i2')", []);
      return () => undefined;
    },
  },

];

/** The processes of a run wait for each other most of the time: three runs at once take little longer than one. */
describe('the crash matrix, in its short form', { timeout: 300_000 }, () => {
  let calm: Run;
  const seen: { readonly what: string; readonly lost: readonly string[]; readonly doubled: readonly string[] }[] = [];

  beforeAll(async () => {
    calm = await runOnce({
      backend: 'embedded',
      next: () => null,
      calm: null,
      async afterwards(left) {
        const before = await left.snapshot();
        for (const { what, plant } of plants) {
          const undo = await plant(left);
          seen.push({ what, ...judge(before, await left.snapshot()) });
          undo();
        }
      },
    });
  });

  it('comes to every place there is', () => {
    expect(planKills('embedded', calm).unreached).toEqual([]);
  });

  it('knows every write to GitHub as a place', () => {
    expect([...calm.visits.values()].flat().filter((place) => place.startsWith('during github.'))).toHaveLength(calm.writes);
  });

  it.each(plants)('sees $what', ({ what, lost, doubled }) => {
    const verdict = seen.find((one) => one.what === what);
    expect(verdict?.lost.join('\n')).toMatch(lost ?? /^/);
    expect(verdict?.doubled.join('\n')).toMatch(doubled ?? /^/);
  });

  it.concurrent('finds the double of a product that forgets what it was about to make', async () => {
    const deaths = inTurn({ app: ['during github.comment'] });
    const run = await runOnce({ backend: 'embedded', next: deaths.next, calm: null, missions: playOneMission, betweenLives: (database) => database.query("DELETE FROM github_objects WHERE state = 'intended'", []) });
    expect(run.kills).toEqual(deaths.all);
    expect(judge(calm.snapshot, run.snapshot).doubled.join('\n')).toMatch(/comment by missiongate/);
  });

  it.concurrent('loses nothing and doubles nothing on the embedded default, killed four times', async () => {
    const deaths = inTurn({ app: ['during github.merge', 'during github.annotations', 'during github.issue', 'during github.issue-edit'] });
    const run = await runOnce({ backend: 'embedded', next: deaths.next, calm });
    expect(run.kills).toEqual(deaths.all);
    expect(judge(calm.snapshot, run.snapshot)).toEqual(flawless);
  });

  it.runIf(serversAvailable())('loses nothing and doubles nothing on PostgreSQL and Redis, app and worker killed four times each', { concurrent: true }, async () => {
    const deaths = inTurn({ app: ['during github.check', 'during github.pull', 'during store.commit-seal', 'during github.group-check'], worker: ['after store.claim', 'before workspace.push', 'after workspace.push', 'before store.finish'] });
    const run = await runOnce({ backend: 'servers', next: deaths.next, calm });
    expect([...run.kills].sort((a, b) => deaths.all.indexOf(a) - deaths.all.indexOf(b))).toEqual(deaths.all);
    expect(judge(calm.snapshot, run.snapshot)).toEqual(flawless);
  });
});

describe('the crash matrix passes', () => {
  const kill: PlannedKill = { role: 'app', place: 'before store.claim', visit: 1, latest: 1, primer: null, misses: 0 };
  const good: KillResult = { kill, happened: true, verdict: flawless, failure: null };

  it.each([
    ['when every kill happened and left nothing behind', [good], true],
    ['not without any kill', [], false],
    ['not when a place was not reached', [good, { ...good, happened: false }], false],
    ['not when something was lost', [good, { ...good, verdict: { lost: ['x'], doubled: [] } }], false],
    ['not when something is there twice', [{ ...good, verdict: { lost: [], doubled: ['x'] } }], false],
    ['not when the missions did not come to an end', [{ ...good, failure: 'waited in vain' }], false],
  ])('%s', (_, results, passes) => {
    expect(isFlawless(results)).toBe(passes);
  });

  it('only after each kill was given out, the one whose chance passes first, and given back when it was not reached', () => {
    const late = { ...kill, latest: 9 };
    const primed: PlannedKill = { ...kill, place: 'after store.expireLeases', latest: 5, primer: { role: 'worker', place: 'after store.claim', visit: 1 } };
    const schedule = new KillSchedule([late, kill, primed]);
    expect(new RunSchedule(schedule, 4).next('app', 0)).toBe(kill);
    const run = new RunSchedule(schedule, 4);
    expect(run.next('app', 0)).toBe(primed);
    expect(run.next('worker', 0)).toMatchObject({ place: 'after store.claim', deadUntil: primed });
    expect(run.next('app', 10)).toBeNull();
    expect(run.next('app', 9)).toBe(late);
    expect([schedule.giveBack(late), schedule.giveBack(late), schedule.giveBack(late)]).toEqual([true, true, false]);
    expect(schedule.left).toBe(1);
  });
});
