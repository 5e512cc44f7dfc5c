import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { missionIdOf } from '../../src/core/mission/source.ts';
import type { MissionSource } from '../../src/core/mission/source.ts';
import type { KnownMission, Observer, Watches } from '../../src/engine/ports/observer.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import { reconcileOnce } from '../../src/engine/reconcile.ts';
import type { ReconcileParts } from '../../src/engine/reconcile.ts';
import { createDeliveryLog } from '../../src/github/delivery-log.ts';
import { missionMarker } from '../../src/github/messages/pull-request.ts';
import { createObserver } from '../../src/github/observer/observer.ts';
import type { MappedSignal } from '../../src/github/webhooks/mapping.ts';
import { signalsOf } from '../../src/github/webhooks/signals-of.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import type { Json } from '../../src/kit/json.ts';
import { createStore } from '../../src/store/store.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { silentLog } from '../support/engine-world.ts';
import { finish } from '../support/forge-world.ts';
import type { Checkout } from '../support/forge-world.ts';
import { seeded, shuffled } from '../support/random.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

const project = 'author/project';
let world: GitHubWorld;
let store: Store & { readonly watches: Watches };
let observer: Observer;
let checkout: Checkout;

async function freshStore(): Promise<typeof store> {
  const database = await emptyDatabase();
  return createStore(database, systemClock);
}

beforeAll(async () => {
  world = await gitHubWorld();
  store = await freshStore();
  observer = createObserver({ credentials: world.credentials, ourBot: world.ourBot, clock: world.jump });
  checkout = await world.checkout();
});
afterAll(async () => {
  await store.close();
  await finish(world);
});

const as = (login: string) => world.forge.as(login);
const second = (count = 1) => world.clock.advance(count * 1000);

function sourceOf(issue: number): MissionSource {
  return { installationId: world.installationId, repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: 'main' }, issue: { number: issue, title: '', author: { kind: 'person', login: 'author' } } };
}

/** What the webhooks since `from` told of one mission. */
function toldByWebhooks(from: number, issue: number): MappedSignal[] {
  return world.hooks
    .slice(from)
    .flatMap((hook) => signalsOf({ id: hook.headers['x-github-delivery'] ?? '', name: hook.headers['x-github-event'] ?? '', payload: hook.payload }, { ourBot: world.ourBot }))
    .filter(({ missionId }) => missionId === missionIdOf(world.repository.id, issue));
}

let transports = 0;
/** Stores signals in an inbox of its own; says of which kinds the new ones were. */
async function receive(inbox: string, signals: readonly Omit<MappedSignal, never>[]): Promise<number> {
  let stored = 0;
  for (const signal of signals) {
    transports += 1;
    const outcome = await store.receive([{ ...signal, missionId: `${inbox}-${signal.missionId}`, source: `t${transports}`, receivedAt: 0 }]);
    stored += outcome.stored;
  }
  return stored;
}

async function pushToTrunk(issue: number, name: string): Promise<void> {
  const branch = `mission/${issue}/trunk`;
  await checkout.git('checkout', '--quiet', '-B', branch, `origin/${(await hasBranch(branch)) ? branch : 'main'}`);
  await checkout.commit(name, { [`${name}.txt`]: name });
  await checkout.git('push', '--quiet', 'origin', `HEAD:${branch}`);
}

async function hasBranch(branch: string): Promise<boolean> {
  await checkout.git('fetch', '--quiet', '--prune');
  return (await checkout.git('branch', '--remotes', '--list', `origin/${branch}`)) !== '';
}

/** The mission's pull request, opened by our own App. */
async function openPull(issue: number): Promise<number> {
  await pushToTrunk(issue, `begin-${issue}`);
  const octokit = world.octokit({ token: await world.installationToken() });
  const body = `Closes #${issue}\n\n${missionMarker(missionIdOf(world.repository.id, issue))}`;
  return (await octokit.rest.pulls.create({ owner: 'author', repo: 'project', title: 'Work', head: `mission/${issue}/trunk`, base: 'main', body })).data.number;
}

