import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { HostError } from '../../src/engine/ports/repository-host.ts';
import { createAppCredentials } from '../../src/github/credentials.ts';
import { hostErrorOf } from '../../src/github/host-errors.ts';
import { finish } from '../support/forge-world.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

let world: GitHubWorld;
let seen: { url: string; method: string; authorization: string; body: unknown }[] = [];
const recording: typeof globalThis.fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  seen.push({ url: String(input instanceof Request ? input.url : input), method: init?.method ?? 'GET', authorization: headers.get('authorization') ?? '', body: typeof init?.body === 'string' ? JSON.parse(init.body) : null });
  return globalThis.fetch(input, init);
};
const fresh = () => createAppCredentials({ appId: world.app.appId, privateKey: world.app.privateKey, apiUrl: `${world.forge.apiUrl}/`, clock: world.jump, fetch: recording, limits: { writeSpacingMs: 0 } });

beforeAll(async () => {
  world = await gitHubWorld({ invalidRequests: 'refused' });
});
afterAll(() => finish(world));
beforeEach(() => {
  seen = [];
});

const repo = { owner: 'author', repo: 'project' };

describe('the App\'s credentials', () => {
  it('know who the App is, asking once', async () => {
    const credentials = fresh();
    expect(await credentials.identity()).toEqual({ appId: world.app.appId, slug: 'gatekeeper', botLogin: 'gatekeeper[bot]' });
    await credentials.identity();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.authorization).toMatch(/^bearer ey/);
  });

  it('send every request to the configured address, cold cache included', async () => {
    const credentials = fresh();
    await credentials.installation(world.installationId).read('a look', (octokit) => octokit.rest.repos.get(repo));
    await credentials.contentsOf(world.installationId, world.repository.id)();
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(({ url }) => url.startsWith(`${world.forge.apiUrl}/`))).toBe(true);
  });

  it('make one token for many calls, and a new one five minutes before it ends', async () => {
    const credentials = fresh();
    const client = credentials.installation(world.installationId);
    await Promise.all([1, 2, 3, 4].map(() => client.read('a look', (octokit) => octokit.rest.repos.get(repo))));
    const made = () => seen.filter(({ url }) => url.endsWith('/access_tokens')).length;
    expect(made()).toBe(1);
    world.clock.advance(54 * 60_000);
    await client.read('a look', (octokit) => octokit.rest.repos.get(repo));
    expect(made()).toBe(1);
    world.clock.advance(2 * 60_000);
    await client.read('a look', (octokit) => octokit.rest.repos.get(repo));
    expect(made()).toBe(2);
  });

  it('narrow a worker\'s token to one repository and its contents', async () => {
    const credentials = fresh();
    const given = await credentials.contentsOf(world.installationId, world.repository.id)();
    expect(given?.username).toBe('x-access-token');
    expect(seen.find(({ url }) => url.endsWith('/access_tokens'))?.body).toEqual({ repository_ids: [world.repository.id], permissions: { contents: 'write' } });
    const worker = world.octokit({ token: given?.password ?? '' });
    await expect(worker.rest.issues.create({ ...repo, title: 'no' })).rejects.toMatchObject({ status: 403 });
    expect((await worker.rest.repos.getContent({ ...repo, path: 'README.md' })).status).toBe(200);
    expect(await credentials.contentsOf(world.installationId, world.repository.id)()).toEqual(given);
  });

  it('make a new token when GitHub no longer takes the old one', async () => {
    const credentials = fresh();
    const client = credentials.installation(world.installationId);
    await client.read('a look', (octokit) => octokit.rest.repos.get(repo));
    await client.read('an end', (octokit) => octokit.rest.apps.revokeInstallationAccessToken());
    expect((await client.read('a look', (octokit) => octokit.rest.repos.get(repo))).status).toBe(200);
  });

  it('say nothing of keys and tokens when they fail', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
    const wrong = createAppCredentials({ appId: world.app.appId, privateKey, apiUrl: world.forge.apiUrl, clock: world.jump, fetch: recording });
    const error = await wrong.installation(world.installationId).read('a look', (octokit) => octokit.rest.repos.get(repo)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: 'permission', status: 401 });
    const tokens = seen.map(({ authorization }) => authorization.split(' ')[1] ?? '').filter((token) => token !== '');
    const told = `${(error as Error).message}${(error as Error).stack}${JSON.stringify(error)}`;
    expect(tokens.some((token) => told.includes(token))).toBe(false);
    expect(() => createAppCredentials({ appId: 1, privateKey: 'SECRET-KEY-TEXT', apiUrl: world.forge.apiUrl, clock: world.jump })).toThrow(/private key cannot be read(?!.*SECRET)/);
    const asBase64 = Buffer.from(world.app.privateKey).toString('base64');
    expect((await createAppCredentials({ appId: world.app.appId, privateKey: asBase64, apiUrl: world.forge.apiUrl, clock: world.jump }).identity()).slug).toBe('gatekeeper');
  });
});

