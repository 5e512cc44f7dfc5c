import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { missionIdOf } from '../../src/core/mission/source.ts';
import { missionMarker } from '../../src/github/messages/pull-request.ts';
import type { MappedSignal, OurBot } from '../../src/github/webhooks/mapping.ts';
import { listenedEvents, signalsOf } from '../../src/github/webhooks/signals-of.ts';
import * as fc from '../support/fast-check.ts';
import { finish, forgeWorld } from '../support/forge-world.ts';
import type { ForgeWorld, ReceivedHook } from '../support/forge-world.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}
const corpus = (createRequire(import.meta.url)('@octokit/webhooks-examples') as { default?: Example[] } & Example[]) satisfies Iterable<Example>;

let world: ForgeWorld;
let ourBot: OurBot;
beforeAll(async () => {
  world = await forgeWorld();
  ourBot = { login: world.app.botLogin, appId: world.app.appId };
});
afterAll(() => finish(world));

/** The webhooks that an action causes, as the forge signs and sends them. */
async function hooksOf(action: () => Promise<unknown>): Promise<readonly ReceivedHook[]> {
  await world.forge.idle();
  const before = world.hooks.length;
  await action();
  await world.forge.idle();
  return world.hooks.slice(before);
}

function eventOf(hook: ReceivedHook) {
  return { id: hook.headers['x-github-delivery'] ?? '', name: hook.headers['x-github-event'] ?? '', payload: hook.payload };
}

async function signalsFrom(action: () => Promise<unknown>): Promise<readonly MappedSignal[]> {
  return (await hooksOf(action)).flatMap((hook) => signalsOf(eventOf(hook), { ourBot }));
}

const as = (login: string) => world.forge.as(login);
const kinds = (signals: readonly MappedSignal[]) => signals.map(({ signal }) => signal.kind);
const id = (issue: number) => missionIdOf(world.repository.id, issue);

describe('issues', () => {
  it('ask to become missions by the label, whether put on later or at opening', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Later', body: 'text' });
    const later = await signalsFrom(() => as('author').addLabel('author/project', issue.number, 'mission'));
    expect(later).toHaveLength(1);
    expect(later[0]).toMatchObject({ missionId: id(issue.number), signal: { kind: 'mission.requested', title: 'Later', body: 'text', actor: { kind: 'person', login: 'author' }, source: { installationId: world.installationId, repository: { owner: 'author', name: 'project', defaultBranch: 'main' } } } });

    const opened = await signalsFrom(() => as('author').openIssue('author/project', { title: 'At once', labels: ['mission'] }));
    // GitHub tells twice; it means one thing.
    expect(new Set(opened.map(({ meaning }) => meaning)).size).toBe(1);
    expect(new Set(kinds(opened))).toEqual(new Set(['mission.requested']));
  });

  it('are queued, paused and resumed by labels, each time anew', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Labels', labels: ['mission'] });
    // All within one second, which is all that `updated_at` tells.
    const label = (name: string, on: boolean) =>
      signalsFrom(() => (on ? as('reviewer').addLabel('author/project', issue.number, name) : as('reviewer').removeLabel('author/project', issue.number, name)));
    const first = await label('mission:queue', true);
    const off = await label('mission:queue', false);
    const second = await label('mission:queue', true);
    expect([kinds(first), kinds(off), kinds(second)]).toEqual([['mission.queue-requested'], [], ['mission.queue-requested']]);
    expect(first[0]?.meaning).not.toBe(second[0]?.meaning);
    expect(kinds(await label('mission:pause', true))).toEqual(['mission.pause-requested']);
    expect(kinds(await label('mission:pause', false))).toEqual(['mission.resume-requested']);
    expect(kinds(await label('bug', true))).toEqual([]);
    expect((await label('mission', false)).map(({ signal }) => signal)).toMatchObject([{ kind: 'mission.pause-requested', why: 'unlabelled', actor: { login: 'reviewer' } }]);
  });

  it('tell of edits with what stood there before, and of closing; others\' issues are left alone', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Edits', body: 'old', labels: ['mission'] });
    const [edited] = await signalsFrom(() => as('reviewer').editIssue('author/project', issue.number, { body: 'new' }));
    expect(edited?.signal).toMatchObject({ kind: 'issue.edited', body: 'new', previousBody: 'old', actor: { login: 'reviewer' } });
    const both = await signalsFrom(() => as('author').editIssue('author/project', issue.number, { title: 'Edited', body: 'newer' }));
    expect(both.map(({ signal }) => (signal.kind === 'issue.edited' ? [signal.title, signal.previousBody, signal.body] : null))).toEqual([['Edited', 'newer', 'newer'], ['Edited', 'new', 'newer']]);
    expect(kinds(await signalsFrom(() => as('reviewer').editIssue('author/project', issue.number, { state: 'closed' })))).toEqual(['issue.closed']);
    const plain = await as('author').openIssue('author/project', { title: 'Plain', body: 'x' });
    expect(await signalsFrom(() => as('author').editIssue('author/project', plain.number, { body: 'y' }))).toEqual([]);
    expect(await signalsFrom(() => as('author').editIssue('author/project', plain.number, { state: 'closed' }))).toEqual([]);
  });
});