/** Things that people do to a mission, each leaving what was said before where it is. */
function actions(issue: number, pull: number): readonly ((nth: number) => Promise<unknown>)[] {
  const comments: number[] = [];
  return [
    () => as('author').addLabel(project, issue, 'mission:pause'),
    () => as('author').removeLabel(project, issue, 'mission:pause').catch(() => undefined),
    () => as('reviewer').addLabel(project, issue, 'mission:queue'),
    () => as('reviewer').removeLabel(project, issue, 'mission:queue').catch(() => undefined),
    () => as('author').removeLabel(project, issue, 'mission').catch(() => undefined),
    () => as('author').addLabel(project, issue, 'mission'),
    async (nth) => comments.push((await as('author').comment(project, issue, `/retry a${nth}\n\n/retry a${nth}`)).id),
    async (nth) => {
      const id = comments.at(-1);
      const before = world.repository.comments(issue).find((comment) => comment.id === id)?.body;
      if (id !== undefined) await as('author').editComment(project, id, `${before}\n\n/retry b${nth}`);
    },
    (nth) => as('reviewer').comment(project, pull, `/approve-gate g${nth}`),
    (nth) => as('reviewer').editIssue(project, issue, { body: `- [ ] task ${nth} <!-- mg:task a -->` }),
    (nth) => as('author').editIssue(project, issue, { title: `Title ${nth}` }),
    (nth) => as('author').editIssue(project, issue, { title: `Both ${nth}`, body: `- [x] task ${nth} <!-- mg:task a -->` }),
    () => as('reviewer').review(project, pull, { event: 'APPROVE', body: 'good' }),
    (nth) => as('reviewer').review(project, pull, { event: 'REQUEST_CHANGES', body: `not ${nth}` }),
    (nth) => pushToTrunk(issue, `push-${issue}-${nth}`),
    async () => {
      await as('author').editIssue(project, issue, { state: 'closed' });
      second();
      await as('author').editIssue(project, issue, { state: 'open' });
    },
  ];
}

