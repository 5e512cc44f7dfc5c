import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDeliveryLog } from '../../../src/github/delivery-log.ts';
import { seeded } from '../../support/random.ts';
import { observe } from './observe.ts';
import { at, essence, outcomeOf, Side } from './side.ts';
import type { Step } from './side.ts';
import { forgeStage, simulatedStage } from './stage.ts';
import type { SimulatedStage, Stage } from './stage.ts';

type Query = Readonly<Record<string, string | number>>;
type Read = readonly [name: string, path: string, query?: Query, asApp?: boolean];

const issueAt = '/repos/author/project/issues/{issue}';
const pullAt = '/repos/author/project/pulls/{pull}';
const missions = { labels: 'mission', state: 'open', sort: 'updated', direction: 'desc', per_page: 100, page: 1 };
const firstPage = { per_page: 100, page: 1 };
const trunk = { ref: 'refs/heads/trunk', per_page: 100 };

/** What the product reads again and again, and some more of the same routes. */
const reads: readonly Read[] = [
  ['the installations', '/app/installations', firstPage, true],
  ['the repositories', '/installation/repositories', firstPage],
  ['the missions', '/repos/author/project/issues', missions],
  ['all issues', '/repos/author/project/issues', { state: 'all', direction: 'asc' }],
  ['two of all issues', '/repos/author/project/issues', { state: 'all', per_page: 2 }],
  ['closed issues', '/repos/author/project/issues', { state: 'closed' }],
  ['the issue', issueAt],
  ['its history', `${issueAt}/events`, firstPage],
  ['a page of its history', `${issueAt}/events`, { per_page: 2, page: 2 }],
  ['its conversation', `${issueAt}/comments`, { since: '2020-01-01T00:00:00Z', ...firstPage }],
  ['no conversation', `${issueAt}/comments`, { since: '2040-01-01T00:00:00Z', ...firstPage }],
  ['the trunk', '/repos/author/project/activity', trunk],
  ['no branch', '/repos/author/project/activity', { ...trunk, ref: 'refs/heads/none' }],
  ['the pull request', pullAt],
  ['its reviews', `${pullAt}/reviews`, firstPage],
  ['a page of its reviews', `${pullAt}/reviews`, { per_page: 1, page: 2 }],
  ['its conversation', '/repos/author/project/issues/{pull}/comments', { since: '2020-01-01T00:00:00Z', ...firstPage }],
];

const doings: readonly Step[] = [
  ['nothing', () => undefined],
  ['a label', ({ stage, ids }) => stage.actor('reviewer').label(ids.get('issue') ?? 0, 'mission:pause')],
  ['a label off', ({ stage, ids }) => stage.actor('reviewer').unlabel(ids.get('issue') ?? 0, 'mission:pause')],
  ['a word', ({ stage, ids }) => stage.actor('stranger').comment(ids.get('issue') ?? 0, 'Hello.')],
  ['a word on the pull request', ({ stage, ids }) => stage.actor('reviewer').comment(ids.get('pull') ?? 0, '/status')],
  ['an edited word', ({ stage, ids }) => stage.actor('reviewer').editComment(ids.get('comment') ?? 0, 'Edited by another.')],
  ['a word edited to what it is', ({ stage, ids }) => stage.actor('reviewer').editComment(ids.get('comment') ?? 0, 'Edited by another.')],
  ['a reaction', ({ octokit, ids }) => octokit.rest.reactions.createForIssueComment({ ...at, comment_id: ids.get('comment') ?? 0, content: 'eyes' })],
  ['a name', ({ stage, ids }) => stage.actor('author').editIssue(ids.get('issue') ?? 0, { title: 'Renamed' })],
  ['a text', ({ stage, ids }) => stage.actor('author').editIssue(ids.get('issue') ?? 0, { body: 'first' })],
  ['a text by another', ({ stage, ids }) => stage.actor('reviewer').editIssue(ids.get('issue') ?? 0, { body: 'second' })],
  ['a text by us', ({ octokit, ids }) => octokit.rest.issues.update({ ...at, issue_number: ids.get('issue') ?? 0, body: 'third' })],
  ['a push by hand', ({ stage }) => stage.actor('author').push('trunk', { 'by-hand.txt': '1' })],
  ['a push elsewhere', ({ stage }) => stage.actor('author').push('other', { 'other.txt': '1' })],
  ['a forced push', (side) => side.commit('forced', 'trunk', 'main', { 'forced.txt': '1' })],
  ['a new base', ({ stage }) => stage.actor('author').push('main', { 'base.txt': '1' })],
  ['a verdict', ({ stage, ids }) => stage.actor('reviewer').review(ids.get('pull') ?? 0, 'request-changes', 'Not yet.')],
  ['another verdict', ({ stage, ids }) => stage.actor('reviewer').review(ids.get('pull') ?? 0, 'approve', '')],
  ['closing', ({ stage, ids }) => stage.actor('author').closeIssue(ids.get('issue') ?? 0)],
  ['opening again', ({ stage, ids }) => stage.actor('author').reopenIssue(ids.get('issue') ?? 0)],
  ['another issue', ({ stage }) => stage.world.forge.as('author').openIssue('author/project', { title: 'Other' })],
  ['a role', ({ stage }) => stage.setRole('stranger', 'triage')],
  ['merging', ({ stage, ids }) => stage.actor('author').mergePull(ids.get('pull') ?? 0)],
  ['deleting the trunk', ({ stage }) => stage.actor('author').deleteBranch('trunk')],
];

