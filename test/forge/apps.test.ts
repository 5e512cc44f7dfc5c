import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const at = { owner: 'author', repo: 'project' };

describe('an App', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld({ private: true });
  });
  afterEach(() => finish(world));

  function asApp(claims: Parameters<ForgeWorld['appJwt']>[0]): Promise<number> {
    return statusOf(world.octokit({ token: world.appJwt(claims) }).rest.apps.getAuthenticated());
  }

  it('proves itself with a token that lives ten minutes at most and is signed with its key', async () => {
    const now = Math.floor(world.clock.now() / 1000);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(await asApp({})).toBe(0);
    expect(await asApp({ iss: world.app.clientId })).toBe(0);
    expect(await asApp({ exp: now + 601 })).toBe(401);
    expect(await asApp({ exp: now })).toBe(401);
    expect(await asApp({ iat: now + 1 })).toBe(401);
    expect(await asApp({ key: stranger })).toBe(401);
    expect(await asApp({ iss: 999 })).toBe(404);
    expect(await statusOf(world.octokit({ token: 'a.b.c' }).rest.apps.getAuthenticated())).toBe(401);
  });

  it('is told the forge\'s time, so that Octokit can correct a clock that is wrong', async () => {
    const response = await fetch(`${world.forge.apiUrl}/meta`);
    expect(Date.parse(response.headers.get('date') ?? '')).toBe(world.clock.now());
  });

  it('gets tokens that end after an hour, with the installation, or when revoked', async () => {
    const token = await world.installationToken();
    const { rest } = world.octokit({ token });
    expect(await statusOf(rest.repos.get(at))).toBe(0);
    world.clock.advance(3_600_000 - 1);
    expect(await statusOf(rest.repos.get(at))).toBe(0);
    world.clock.advance(1);
    expect(await statusOf(rest.repos.get(at))).toBe(401);

    const second = await world.installationToken();
    world.forge.suspend(world.installationId, true);
    expect(await statusOf(world.octokit({ token: second }).rest.repos.get(at))).toBe(403);
    world.forge.suspend(world.installationId, false);
    world.forge.uninstall(world.installationId);
    expect(await statusOf(world.octokit({ token: second }).rest.repos.get(at))).toBe(401);
    expect(await statusOf(world.octokit({ token: 'ghs_unknown' }).rest.repos.get(at))).toBe(401);
  });

  it('may narrow a token, never widen it', async () => {
    await world.forge.createRepository({ owner: 'author', name: 'other', private: true });
    const narrow = world.octokit({ token: await world.installationToken({ repositories: ['project'], permissions: { issues: 'read' } }) }).rest;
    expect(await statusOf(narrow.issues.listForRepo(at))).toBe(0);
    expect(await statusOf(narrow.issues.create({ ...at, title: 'No' }))).toBe(403);
    expect(await statusOf(narrow.repos.getContent({ ...at, path: 'README.md' }))).toBe(403);
    expect(await statusOf(narrow.issues.listForRepo({ ...at, repo: 'other' }))).toBe(404);
    expect(await statusOf(world.installationToken({ permissions: { deployments: 'write' } }))).toBe(422);
    expect(await statusOf(world.installationToken({ repositories: ['nowhere'] }))).toBe(422);
  });

  it('sees only the repositories it is installed on', async () => {
    await world.forge.createRepository({ owner: 'author', name: 'other', private: true });
    world.forge.changeInstallation(world.installationId, { remove: ['other'] });
    const { rest } = world.octokit('installation');
    expect((await rest.apps.listReposAccessibleToInstallation()).data.repositories.map((one) => one.name)).toEqual(['project']);
    expect(await statusOf(rest.repos.get({ ...at, repo: 'other' }))).toBe(404);
    world.forge.changeInstallation(world.installationId, { add: ['other'] });
    expect(await statusOf(rest.repos.get({ ...at, repo: 'other' }))).toBe(0);
  });

  it('needs the permission of each endpoint', async () => {
    const app = await world.forge.createApp({ slug: 'reader', name: 'Reader', owner: 'author', events: [], permissions: { pull_requests: 'write' } });
    const id = world.forge.install(app.appId, 'author', 'all');
    const jwt = world.octokit({ token: world.appJwt({ iss: app.appId, key: app.privateKey }) });
    const { rest } = world.octokit({ token: (await jwt.rest.apps.createInstallationAccessToken({ installation_id: id })).data.token });
    await world.forge.as('author').openIssue('author/project', { title: 'An issue' });
    expect(await statusOf(rest.issues.createComment({ ...at, issue_number: 1, body: 'Hi' }))).toBe(403);
    expect(await statusOf(rest.repos.getContent({ ...at, path: 'README.md' }))).toBe(403);
    expect(await statusOf(rest.checks.listForRef({ ...at, ref: 'main' }))).toBe(403);
    expect(await statusOf(rest.users.getAuthenticated())).toBe(403);
    const other = world.octokit('app').rest;
    expect(await statusOf(other.apps.getInstallation({ installation_id: id }))).toBe(404);
  });

  it('cannot subscribe to events it may not read', async () => {
    await expect(world.forge.createApp({ slug: 'nosy', name: 'Nosy', owner: 'author', events: ['push'], permissions: {} })).rejects.toThrow('contents: read');
    await expect(world.forge.createApp({ slug: 'nosy', name: 'Nosy', owner: 'author', events: ['fork_lift'], permissions: {} })).rejects.toThrow('fork_lift');
  });
});

