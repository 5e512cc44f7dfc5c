import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const REPOSITORY = 'author/project';

describe('faults', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld();
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Under fire' });
  });
  afterEach(() => finish(world));

  const comments = () => world.repository.comments().length;
  const comment = () => world.forge.as('author').comment(REPOSITORY, 1, 'Hello');

  it('answer instead of the work, as often as asked, only where they match', async () => {
    world.forge.addFault({ match: { method: 'POST', path: '/comments$', actor: 'author' }, times: 2, effect: { status: 502 } });
    expect(await statusOf(world.forge.as('reviewer').comment(REPOSITORY, 1, 'I am fine'))).toBe(0);
    expect([await statusOf(comment()), await statusOf(comment()), await statusOf(comment())]).toEqual([502, 502, 0]);
    expect(comments()).toBe(2);
  });

  it('answer after the work, so that the caller is wrong about it', async () => {
    world.forge.addFault({ match: { path: '/comments$' }, times: 1, effect: { status: 500 }, moment: 'after' });
    expect(await statusOf(comment())).toBe(500);
    expect(comments()).toBe(1);
    expect(world.forge.requests().at(-1)).toMatchObject({ status: 201, fault: 'status 500 after the work' });
  });

  it('cut the connection after the work or before it', async () => {
    world.forge.addFault({ match: { path: '/comments$' }, times: 1, effect: 'drop-answer' });
    world.forge.addFault({ match: { path: '/comments$' }, times: 1, effect: 'reset' });
    await expect(comment()).rejects.toThrow('fetch failed');
    expect(comments()).toBe(1);
    await expect(comment()).rejects.toThrow('fetch failed');
    expect(comments()).toBe(1);
    expect(await statusOf(comment())).toBe(0);
  });

  it('delay by the forge\'s clock', async () => {
    world.forge.addFault({ match: { path: '/comments$' }, times: 1, effect: { delayMs: 60_000 } });
    const begun = new Promise<void>((resolve) => {
      world.forge.onRequest(() => resolve());
    });
    const slow = comment();
    await begun;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect([world.clock.sleeping, comments()]).toEqual([1, 0]);
    world.clock.advance(60_000);
    await slow;
    expect(comments()).toBe(1);
  });

  it('can be placed exactly by an observer, which the request waits for', async () => {
    const seen: string[] = [];
    const stop = world.forge.onRequest(async (request, phase) => {
      if (request.route?.endsWith('/comments') !== true) return;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      seen.push(`${phase} ${request.status} ${comments()}`);
    });
    await comment();
    stop();
    await comment();
    expect(seen).toEqual(['before 0 0', 'after 201 1']);
  });

  it('are ordered from outside with the control token and nothing else', async () => {
    const control = (body: unknown, token = world.forge.controlToken) => fetch(`${world.forge.url}/_control`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${token}` } });
    expect((await control({ do: 'add-fault' }, 'guess')).status).toBe(401);
    expect((await control({ do: 'no-such-thing' })).status).toBe(400);
    expect((await control({ do: 'add-fault', effect: 'explode' })).status).toBe(400);
    expect((await control({ do: 'add-fault', match: { path: '(' }, effect: 'reset' })).status).toBe(400);
    expect((await control({ do: 'hit-secondary-limit', retryAfter: 30, match: { method: 'POST' } })).status).toBe(200);
    const limited = await fetch(`${world.forge.apiUrl}/repos/author/project/issues/1/comments`, { method: 'POST', body: '{"body":"x"}', headers: { authorization: `token ${world.tokens.author}` } });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '30']);
    expect(((await limited.json()) as { message: string }).message).toContain('secondary rate limit');
    expect((await control({ do: 'hold' })).status).toBe(200);
    await comment();
    expect(world.forge.held()).toHaveLength(1);
    expect((await control({ do: 'release', seed: 1, duplicate: 1 })).status).toBe(200);
    await control({ do: 'add-webhook-fault', match: { event: 'issues' }, effect: { kind: 'drop' } });
    await control({ do: 'clear-webhook-faults' });
    await control({ do: 'add-fault', effect: { status: 500 } });
    await control({ do: 'clear-faults' });
    expect(await statusOf(comment())).toBe(0);
  });
});

describe('rate limits', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld();
  });
  afterEach(() => finish(world));

  it('are told in headers, refuse when used up, and come back after the hour', async () => {
    const { rest } = world.octokit('installation');
    const at = { owner: 'author', repo: 'project' };
    const key = `installation:${world.installationId}`;
    world.forge.setQuota(key, { limit: 3, remaining: 2, resetInSeconds: 3_600 });
    const first = await rest.repos.get(at);
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '1', 'x-ratelimit-used': '2', 'x-ratelimit-resource': 'core' });
    await rest.repos.get(at);
    const refused = (await rest.repos.get(at).catch((error: unknown) => error)) as { status: number; response: { headers: Record<string, string>; data: { message: string } } };
    expect([refused.status, refused.response.headers['x-ratelimit-remaining']]).toEqual([403, '0']);
    expect(refused.response.data.message).toContain('API rate limit exceeded');
    expect((await rest.rateLimit.get()).data.resources.core).toMatchObject({ remaining: 0, reset: world.clock.now() / 1000 + 3_600 });
    expect(await statusOf(world.octokit('author').rest.repos.get(at))).toBe(0);
    world.clock.advance(3_600_000);
    const { rest: fresh } = world.octokit({ token: await world.installationToken() });
    expect((await fresh.repos.get(at)).headers['x-ratelimit-remaining']).toBe('2');
  });

  it('on content are enforced when asked for, with retry-after', async () => {
    world.forge.setContentLimit({ perMinute: 2, perHour: 3 });
    const author = world.forge.as('author');
    const open = () => statusOf(author.openIssue(REPOSITORY, { title: 'Content' }));
    expect([await open(), await open(), await open()]).toEqual([0, 0, 403]);
    world.clock.advance(60_000);
    expect([await open(), await open()]).toEqual([0, 403]);
    expect(await statusOf(author.request('GET', `/repos/${REPOSITORY}/issues/1`))).toBe(0);
    world.forge.setContentLimit(null);
    expect(await open()).toBe(0);
  });
});