describe('a client', () => {
  it('repeats reads when the network fails, and never writes', async () => {
    const client = fresh().installation(world.installationId);
    await client.read('a look', (octokit) => octokit.rest.repos.get(repo));
    world.forge.addFault({ match: { method: 'GET', actor: 'installation' }, times: 2, effect: 'reset' });
    expect((await client.read('a look', (octokit) => octokit.rest.repos.get(repo))).status).toBe(200);
    world.forge.addFault({ match: { method: 'POST', actor: 'installation' }, times: 1, effect: { status: 502 }, moment: 'after' });
    const before = world.repository.issues().length;
    const failed = await client.write({ write: 'comment', what: 'a test', priority: 'status', content: true }, (octokit) => octokit.rest.issues.create({ ...repo, title: 'once' })).catch((error: unknown) => error);
    expect(failed).toMatchObject({ failure: 'network', status: 502 });
    expect(world.repository.issues().length).toBe(before + 1);
  });

  it('stops everything while GitHub asks for a pause', async () => {
    const client = fresh().installation(world.installationId);
    await client.read('a look', (octokit) => octokit.rest.repos.get(repo));
    world.forge.addFault({ match: { method: 'GET', actor: 'installation' }, times: 1, effect: { status: 403, headers: { 'retry-after': '45' }, body: { message: 'You have exceeded a secondary rate limit.' } } });
    await expect(client.read('a look', (octokit) => octokit.rest.repos.get(repo))).rejects.toMatchObject({ failure: 'rate-limit', retryAfterMs: 45_000 });
    const asked = seen.length;
    await expect(client.read('a look', (octokit) => octokit.rest.repos.get(repo))).rejects.toMatchObject({ failure: 'rate-limit' });
    await expect(client.write({ write: 'comment', what: 'a write', priority: 'decision', content: false }, (octokit) => octokit.rest.issues.create({ ...repo, title: 'no' }))).rejects.toMatchObject({ failure: 'rate-limit' });
    expect(seen.length).toBe(asked);
    world.clock.advance(45_000);
    expect((await client.read('a look', (octokit) => octokit.rest.repos.get(repo))).status).toBe(200);
  });

  it('asks before each write whether it may still', async () => {
    const client = fresh().installation(world.installationId);
    const before = world.repository.issues().length;
    const outcome = client.write({ write: 'comment', what: 'a write', priority: 'status', content: false, confirm: async () => false }, (octokit) => octokit.rest.issues.create({ ...repo, title: 'no' }));
    await expect(outcome).rejects.toMatchObject({ name: 'NotOurs' });
    expect(world.repository.issues().length).toBe(before);
  });
});

describe('failures', () => {
  const answered = (status: number, headers: Record<string, string> = {}, message = 'said') => Object.assign(new Error(message), { name: 'HttpError', status, response: { headers } });
  it.each([
    [answered(429), 'rate-limit', 60_000],
    [answered(429, { 'retry-after': '7' }), 'rate-limit', 7000],
    [answered(403, { 'retry-after': '7' }), 'rate-limit', 7000],
    [answered(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '100' }), 'rate-limit', 90_000],
    [answered(403, {}, 'You have exceeded a secondary rate limit'), 'rate-limit', 60_000],
    [answered(403), 'permission', null],
    [answered(401), 'permission', null],
    [answered(404), 'gone', null],
    [answered(410), 'gone', null],
    [answered(405), 'conflict', null],
    [answered(409), 'conflict', null],
    [answered(422), 'unexpected', null],
    [answered(500), 'network', null],
    [answered(503, { 'retry-after': '3' }), 'network', 3000],
    [Object.assign(new Error('x'), { name: 'HttpError', status: 500 }), 'network', null],
    [Object.assign(new TypeError('fetch failed'), { cause: { code: 'x' } }), 'unexpected', null],
    [Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }), 'network', null],
    [Object.assign(new Error('Resource not accessible by integration'), { name: 'GraphqlResponseError', errors: [] }), 'permission', null],
    [new TypeError('our own mistake'), 'unexpected', null],
  ] as const)('%#: are classified', (error, failure, retryAfterMs) => {
    const found = hostErrorOf(error, 'testing', 10_000);
    expect(found).toBeInstanceOf(HostError);
    expect([found.failure, found.retryAfterMs]).toEqual([failure, retryAfterMs]);
    expect(found.message).toContain('testing');
  });
});