describe('a person', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld({ private: true });
  });
  afterEach(() => finish(world));

  it('without access does not learn that a private repository exists', async () => {
    for (const who of ['stranger', 'nobody'] as const) {
      expect(await statusOf(world.octokit(who).rest.repos.get(at))).toBe(404);
      expect(await statusOf(world.octokit(who).rest.issues.listForRepo(at))).toBe(404);
    }
    expect(await statusOf(world.octokit({ token: 'ghp_wrong' }).rest.repos.get(at))).toBe(401);
  });

  it('may do what their role allows', async () => {
    const { rest } = world.octokit('stranger');
    await world.forge.as('author').openIssue('author/project', { title: 'First' });
    const label = () => statusOf(rest.issues.addLabels({ ...at, issue_number: 1, labels: ['mission'] }));
    const lock = () => statusOf(rest.issues.lock({ ...at, issue_number: 1 }));
    const protect = () => statusOf(rest.repos.updateBranchProtection({ ...at, branch: 'main', required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null }));
    world.forge.setRole('author/project', 'stranger', 'read');
    expect([await label(), await lock(), await protect()]).toEqual([403, 403, 403]);
    world.forge.setRole('author/project', 'stranger', 'triage');
    expect([await label(), await lock(), await protect()]).toEqual([0, 403, 403]);
    world.forge.setRole('author/project', 'stranger', 'write');
    expect([await label(), await lock(), await protect()]).toEqual([0, 0, 403]);
    world.forge.setRole('author/project', 'stranger', 'admin');
    expect([await label(), await lock(), await protect()]).toEqual([0, 0, 0]);
  });

  it('opening an issue without triage rights has labels and assignees silently dropped', async () => {
    world.forge.setRole('author/project', 'stranger', 'read');
    const { number } = await world.forge.as('stranger').openIssue('author/project', { title: 'Please', labels: ['mission'], assignees: ['author'] });
    expect(world.repository.issue(number).labels).toEqual([]);
    expect(world.repository.issue(number).assignees).toEqual([]);
    expect(await statusOf(world.forge.as('stranger').editIssue('author/project', number, { title: 'Mine', labels: ['mission'] }))).toBe(0);
    expect(world.repository.issue(number)).toMatchObject({ title: 'Mine', labels: [] });
  });

  it('is looked up with permission and role name', async () => {
    const { rest } = world.octokit('installation');
    const level = async (username: string) => {
      const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...at, username });
      return `${data.permission}/${data.role_name}`;
    };
    expect(await level('author')).toBe('admin/admin');
    expect(await level('stranger')).toBe('none/none');
    for (const [role, shown] of [['read', 'read/read'], ['triage', 'read/triage'], ['write', 'write/write'], ['maintain', 'write/maintain']] as const) {
      world.forge.setRole('author/project', 'stranger', role);
      expect(await level('stranger')).toBe(shown);
    }
    expect(await statusOf(level('nobody-here'))).toBe(404);
  });
});