describe('comments', () => {
  it('give the commands in them, edited ones only those that are new and only by their author', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Talk', labels: ['mission'] });
    const given = await signalsFrom(() => as('author').comment('author/project', issue.number, '/retry api\n\n`/cancel`\n\n> /cancel\n\n/pause for lunch'));
    expect(given.map(({ signal }) => (signal.kind === 'command.given' ? [signal.command.name, signal.conversation] : null))).toEqual([['retry', issue.number], ['pause', issue.number]]);
    expect(new Set(given.map(({ meaning }) => meaning)).size).toBe(2);
    const created = Date.parse(world.repository.comments(issue.number)[0] ? new Date(world.repository.comments(issue.number)[0]?.createdAt ?? 0).toISOString().replace(/\.\d+/, '') : '');
    expect(given[0]?.signal).toMatchObject({ writtenAt: created });
    const [first] = given;
    const commentId = first?.signal.kind === 'command.given' ? first.signal.commentId : 0;
    world.clock.advance(1000);
    const edited = await signalsFrom(() => as('author').editComment('author/project', commentId, '/retry api\n\n/resume'));
    expect(edited.map(({ signal }) => (signal.kind === 'command.given' ? signal.command.name : null))).toEqual(['resume']);
    expect(await signalsFrom(() => as('author').editComment('author/project', commentId, '/retry api\n\n/resume\n\nthanks'))).toEqual([]);
    const [hook] = await hooksOf(() => as('author').editComment('author/project', commentId, '/cancel'));
    if (!hook) throw new Error('no webhook');
    expect(kinds(signalsOf(eventOf(hook), { ourBot }))).toEqual(['command.given']);
    const tampered = { ...eventOf(hook), payload: { ...hook.payload, sender: { login: 'reviewer', type: 'User' } } };
    expect(signalsOf(tampered, { ourBot })).toEqual([]);
    expect(await signalsFrom(() => as('author').deleteComment('author/project', commentId))).toEqual([]);
  });

  it('of bots, and mistakes outside of missions, give nothing', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'No mission' });
    expect(await signalsFrom(() => as('author').comment('author/project', issue.number, '/retrry api'))).toEqual([]);
    expect(kinds(await signalsFrom(() => as('author').comment('author/project', issue.number, '/help')))).toEqual(['command.given']);
    const [hook] = await hooksOf(() => as('author').comment('author/project', issue.number, '/pause'));
    if (!hook) throw new Error('no webhook');
    const comment = hook.payload['comment'] as object;
    const byBot = { ...eventOf(hook), payload: { ...hook.payload, comment: { ...comment, user: { login: 'other[bot]', type: 'Bot' } }, sender: { login: 'other[bot]', type: 'Bot' } } };
    expect(signalsOf(byBot, { ourBot })).toEqual([]);
  });
});