describe('webhooks and the re-read', () => {
  it.each([1, 2, 3, 4])('mean the same things, whoever tells first and whatever was lost (seed %i)', async (seed) => {
    const random = seeded(seed);
    second(60);
    await world.forge.idle();
    const from = world.hooks.length;
    const issue = (await as('author').openIssue(project, { title: `Seed ${seed}`, body: 'text <!-- mg:task a -->', labels: ['mission'] })).number;
    const pull = await openPull(issue);
    const known: KnownMission = { source: sourceOf(issue), pull };
    const first = await observer.mission(known, null);
    second(60);
    for (const [nth, action] of shuffled([...actions(issue, pull), ...actions(issue, pull)], random).entries()) {
      await action(nth);
      // Some things happen within the same second.
      if (random() < 0.6) second(1 + Math.floor(random() * 4));
    }
    await world.forge.idle();
    const told = toldByWebhooks(from, issue);
    const look = async (inbox: string) => receive(inbox, [...first.signals, ...(await observer.mission(known, first.memory)).signals]);

    const complete = await receive('webhooks', told);
    expect(complete).toBeGreaterThan(15);
    expect(await look('webhooks')).toBe(0);
    expect(await look('re-read')).toBe(complete);
    expect(await receive('re-read', shuffled(told, random))).toBe(0);
    const some = told.filter(() => random() < 0.7);
    const heard = await receive('both', shuffled(some, random));
    expect(heard + (await look('both'))).toBe(complete);
    expect(await receive('both', told)).toBe(0);
    world.contract.assertKept();
  });

  it('tell of a merge and of a closing with the same key', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Merge', labels: ['mission'] })).number;
    const pull = await openPull(issue);
    await world.forge.idle();
    const from = world.hooks.length;
    await as('author').request('PATCH', `/repos/${project}/pulls/${pull}`, { state: 'closed' });
    const known: KnownMission = { source: sourceOf(issue), pull };
    const first = await observer.mission(known, null);
    second();
    await as('author').request('PATCH', `/repos/${project}/pulls/${pull}`, { state: 'open' });
    await as('author').merge(project, pull);
    const after = await observer.mission(known, first.memory);
    await world.forge.idle();
    const told = toldByWebhooks(from, issue).filter(({ signal }) => signal.kind === 'pull.closed');
    const seen = [...first.signals, ...after.signals].filter(({ signal }) => signal.kind === 'pull.closed');
    expect(seen.map(({ meaning, signal }) => ({ meaning, signal }))).toEqual(told.map(({ meaning, signal }) => ({ meaning, signal })));
  });

  it('tell of a dismissed review and of another base branch with the same key, where it is not known yet', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Taken back', labels: ['mission'] })).number;
    const pull = await openPull(issue);
    const review = await as('reviewer').review(project, pull, { event: 'APPROVE', body: 'good' });
    const known = { source: sourceOf(issue), pull, base: 'main', reviews: [review.id] } satisfies KnownMission;
    const first = await observer.mission(known, null);
    second(60);
    await world.forge.idle();
    const from = world.hooks.length;
    await as('author').request('PUT', `/repos/${project}/pulls/${pull}/reviews/${review.id}/dismissals`, { message: 'Looked at the wrong one' });
    const after = await observer.mission(known, first.memory);
    second(3);
    const main = await as('author').request<{ object: { sha: string } }>('GET', `/repos/${project}/git/ref/heads/main`);
    await as('author').request('POST', `/repos/${project}/git/refs`, { ref: `refs/heads/release-${issue}`, sha: main.object.sha });
    await as('author').request('PATCH', `/repos/${project}/pulls/${pull}`, { base: `release-${issue}` });
    second(3);
    await as('reviewer').comment(project, pull, 'Something else happens later.');
    const last = await observer.mission(known, after.memory);
    await world.forge.idle();
    const told = toldByWebhooks(from, issue).filter(({ signal }) => signal.kind === 'review.dismissed' || signal.kind === 'pull.retargeted');
    expect(told.map(({ signal }) => signal)).toMatchObject([{ kind: 'review.dismissed', reviewId: review.id, actor: { login: 'author' } }, { kind: 'pull.retargeted', from: 'main', to: `release-${issue}`, actor: { login: 'author' } }]);
    const seen = [...after.signals, ...last.signals].filter(({ signal }) => signal.kind === 'review.dismissed' || signal.kind === 'pull.retargeted');
    expect(seen.map(({ meaning, signal }) => ({ meaning, signal }))).toEqual(told.map(({ meaning, signal }) => ({ meaning, signal })));
    expect(await receive('dismissed', told)).toBe(2);
    expect(await receive('dismissed', seen)).toBe(0);
    // What is known already is looked for no more.
    const quiet = await observer.mission({ ...known, base: `release-${issue}`, reviews: [] }, first.memory);
    expect(quiet.signals.filter(({ signal }) => signal.kind === 'review.dismissed' || signal.kind === 'pull.retargeted')).toEqual([]);
    world.contract.assertKept();
  });

  it('do not speak in the name of people whose comments others have edited', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Tampered', labels: ['mission'] })).number;
    const { id } = await as('author').comment(project, issue, 'I think about it.');
    const known: KnownMission = { source: sourceOf(issue), pull: null };
    second();
    await as('reviewer').editComment(project, id, '/approve-gate build');
    expect((await observer.mission(known, null)).signals.map(({ signal }) => signal.kind)).toEqual(['mission.requested']);
    second();
    // Also not when the author has the last word.
    await as('author').editComment(project, id, '/approve-gate build\n\nwell');
    expect((await observer.mission(known, null)).signals.map(({ signal }) => signal.kind)).toEqual(['mission.requested']);
  });

  it('leave out what was said to an issue before it became a mission', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Old', body: 'x <!-- mg:task a -->' })).number;
    await as('author').comment(project, issue, '/cancel');
    await as('author').editIssue(project, issue, { state: 'closed' });
    await as('author').editIssue(project, issue, { state: 'open', body: 'y <!-- mg:task a -->', title: 'Older' });
    second(3600);
    await as('author').addLabel(project, issue, 'mission:queue');
    second();
    await as('author').addLabel(project, issue, 'mission');
    const { signals } = await observer.mission(null, { place: { installationId: world.installationId, repository: sourceOf(issue).repository, issue } });
    expect(signals.map(({ signal }) => signal.kind)).toEqual(['mission.queue-requested', 'mission.requested']);
  });
});