const history = 'query($id: ID!) { node(id: $id) { ... on Issue { userContentEdits(first: 50) { nodes { editedAt editor { __typename login } diff } } } } }';

/** One of the two GitHubs as it is re-read: what was seen last, and its ETag. */
class Reread extends Side {
  readonly seen = new Map<Read, { readonly etag: string; readonly essence: unknown }>();

  async prepare(): Promise<void> {
    const { stage, octokit, ids } = this;
    ids.set('issue', (await stage.world.forge.as('author').openIssue('author/project', { title: 'I', body: 'B', labels: ['mission'] })).number);
    ids.set('comment', (await octokit.rest.issues.createComment({ ...at, issue_number: this.id('issue'), body: 'ours' })).data.id);
    await this.commit('one', 'trunk', 'main', { 'one.txt': '1' });
    await this.commit('other', 'other', 'main', { 'two.txt': '2' });
    ids.set('pull', (await octokit.rest.pulls.create({ ...at, title: 'T', body: `Closes #${this.id('issue')}`, head: 'trunk', base: 'main' })).data.number);
    await this.considerMerge();
  }

  /** Whether it can be merged is known from the second look on. */
  async considerMerge(): Promise<void> {
    await this.octokit.rest.pulls.get({ ...at, pull_number: this.id('pull') });
  }

  /** The status of the conditional call, and what it shows now. */
  async read(read: Read): Promise<{ readonly status: number; readonly essence: unknown }> {
    const [, path, query = {}, asApp = false] = read;
    const client = asApp ? this.stage.world.credentials.app : this.octokit;
    const before = this.seen.get(read);
    try {
      const address = path.replace(/\{(\w+)\}/, (_, name: string) => String(this.id(name)));
      const answer = await client.request(`GET ${address}`, { ...query, headers: before === undefined ? {} : { 'if-none-match': before.etag } });
      const shown = { data: essence(answer.data), hasMore: answer.headers.link?.includes('rel="next"') ?? false };
      this.seen.set(read, { etag: answer.headers.etag ?? '', essence: shown });
      return { status: answer.status, essence: shown };
    } catch (error) {
      if ((error as { status?: number }).status !== 304) throw error;
      return { status: 304, essence: before?.essence };
    }
  }
}

describe('what is read again, at the forge and at the simulated GitHub', () => {
  let there: Reread;
  let here: Reread;
  let contract: ReturnType<typeof observe>;
  beforeAll(async () => {
    there = new Reread(await forgeStage('refused'));
    const simulated = simulatedStage();
    contract = observe(simulated.gitHub);
    here = new Reread(simulated);
    // The sandbox's strangers have no role at all.
    simulated.setRole('stranger', 'none');
    for (const side of [there, here]) {
      await side.prepare();
      for (const read of reads) await side.read(read);
    }
  });
  afterAll(() => there.stage.finish());

  it.each(doings.map((doing) => ({ name: doing[0], doing })))('is the same after $name, and as little of it new', async ({ doing }) => {
    for (const side of [there, here]) {
      side.stage.world.clock.advance(3000);
      await doing[1](side);
      await side.considerMerge();
    }
    for (const read of reads) {
      const [expected, found] = [await there.read(read), await here.read(read)];
      expect([read[0], found.essence]).toEqual([read[0], expected.essence]);
      if (expected.status === 304) expect([read[0], found.status]).toEqual([read[0], 304]);
    }
  });

  it('tells who wrote which version of a text', async () => {
    for (const name of ['issue', 'comment', 'pull', 'none']) {
      const shown = await Promise.all([there, here].map(async (side) => {
        const { data } = name === 'comment' ? await side.octokit.rest.issues.getComment({ ...at, comment_id: side.id(name) }).catch(() => ({ data: { node_id: `IC_${side.id(name)}` } })) : name === 'none' ? { data: { node_id: 'I_none' } } : await side.octokit.rest.issues.get({ ...at, issue_number: side.id(name) });
        return outcomeOf(side, ['history', async () => ({ status: 200, data: await side.octokit.graphql(history, { id: data.node_id }) })]);
      }));
      expect([name, shown[1]]).toEqual([name, shown[0]]);
    }
  });

  it('keeps to what GitHub says of itself', () => {
    expect(contract.problems()).toEqual([]);
    expect([...contract.routes].filter((route) => /installation|\/issues|activity|pulls\/|graphql/.test(route)).length).toBeGreaterThan(10);
  });
});