describe('the pull request', () => {
  it('of our own bot names its mission; a marker in anybody else\'s does not', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Pull', labels: ['mission'] });
    const checkout = await world.clone(world.tokens.author);
    await checkout.git('checkout', '--quiet', '-b', `mission/${issue.number}/trunk`);
    await checkout.commit('change', { 'a.txt': String(issue.number) });
    const pushed = await signalsFrom(() => checkout.git('push', '--quiet', 'origin', 'HEAD'));
    expect(kinds(pushed)).toEqual(['trunk.pushed']);
    expect(pushed[0]?.missionId).toBe(id(issue.number));

    const octokit = world.octokit({ token: await world.installationToken() });
    const body = `Closes #${issue.number}\n\n${missionMarker(id(issue.number))}`;
    const { data: pull } = await octokit.rest.pulls.create({ owner: 'author', repo: 'project', title: 'Work', head: `mission/${issue.number}/trunk`, base: 'main', body });
    const [command] = await signalsFrom(() => as('reviewer').comment('author/project', pull.number, '/approve-gate build'));
    expect(command).toMatchObject({ missionId: id(issue.number), signal: { kind: 'command.given', conversation: pull.number, source: { issue: { number: issue.number } } } });

    const review = await signalsFrom(() => as('reviewer').review('author/project', pull.number, { event: 'APPROVE', body: 'nice' }));
    expect(review).toMatchObject([{ missionId: id(issue.number), signal: { kind: 'review.submitted', verdict: 'approved', commit: pull.head.sha, pull: pull.number, actor: { login: 'reviewer' } } }]);
    expect(await signalsFrom(() => as('reviewer').review('author/project', pull.number, { event: 'COMMENT', body: 'hm' }))).toEqual([]);

    await checkout.git('checkout', '--quiet', '-b', 'other');
    await checkout.commit('more', { 'b.txt': 'b' });
    await checkout.git('push', '--quiet', 'origin', 'HEAD');
    const foreign = await as('author').openPull('author/project', { title: 'Mine', head: 'other', base: 'main', body });
    expect(await signalsFrom(() => as('reviewer').comment('author/project', foreign.number, '/approve-gate build'))).toEqual([]);
    expect(await signalsFrom(() => as('reviewer').review('author/project', foreign.number, { event: 'APPROVE' }))).toEqual([]);

    const closed = await signalsFrom(() => as('author').merge('author/project', pull.number));
    expect(closed.find(({ signal }) => signal.kind === 'pull.closed')).toMatchObject({ meaning: `pull-merged:${id(issue.number)}:${pull.number}`, signal: { merged: true, pull: pull.number, actor: { login: 'author' } } });
  });

  it('of a fork never becomes anything, even from a branch that is called like a trunk', async () => {
    await world.forge.fork('author/project', 'stranger');
    const issue = await as('author').openIssue('author/project', { title: 'Fork', labels: ['mission'] });
    const checkout = await world.clone(world.tokens.stranger, 'stranger/project');
    await checkout.git('checkout', '--quiet', '-b', `mission/${issue.number}/trunk`);
    await checkout.commit('evil', { 'evil.txt': 'x' });
    await checkout.git('push', '--quiet', 'origin', 'HEAD');
    const signals = await signalsFrom(async () => {
      const pull = await as('stranger').openPull('author/project', { title: 'Fork', head: `stranger:mission/${issue.number}/trunk`, base: 'main', body: missionMarker(id(issue.number)) });
      await as('reviewer').review('author/project', pull.number, { event: 'APPROVE' });
      await as('author').comment('author/project', pull.number, '/approve-gate build');
      await as('author').request('PATCH', `/repos/author/project/pulls/${pull.number}`, { state: 'closed' });
    });
    // It belongs to no mission, whatever its branch is called.
    expect(signals.map(({ signal }) => signal)).toMatchObject([{ kind: 'outside-pull.offered', pull: { isOurs: false } }, { kind: 'outside-pull.left' }]);
    expect(signals.map(({ missionId }) => missionId)).not.toContain(id(issue.number));
  });

  it('of no mission is told of for each commit it stands on, and of its check when somebody asks again', async () => {
    const main = await as('author').request<{ commit: { sha: string } }>('GET', '/repos/author/project/branches/main');
    await as('author').request('POST', '/repos/author/project/git/refs', { ref: 'refs/heads/ordinary', sha: main.commit.sha });
    const put = async (path: string) => (await as('author').request<{ commit: { sha: string } }>('PUT', `/repos/author/project/contents/${path}`, { message: 'x', content: Buffer.from(path).toString('base64'), branch: 'ordinary' })).commit.sha;
    const first = await put('one.md');
    let number = 0;
    const opened = await signalsFrom(async () => {
      ({ number } = await as('author').openPull('author/project', { title: 'Ordinary', head: 'ordinary', base: 'main', draft: true }));
    });
    const at = (commit: string) => `r${world.repository.id}-c${commit}`;
    const offered = (commit: string) => ({ missionId: at(commit), signal: { kind: 'outside-pull.offered', commit, pull: { number, branch: 'ordinary', isOurs: true } } });
    expect(opened).toMatchObject([offered(first)]);
    let second = '';
    const pushed = await signalsFrom(async () => {
      second = await put('two.md');
    });
    expect(pushed).toMatchObject([{ missionId: at(first), signal: { kind: 'outside-pull.left', pull: number } }, offered(second)]);
    world.clock.advance(1000);
    const again = await signalsFrom(async () => {
      await as('author').request('PATCH', `/repos/author/project/pulls/${number}`, { state: 'closed' });
      world.clock.advance(1000);
      await as('author').request('PATCH', `/repos/author/project/pulls/${number}`, { state: 'open' });
    });
    expect(again).toMatchObject([{ missionId: at(second), signal: { kind: 'outside-pull.left' } }, offered(second)]);
    expect(again[1]?.meaning).not.toBe(pushed[1]?.meaning);
    const octokit = world.octokit({ token: await world.installationToken() });
    const { data: run } = await octokit.rest.checks.create({ owner: 'author', repo: 'project', name: 'missiongate', head_sha: second, external_id: `mg:pull:${second}`, status: 'completed', conclusion: 'success', output: { title: 't', summary: 's' } });
    expect(await signalsFrom(() => as('author').request('POST', `/repos/author/project/check-runs/${run.id}/rerequest`))).toMatchObject([{ missionId: at(second), signal: { kind: 'recheck.requested', phase: null } }]);
  });
});