describe('a quiet look', () => {
  it('is five requests with a pull request, three without, none of which costs anything', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Quiet', labels: ['mission'] })).number;
    const pull = await openPull(issue);
    for (const known of [{ source: sourceOf(issue), pull }, { source: sourceOf(issue), pull: null }] satisfies KnownMission[]) {
      let { memory } = await observer.mission(known, null);
      // GitHub counts in seconds: what had changed is looked at in full once more.
      ({ memory } = await observer.mission(known, memory));
      const before = world.forge.requests().length;
      const { used } = world.forge.quota(`installation:${world.installationId}`);
      const observation = await observer.mission(known, memory);
      expect(observation).toMatchObject({ signals: [], quiet: true });
      const made = world.forge.requests().slice(before);
      expect(made.map(({ status }) => status)).toEqual(Array.from({ length: known.pull === null ? 3 : 5 }, () => 304));
      expect(world.forge.quota(`installation:${world.installationId}`).used).toBe(used);
    }
  });

  it('is not taken when less than a fifth of the hourly budget is left', async () => {
    const issue = (await as('author').openIssue(project, { title: 'Budget', labels: ['mission'] })).number;
    const known: KnownMission = { source: sourceOf(issue), pull: null };
    world.forge.setQuota(`installation:${world.installationId}`, { limit: 5000, remaining: 900, resetInSeconds: 600 });
    await expect(observer.mission(known, null)).rejects.toMatchObject({ failure: 'rate-limit', retryAfterMs: expect.closeTo(600_000, -4) as number });
    const before = world.forge.requests().length;
    await expect(observer.mission(known, null)).rejects.toMatchObject({ failure: 'rate-limit' });
    expect(world.forge.requests().length).toBe(before);
    world.clock.advance(600_000);
    world.forge.setQuota(`installation:${world.installationId}`, {});
    expect((await observer.mission(known, null)).signals).toHaveLength(1);
  });
});

