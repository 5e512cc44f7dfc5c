import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startForge } from '../../src/forge/start-forge.ts';
import { shuffled } from '../../src/forge/webhooks/webhook-faults.ts';
import { finish, forgeWorld, StillClock } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const REPOSITORY = 'author/project';

describe('webhooks', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld();
    await world.forge.idle();
  });
  afterEach(() => finish(world));

  function heard(): string[] {
    return world.hooks.map((hook) => `${hook.headers['x-github-event']}.${String(hook.payload['action'])}`);
  }

  it('begin with the installation, without being asked for', () => {
    expect(heard()).toEqual(['installation.created']);
    expect(world.hooks[0]?.payload).toMatchObject({ installation: { id: world.installationId }, repositories: [{ full_name: REPOSITORY }], sender: { login: 'author' } });
  });

  it('are signed over the raw bytes and carry GitHub\'s headers', async () => {
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Ünïcode 🚀' });
    await world.forge.idle();
    const hook = world.hooks[1];
    const expected = createHmac('sha256', 'very secret').update(hook?.raw ?? '').digest('hex');
    expect(hook?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'issues',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string,
      'x-github-hook-installation-target-id': String(world.app.appId),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': `sha256=${expected}`,
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//) as string,
    });
    expect(hook?.payload).toMatchObject({ installation: { id: world.installationId }, repository: { full_name: REPOSITORY }, sender: { login: 'author' } });
  });

  it('also tell the App what it did itself', async () => {
    await world.octokit('installation').rest.issues.create({ owner: 'author', repo: 'project', title: 'By the App' });
    await world.forge.idle();
    expect(world.hooks[1]?.payload).toMatchObject({ action: 'opened', sender: { login: 'gatekeeper[bot]', type: 'Bot' }, issue: { performed_via_github_app: { slug: 'gatekeeper' } } });
  });

  it('are not retried, but logged and redelivered with the same GUID', async () => {
    world.hookStatus = 500;
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Missed' });
    await world.forge.idle();
    const { rest } = world.octokit('app');
    const [failed] = (await rest.apps.listWebhookDeliveries({ status: 'failure' })).data;
    expect(failed).toMatchObject({ event: 'issues', action: 'opened', status_code: 500, redelivery: false, installation_id: world.installationId });
    world.hookStatus = 200;
    await rest.apps.redeliverWebhookDelivery({ delivery_id: failed?.id ?? 0 });
    await world.forge.idle();
    const tries = (await rest.apps.listWebhookDeliveries()).data.filter((one) => one.guid === failed?.guid);
    expect(tries.map((one) => [one.status_code, one.redelivery])).toEqual([[200, true], [500, false]]);
    expect(world.hooks.slice(1).map((hook) => hook.headers['x-github-delivery'])).toEqual([failed?.guid, failed?.guid]);
    expect(Buffer.compare(world.hooks[1]?.raw ?? Buffer.alloc(0), world.hooks[2]?.raw ?? Buffer.alloc(1))).toBe(0);
    const other = await world.forge.createApp({ slug: 'other', name: 'Other', owner: 'author', events: [], permissions: {} });
    const stranger = world.octokit({ token: world.appJwt({ iss: other.appId, key: other.privateKey }) }).rest;
    expect((await stranger.apps.listWebhookDeliveries()).data).toEqual([]);
  });

  it('list their log page by page', async () => {
    for (const title of ['a', 'b', 'c']) await world.forge.as('author').openIssue(REPOSITORY, { title });
    await world.forge.idle();
    const { apps } = world.octokit('app').rest;
    const first = await apps.listWebhookDeliveries({ per_page: 3 });
    const cursor = /cursor=([^&>]+)/.exec(first.headers.link ?? '')?.[1] ?? '';
    const second = await apps.listWebhookDeliveries({ per_page: 3, cursor });
    expect([...first.data, ...second.data].map((one) => one.event)).toEqual(['issues', 'issues', 'issues', 'installation']);
  });

  it('reach only Apps that subscribed, with the permission, where they are installed', async () => {
    const mute = await world.forge.createApp({ slug: 'mute', name: 'Mute', owner: 'author', webhookUrl: `${world.forge.url}/nowhere`, webhookSecret: 's', events: ['push'], permissions: { contents: 'read' } });
    world.forge.install(mute.appId, 'author', 'all');
    const absent = await world.forge.createApp({ slug: 'absent', name: 'Absent', owner: 'stranger', webhookUrl: `${world.forge.url}/nowhere`, webhookSecret: 's', events: ['issues'], permissions: { issues: 'read' } });
    world.forge.install(absent.appId, 'stranger', 'all');
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Who hears?' });
    await world.forge.idle();
    expect(world.forge.deliveries().filter((one) => one.event === 'issues').map((one) => one.app.slug)).toEqual(['gatekeeper']);
    world.forge.suspend(world.installationId, true);
    await world.forge.as('author').comment(REPOSITORY, 1, 'Anyone?');
    await world.forge.idle();
    expect(world.forge.deliveries().filter((one) => one.event === 'issue_comment')).toEqual([]);
  });

  it('can be held, then let go in another order and more than once', async () => {
    world.forge.hold();
    const author = world.forge.as('author');
    await author.openIssue(REPOSITORY, { title: 'One' });
    await author.comment(REPOSITORY, 1, 'Two');
    await author.addLabel(REPOSITORY, 1, 'bug');
    expect(world.forge.held().map((one) => one.event)).toEqual(['issues', 'issue_comment', 'issues']);
    await world.forge.release({ order: (held) => held.toReversed(), duplicate: 1 });
    expect(heard().slice(1)).toEqual(['issues.labeled', 'issues.labeled', 'issue_comment.created', 'issue_comment.created', 'issues.opened', 'issues.opened']);
    await author.comment(REPOSITORY, 1, 'Flowing again');
    await world.forge.idle();
    expect(heard()).toHaveLength(8);
    expect(shuffled([1, 2, 3, 4, 5, 6], 7)).toEqual(shuffled([1, 2, 3, 4, 5, 6], 7));
    expect(shuffled([1, 2, 3, 4, 5, 6], 7).toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('can be dropped, repeated, delayed and reordered by rule', async () => {
    const author = world.forge.as('author');
    world.forge.addWebhookFault({ match: { event: 'issues', action: 'opened' }, times: 1, effect: { kind: 'drop' } });
    world.forge.addWebhookFault({ match: { event: 'issue_comment' }, times: 1, effect: { kind: 'duplicate', copies: 1 } });
    await author.openIssue(REPOSITORY, { title: 'Lost' });
    await author.comment(REPOSITORY, 1, 'Twice');
    await world.forge.idle();
    expect(heard().slice(1)).toEqual(['issue_comment.created', 'issue_comment.created']);
    expect(world.forge.deliveries().find((one) => one.event === 'issues')?.attempts).toEqual([]);

    world.forge.addWebhookFault({ match: { event: 'issue_comment' }, times: 1, effect: { kind: 'delay', delayMs: 5_000 } });
    await author.comment(REPOSITORY, 1, 'Later');
    expect([heard().length, world.clock.sleeping]).toEqual([3, 1]);
    world.clock.advance(5_000);
    await world.forge.idle();
    expect(heard()).toHaveLength(4);

    world.forge.addWebhookFault({ match: { event: 'issue_comment' }, times: 4, effect: { kind: 'reorder', size: 4, seed: 3 } });
    for (const body of ['1', '2', '3', '4']) await author.comment(REPOSITORY, 1, body);
    await world.forge.idle();
    const bodies = world.hooks.slice(4).map((hook) => (hook.payload['comment'] as { body: string }).body);
    expect(bodies.toSorted((one, other) => one.localeCompare(other))).toEqual(['1', '2', '3', '4']);

    world.forge.clearWebhookFaults();
    world.forge.addWebhookFault({ effect: { kind: 'drop', share: 0.5, seed: 7 } });
    const before = heard().length;
    for (let nth = 0; nth < 20; nth += 1) await author.comment(REPOSITORY, 1, `share ${nth}`);
    await world.forge.idle();
    expect(heard().length - before).toBeGreaterThan(4);
    expect(heard().length - before).toBeLessThan(16);
  });
});

describe('a webhook receiver', () => {
  it('that is silent or absent costs the forge nothing but a line in the log', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'forge-'));
    const forge = await startForge({ dataDir, clock: new StillClock(), deliveryTimeoutMs: 50 });
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      forge.createUser({ login: 'author' });
      await forge.createRepository({ owner: 'author', name: 'project' });
      const app = await forge.createApp({ slug: 'deaf', name: 'Deaf', owner: 'author', webhookUrl: `http://127.0.0.1:${port}/`, webhookSecret: 's', events: ['issues'], permissions: { issues: 'read' } });
      forge.install(app.appId, 'author', 'all');
      await forge.idle();
      silent.close();
      forge.setWebhook(app.appId, { url: 'http://127.0.0.1:1/', secret: 's' });
      await forge.as('author').openIssue('author/project', { title: 'Hello?' });
      await forge.idle();
      expect(forge.deliveries().map((one) => one.attempts.map((attempt) => [attempt.statusCode, attempt.status]))).toEqual([[[0, 'timed out']], [[0, 'failed to connect to host']]]);
    } finally {
      await forge.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