describe('what a decision rests on', () => {
  it('is told of when a review is dismissed, the base branch changes, the merge queue asks, or the policy is another', async () => {
    const issue = await as('author').openIssue('author/project', { title: 'Rests on', labels: ['mission'] });
    const branch = `mission/${issue.number}/trunk`;
    const put = (path: string, on: string) => as('author').request('PUT', `/repos/author/project/contents/${path}`, { message: 'x', content: Buffer.from(`${path}\n`).toString('base64'), branch: on });
    const main = await as('author').request<{ commit: { sha: string } }>('GET', '/repos/author/project/branches/main');
    for (const ref of [branch, `release-${issue.number}`]) await as('author').request('POST', '/repos/author/project/git/refs', { ref: `refs/heads/${ref}`, sha: main.commit.sha });
    await put('rests.md', branch);
    const pull = await as('author').openPull('author/project', { title: 'Rests', head: branch, base: 'main' });
    const review = await as('reviewer').review('author/project', pull.number, { event: 'APPROVE' });

    const dismissed = await signalsFrom(() => as('author').request('PUT', `/repos/author/project/pulls/${pull.number}/reviews/${review.id}/dismissals`, { message: 'no' }));
    expect(dismissed).toMatchObject([{ missionId: id(issue.number), meaning: `review-dismissed:${review.id}`, signal: { kind: 'review.dismissed', reviewId: review.id, reviewer: { login: 'reviewer' }, actor: { login: 'author' } } }]);

    await as('author').request('PUT', '/repos/author/project/branches/main/protection', { required_status_checks: { strict: false, contexts: ['missiongate'] }, enforce_admins: false, required_pull_request_reviews: null, restrictions: null });
    let queued = { head: '', ref: '' };
    const asked = await signalsFrom(async () => {
      queued = await world.forge.enqueue('author/project', pull.number, 'author');
    });
    expect(asked).toMatchObject([{ missionId: `r${world.repository.id}-q${queued.head}`, signal: { kind: 'merge-group.requested', group: { head: queued.head, ref: queued.ref, base: main.commit.sha, baseBranch: 'main' } } }]);
    const given = await signalsFrom(() => world.forge.dequeue('author/project', pull.number));
    expect(given).toMatchObject([{ missionId: `r${world.repository.id}-q${queued.head}`, signal: { kind: 'merge-group.ended', reason: 'dequeued' } }]);

    const moved = await signalsFrom(() => as('author').request('PATCH', `/repos/author/project/pulls/${pull.number}`, { base: `release-${issue.number}` }));
    expect(moved).toMatchObject([{ missionId: id(issue.number), signal: { kind: 'pull.retargeted', pull: pull.number, from: 'main', to: `release-${issue.number}` } }]);

    const policy = await signalsFrom(() => put('.github/missiongate.yml', 'main'));
    expect(policy).toMatchObject([{ missionId: '', everyMissionOf: world.repository.id, signal: { kind: 'policy.changed', actor: { login: 'author' } } }]);
    expect(await signalsFrom(() => put('other.yml', 'main'))).toEqual([]);
    expect(await signalsFrom(() => put('.github/missiongate.yml', `release-${issue.number}`))).toEqual([]);
    await as('author').request('DELETE', '/repos/author/project/branches/main/protection');
  });
});