describe('an ETag of the simulated GitHub', () => {
  it('never stands for two answers, however much happens in one second', async () => {
    const stage = simulatedStage();
    const { gitHub, world } = stage;
    const side = new Reread(stage);
    await side.prepare();
    const known = new Map<string, string>();
    let same = 0;
    gitHub.observe = ({ answer }) => {
      const { etag } = answer.headers;
      if (etag === undefined) return;
      const body = JSON.stringify(answer.body);
      if (known.get(etag) === body) same += 1;
      expect(known.get(etag) ?? body).toBe(body);
      known.set(etag, body);
    };
    const random = seeded(7);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const author = gitHub.asPerson('author');
    const ofTheMoment = [
      (turn: number) => author.editComment(side.id('comment'), `word ${turn}`),
      (turn: number) => author.editIssue(side.id('issue'), { body: `text ${turn}` }),
      // Collides with the trunk, or no longer.
      (turn: number) => author.push('main', { 'one.txt': turn % 2 === 0 ? null : String(turn) }),
    ];
    const early = doings.filter(([name]) => name !== 'merging' && name !== 'deleting the trunk');
    for (let turn = 0; turn < 150; turn += 1) {
      world.clock.advance(pick([0, 100, 1000]));
      pick(ofTheMoment)(turn);
      // What cannot be done now is left.
      await Promise.resolve(side).then(pick(turn < 100 ? early : doings)[1]).catch(() => undefined);
      if (random() < 0.1) gitHub.setRole('reviewer', pick(['write', 'none']));
      if (random() < 0.1) gitHub.setPermission('checks', pick([null, 'write']));
      side.seen.clear();
      for (const read of reads) await side.read(read);
    }
    expect(known.size).toBeGreaterThan(150);
    expect(same).toBeGreaterThan(known.size);
  });
});

describe('the log of deliveries, at the forge and at the simulated GitHub', () => {
  const clockOf = (stage: Stage) => stage.world.jump;

  async function settle(stage: Stage, statusCode: number): Promise<void> {
    if ('gitHub' in stage) {
      const { gitHub } = stage as SimulatedStage;
      for (const delivery of [...gitHub.takeDeliveries(), ...gitHub.takeRedeliveries()]) gitHub.noteAttempt(delivery, statusCode);
    } else await stage.world.forge.idle();
  }

  /** The same conversation, of which nothing is taken; then some of it is sent again. */
  async function log(stage: Stage): Promise<unknown[]> {
    const deliveries = createDeliveryLog(stage.world.credentials, clockOf(stage));
    const shown: unknown[] = [];
    const look = async (since = 0): Promise<Awaited<ReturnType<typeof deliveries.failedSince>>['failed']> => {
      const { failed, newest } = await deliveries.failedSince(since);
      shown.push({ failed: failed.map(({ event }) => event).toSorted(), newest: newest === null });
      return failed;
    };
    Object.assign(stage.world, { hookStatus: 500 });
    const { number } = await stage.world.forge.as('author').openIssue('author/project', { title: 'I', labels: ['mission'] });
    await stage.actor('reviewer').comment(number, 'one');
    await settle(stage, 500);
    const middle = stage.world.clock.now() + 30_000;
    stage.world.clock.advance(60_000);
    await stage.actor('reviewer').comment(number, 'two');
    await settle(stage, 500);
    await look(middle);
    const failed = await look();
    for (const delivery of failed.slice(0, 2)) await deliveries.redeliver(delivery.attemptId);
    await settle(stage, 500);
    const again = await look();
    shown.push(failed.slice(0, 2).map(({ guid, attemptId }) => again.some((one) => one.guid === guid && one.attemptId > attemptId)));
    Object.assign(stage.world, { hookStatus: 202 });
    for (const delivery of again.slice(-2)) await deliveries.redeliver(delivery.attemptId);
    await settle(stage, 202);
    await look();
    // One that is not there is nobody's loss.
    await deliveries.redeliver(5);
    return shown;
  }

  it('shows the same', async () => {
    const forge = await forgeStage('refused');
    const simulated = simulatedStage();
    const contract = observe(simulated.gitHub);
    const [there, here] = [await log(forge), await log(simulated)];
    await forge.finish();
    expect(here).toEqual(there);
    expect(contract.problems()).toEqual([]);
  });

  it('goes back over as many pages as there are, and stays put while it is read', async () => {
    const stage = simulatedStage();
    const { gitHub } = stage;
    const person = gitHub.asPerson('author');
    const issue = person.openIssue('Much said');
    for (let count = 0; count < 250; count += 1) person.comment(issue, 'word');
    await settle(stage, 0);
    const app = stage.world.credentials.app;
    const [first] = gitHub.deliveries;
    const seen: number[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const answer = await app.request('GET /app/hook/deliveries', { per_page: 100, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...(answer.data as { id: number }[]).map(({ id }) => id));
      const next = /<([^>]+)>; rel="next"/.exec(answer.headers.link ?? '')?.[1];
      more = next !== undefined;
      cursor = next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
      if (first) gitHub.noteAttempt(first, 0);
    }
    expect(seen).toHaveLength(251);
    expect(seen).toEqual([...new Set(seen)].toSorted((one, other) => other - one));
    expect((await createDeliveryLog(stage.world.credentials, clockOf(stage)).failedSince(0)).failed).toHaveLength(251);
  });
});