describe('a round of re-reading', () => {
  const minute = 60_000;
  let own: typeof store;
  let kept: Json[];
  let parts: ReconcileParts;
  let owners = 0;
  beforeEach(async () => {
    own = await freshStore();
    kept = [];
    parts = {
      store: own,
      watches: own.watches,
      observer,
      deliveries: createDeliveryLog(world.credentials, world.jump),
      receive: async (signals) => (await own.receive(signals)).stored,
      clock: world.jump,
      log: { ...silentLog, warn: (message, facts) => kept.push({ message, ...facts }) },
      newOwner: () => `owner-${(owners += 1)}`,
      everyMs: minute,
    };
    await world.forge.idle();
    world.hookStatus = 200;
    // What earlier tests left in the log is past.
    world.clock.advance(4 * 24 * 60 * minute);
    return () => own.close();
  });

  /** Rounds until one looks at nothing any more. */
  async function rounds() {
    const total = { looks: 0, found: 0, redelivered: 0 };
    for (;;) {
      const round = await reconcileOnce(parts);
      if (round.looks === 0) return total;
      total.looks += round.looks;
      total.found += round.found;
      total.redelivered += round.redelivered;
    }
  }

  it('finds missions nobody told of, once, and looks again more and more rarely', async () => {
    await rounds();
    world.clock.advance(6 * minute);
    const issue = (await as('author').openIssue(project, { title: 'Unheard', labels: ['mission', 'mission:queue'] })).number;
    expect((await rounds()).found).toBe(2);
    expect(kept.at(-1)).toMatchObject({ subject: `mission:${missionIdOf(world.repository.id, issue)}`, found: 2 });
    expect(await rounds()).toEqual({ looks: 0, found: 0, redelivered: 0 });
    const looksAt = async () => {
      const before = world.forge.requests().length;
      await rounds();
      return Math.min(1, world.forge.requests().slice(before).filter(({ path }) => path === `/repos/${project}/issues/${issue}`).length);
    };
    const looks: number[] = [];
    for (let passed = 0; passed < 30; passed += 1) {
      world.clock.advance(minute);
      looks.push(await looksAt());
    }
    expect(looks.slice(0, 3).some((count) => count > 0)).toBe(true);
    const total = looks.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(6);
    expect(total).toBeLessThanOrEqual(10);
  });

  it('has what nobody took delivered again, oldest first and once', async () => {
    world.hookStatus = 503;
    const issue = (await as('author').openIssue(project, { title: 'Outage', labels: ['mission'] })).number;
    second();
    for (let nth = 0; nth < 25; nth += 1) await as('author').comment(project, issue, `/retry t${nth}`);
    await as('author').addLabel(project, issue, 'bug');
    await world.forge.idle();
    world.hookStatus = 202;
    const from = world.hooks.length;
    const portions: number[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      portions.push((await rounds()).redelivered);
      await world.forge.idle();
      second(5);
    }
    expect(portions).toEqual([10, 10, 8, 0]);
    const again = world.hooks.slice(from).map(({ headers }) => headers['x-github-delivery']);
    expect(new Set(again).size).toBe(again.length);
    // The label `bug` may have meant something as far as the log tells; other events are left alone.
    expect(again).toHaveLength(28);
    const order = again.map((guid) => world.forge.deliveries().findIndex((delivery) => delivery.guid === guid));
    const portion = (nth: number) => order.slice(nth * 10, nth * 10 + 10);
    expect(Math.max(...portion(0))).toBeLessThan(Math.min(...portion(1)));
    expect(Math.max(...portion(1))).toBeLessThan(Math.min(...portion(2)));
    const failed = world.forge.deliveries().filter(({ attempts }) => attempts.length > 0 && attempts.every(({ statusCode }) => statusCode !== 202) && attempts.some(({ statusCode }) => statusCode === 503));
    expect([...new Set(failed.map(({ event }) => event))]).toEqual(expect.not.arrayContaining(['issues', 'issue_comment']));
    for (let passed = 0; passed < 5; passed += 1) {
      world.clock.advance(minute);
      expect((await rounds()).redelivered).toBe(0);
    }
  });

  it('asks three times at most for what is never taken, and not in a hurry', async () => {
    await rounds();
    world.hookStatus = 500;
    const issue = (await as('author').openIssue(project, { title: 'Refused' })).number;
    await as('author').comment(project, issue, '/help');
    await world.forge.idle();
    const asked: number[] = [];
    for (let passed = 0; passed < 60; passed += 1) {
      world.clock.advance(minute);
      asked.push((await rounds()).redelivered);
      await world.forge.idle();
    }
    expect(asked.filter((count) => count > 0)).toEqual([2, 2, 2]);
    const minutes = asked.flatMap((count, nth) => (count > 0 ? [nth] : []));
    expect(minutes.slice(1).every((nth, before) => nth - (minutes[before] ?? 0) >= 10)).toBe(true);
  });

  it('asks for none twice in a row when it dies between noting and asking', async () => {
    await rounds();
    world.hookStatus = 500;
    await as('author').openIssue(project, { title: 'Dies' });
    await world.forge.idle();
    world.hookStatus = 202;
    world.clock.advance(minute);
    const alive = parts;
    parts = { ...alive, deliveries: { ...alive.deliveries, redeliver: () => Promise.reject(new Error('killed')) } };
    const from = world.hooks.length;
    await rounds();
    parts = alive;
    for (let passed = 0; passed < 20; passed += 1) {
      world.clock.advance(minute);
      await rounds();
      await world.forge.idle();
    }
    expect(world.hooks.length - from).toBe(1);
  });

  it('asks for none in a loop when it dies each time it has asked', async () => {
    await rounds();
    world.hookStatus = 500;
    await as('author').openIssue(project, { title: 'Dies later' });
    await world.forge.idle();
    const from = world.hooks.length;
    const { deliveries } = parts;
    parts = { ...parts, deliveries: { ...deliveries, redeliver: async (attemptId) => deliveries.redeliver(attemptId).then(() => Promise.reject(new Error('killed'))) } };
    for (let passed = 0; passed < 8; passed += 1) {
      world.clock.advance(minute);
      await rounds();
      await world.forge.idle();
    }
    expect(world.hooks.length - from).toBe(1);
  });

  it('goes on where GitHub refuses, without losing what it knew', async () => {
    await rounds();
    world.clock.advance(6 * minute);
    await as('author').openIssue(project, { title: 'Later', labels: ['mission'] });
    world.forge.addFault({ match: { path: '/issues$' }, effect: { status: 502 } });
    expect((await rounds()).found).toBe(0);
    world.forge.clearFaults();
    world.clock.advance(6 * minute);
    expect((await rounds()).found).toBe(1);
  });
});