describe('check runs', () => {
  it('tell of buttons and re-runs of our own gates, and of nobody else\'s', async () => {
    const octokit = world.octokit({ token: await world.installationToken() });
    const { data: branch } = await octokit.rest.repos.getBranch({ owner: 'author', repo: 'project', branch: 'main' });
    const run = async (externalId: string) =>
      (await octokit.rest.checks.create({ owner: 'author', repo: 'project', name: 'gate/build', head_sha: branch.commit.sha, external_id: externalId, status: 'completed', conclusion: 'action_required', output: { title: 't', summary: 's' }, actions: [{ label: 'Approve gate', description: 'd', identifier: 'approve' }] })).data.id;
    const gate = await run(`mg:${id(3)}:gate/build:2`);
    const press = () => signalsFrom(() => as('reviewer').pressButton('author/project', gate, 'approve'));
    const [pressed] = await press();
    expect(pressed).toMatchObject({ missionId: id(3), signal: { kind: 'button.pressed', phase: 'build', round: 2, action: 'approve', actor: { login: 'reviewer' }, source: { issue: { number: 3 } } } });
    // Whoever was refused may press again.
    const [again] = await press();
    expect(again?.meaning).not.toBe(pressed?.meaning);
    expect(await signalsFrom(() => as('reviewer').rerequest('author/project', gate))).toMatchObject([{ signal: { kind: 'recheck.requested', phase: 'build' } }]);
    const whole = await run(`mg:${id(3)}:missiongate`);
    expect(await signalsFrom(() => as('reviewer').rerequest('author/project', whole))).toMatchObject([{ signal: { kind: 'recheck.requested', phase: null } }]);
    for (const other of [`mg:${id(3)}:task/api`, 'mg:r1-i3:gate/build:1', 'mg:r1-i3', 'nonsense', `mg:${id(3)}:gate/build:0`]) {
      const other1 = await run(other);
      expect(await signalsFrom(() => as('reviewer').rerequest('author/project', other1)), other).toEqual([]);
    }
    const [hook] = await hooksOf(() => as('reviewer').pressButton('author/project', gate, 'approve'));
    if (!hook) throw new Error('no webhook');
    expect(signalsOf(eventOf(hook), { ourBot: { ...ourBot, appId: ourBot.appId + 1 } })).toEqual([]);
  });
});

describe('any delivery', () => {
  it('means the same when it comes again, or through a second hook with another id, and nothing when we caused it', () => {
    for (const hook of world.hooks) {
      const event = eventOf(hook);
      const meanings = signalsOf(event, { ourBot }).map(({ meaning }) => meaning);
      expect(signalsOf(event, { ourBot }).map(({ meaning }) => meaning)).toEqual(meanings);
      // Buttons and re-runs go to the App alone, so that no second hook tells of them.
      // Steering labels are decided by what is on the issue now, and may mean something of their own each time.
      const steers = signalsOf(event, { ourBot }).some(({ signal }) => /^mission\.(queue|pause|resume)-requested$/.test(signal.kind));
      if (event.name !== 'check_run' && !steers) expect(signalsOf({ ...event, id: 'another' }, { ourBot }).map(({ meaning }) => meaning)).toEqual(meanings);
      // A merge group waits for an answer, whoever queued it.
      if (event.name !== 'merge_group') expect(signalsOf({ ...event, payload: { ...hook.payload, sender: { login: ourBot.login, type: 'Bot' } } }, { ourBot })).toEqual([]);
    }
    expect(world.hooks.length).toBeGreaterThan(30);
  });

  it('of the real world is mapped or passed over, never an exception', () => {
    let deliveries = 0;
    for (const { name, examples } of corpus) {
      for (const payload of examples) {
        deliveries += 1;
        expect(() => signalsOf({ id: 'd', name, payload }, { ourBot })).not.toThrow();
      }
    }
    expect(deliveries).toBeGreaterThan(300);
  });

  it('with anything missing, replaced or hostile is passed over, never an exception', () => {
    const hooks = world.hooks.filter((hook) => listenedEvents.includes(hook.headers['x-github-event'] ?? ''));
    const replacement = fc.oneof(fc.constant(undefined), fc.constant(null), fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant([]), fc.constant({}), fc.constant('\uD800\u0000@x'), fc.constant(2 ** 60), fc.constant({ __proto__: null, login: { login: 'x' } }));
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(), replacement), { minLength: 1, maxLength: 6 }), (which, changes) => {
        const hook = hooks[which % hooks.length];
        if (!hook) return;
        const payload = structuredClone(hook.payload) as Record<string, unknown>;
        for (const [place, value] of changes) replaceAt(payload, place, value);
        const signals = signalsOf({ ...eventOf(hook), payload }, { ourBot });
        for (const { missionId, everyMissionOf, meaning, signal } of signals) {
          expect(missionId).toMatch(everyMissionOf === undefined ? /^r[1-9]\d*-(?:i[1-9]\d*|[qc][0-9a-f]{40,64})$/ : /^$/);
          // JSON writes NUL and unpaired surrogates as escapes.
          expect(JSON.stringify([meaning, signal])).not.toMatch(/\\u0000|\\ud[89a-f]/i);
          expect(meaning.length).toBeLessThan(1500);
        }
      }),
      { numRuns: 3000 },
    );
    for (const payload of [null, undefined, 1, 'x', [], [[]], { repository: null }]) expect(signalsOf({ id: 'd', name: 'issues', payload }, { ourBot })).toEqual([]);
    expect(signalsOf({ id: 'd', name: '__proto__', payload: {} }, { ourBot })).toEqual([]);
  });
});

/** Puts a value at one of the places of an object, whichever the number hits. */
function replaceAt(payload: Record<string, unknown>, place: number, value: unknown): void {
  const places: { holder: Record<string, unknown>; name: string }[] = [];
  const walk = (holder: Record<string, unknown>): void => {
    for (const [name, inner] of Object.entries(holder)) {
      places.push({ holder, name });
      if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>);
    }
  };
  walk(payload);
  const target = places[place % Math.max(1, places.length)];
  if (target) target.holder[target.name] = structuredClone(value);
}

describe('the documentation', () => {
  it('lists exactly the events that are listened to', () => {
    const text = readFileSync(resolve(import.meta.dirname, '..', '..', 'docs', 'reference', 'permissions.md'), 'utf8');
    const section = text.slice(text.indexOf('## Events'), text.indexOf('## Tokens'));
    expect([...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name = '']) => name).toSorted((a, b) => a.localeCompare(b))).toEqual(listenedEvents.toSorted((a, b) => a.localeCompare(b)));
  });
});
