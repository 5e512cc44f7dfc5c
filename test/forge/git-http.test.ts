import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, gitRun } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const REPOSITORY = 'author/project';

describe('git over HTTP', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld({ private: true });
  });
  afterEach(() => finish(world));

  /** The status a bare request to a git address gets, with a token as password. */
  async function knock(token: string | null, service: string, path = '/author/project.git'): Promise<Response> {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` };
    return fetch(`${world.forge.url}${path}/info/refs?service=${service}`, { headers });
  }

  it('asks who is there, and lets people and Apps in by what they may do', async () => {
    const reading = await world.installationToken({ permissions: { contents: 'read' } });
    const issues = await world.installationToken({ permissions: { issues: 'write' } });
    world.forge.setRole(REPOSITORY, 'stranger', 'read');
    const statuses = async (token: string | null) => [(await knock(token, 'git-upload-pack')).status, (await knock(token, 'git-receive-pack')).status];
    expect(await statuses(null)).toEqual([401, 401]);
    expect((await knock(null, 'git-upload-pack')).headers.get('www-authenticate')).toBe('Basic realm="GitHub"');
    expect(await statuses('wrong')).toEqual([401, 401]);
    expect(await statuses(reading)).toEqual([200, 403]);
    expect(await statuses(issues)).toEqual([403, 403]);
    expect(await statuses(await world.installationToken())).toEqual([200, 200]);
    expect(await statuses(world.tokens.stranger)).toEqual([200, 403]);
    expect(await statuses(world.tokens.reviewer)).toEqual([200, 200]);
    world.forge.setRole(REPOSITORY, 'stranger', 'none');
    expect(await statuses(world.tokens.stranger)).toEqual([404, 404]);
    expect((await knock(world.tokens.author, 'git-upload-pack', '/author/project')).status).toBe(200);
    expect((await knock(world.tokens.author, 'git-upload-pack', '/author/..%2f..%2fetc')).status).not.toBe(200);
    world.clock.advance(3_600_000);
    expect(await statuses(reading)).toEqual([401, 401]);
  });

  it('serves a public repository to anybody, for reading', async () => {
    await world.forge.createRepository({ owner: 'author', name: 'open' });
    const checkout = await world.clone(null, 'author/open');
    expect(await checkout.git('log', '--format=%s')).toBe('Initial commit');
    await checkout.commit('Mine', { 'mine.txt': 'mine' });
    await expect(checkout.git('push', 'origin', 'main')).rejects.toThrow(/could not read Username|Authentication/);
  });

  it('shares its objects with the REST API, both ways', async () => {
    const checkout = await world.clone(world.tokens.author);
    const pushed = await checkout.commit('By git', { 'git.txt': 'by git\n' });
    await checkout.git('push', '--quiet', 'origin', 'HEAD:refs/heads/feature/by-git');
    const { rest } = world.octokit('installation');
    const at = { owner: 'author', repo: 'project' };
    expect((await rest.git.getRef({ ...at, ref: 'heads/feature/by-git' })).data.object.sha).toBe(pushed);
    await rest.repos.createOrUpdateFileContents({ ...at, path: 'rest.txt', branch: 'feature/by-git', message: 'By REST', content: Buffer.from('by rest\n').toString('base64') });
    await checkout.git('pull', '--quiet', 'origin', 'feature/by-git');
    expect(await checkout.git('log', '-1', '--format=%s %an <%ae> %cn')).toBe('By REST gatekeeper[bot] <1004+gatekeeper[bot]@users.noreply.github.com> GitHub');
  });

  it('tells Apps what a push did: created, moved, forced, deleted', async () => {
    const checkout = await world.clone(world.tokens.author);
    const first = await checkout.commit('One\n\nMore words.', { 'src/one.js': '1\n' });
    await checkout.git('push', '--quiet', 'origin', 'HEAD:refs/heads/topic', 'HEAD:refs/tags/v1');
    const two = await checkout.commit('Two', { 'src/one.js': '2\n', 'src/two.js': '2\n' });
    await checkout.git('push', '--quiet', 'origin', 'HEAD:refs/heads/topic');
    await checkout.git('push', '--quiet', '--force', 'origin', `${first}:refs/heads/topic`);
    await checkout.git('push', '--quiet', 'origin', ':refs/heads/topic');
    await world.forge.idle();
    const events = world.forge.deliveries().filter((one) => ['create', 'push', 'delete'].includes(one.event));
    const zero = '0'.repeat(40);
    const told = events.map(({ event, payload }) => (event === 'push' ? `push ${payload['ref'] as string} ${payload['forced'] === true ? 'forced' : 'plain'} ${(payload['commits'] as unknown[]).length}` : `${event} ${payload['ref'] as string}`));
    expect(told).toEqual(['create topic', 'push refs/heads/topic plain 1', 'create v1', 'push refs/tags/v1 plain 0', 'push refs/heads/topic plain 1', 'push refs/heads/topic forced 0', 'delete topic', 'push refs/heads/topic plain 0']);
    const second = events.filter((one) => one.event === 'push')[2]?.payload;
    expect(second).toMatchObject({ before: first, after: two, pusher: { name: 'author' }, commits: [{ id: two, added: ['src/two.js'], modified: ['src/one.js'], removed: [], author: { username: 'author' } }] });
    expect(events.at(-1)?.payload).toMatchObject({ after: zero, deleted: true, head_commit: null });
    expect(world.forge.deliveries().filter((one) => one.event === 'check_suite').map((one) => one.action)).toEqual(['requested', 'requested']);
  });

  it('takes large pushes and shallow clones', async () => {
    const checkout = await world.clone(world.tokens.author);
    await writeFile(join(checkout.folder, 'big.bin'), Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 2654435761) % 251)));
    await checkout.commit('Big', {});
    await checkout.git('-c', 'http.postBuffer=65536', 'push', '--quiet', 'origin', 'main');
    const shallow = await checkout.git('clone', '--quiet', '--depth', '1', await checkout.git('remote', 'get-url', 'origin'), 'shallow').then(() => gitRun(['log', '--format=%s'], join(checkout.folder, 'shallow')));
    expect(shallow).toBe('Big');
  });

  it('is not held up by a client that goes away in the middle of a push', async () => {
    const before = (await world.repository.commits())[0]?.sha ?? '';
    const command = `${before} ${'1'.repeat(40)} refs/heads/main\0 report-status`;
    const request = httpRequest(`${world.forge.url}/author/project.git/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`x:${world.tokens.author}`).toString('base64')}`, 'content-type': 'application/x-git-receive-pack-request', 'content-length': '100000' },
    });
    request.on('error', () => undefined);
    const arrived = new Promise<void>((resolve) => {
      world.forge.onRequest((record) => {
        if (record.route === 'git-receive-pack') resolve();
      });
    });
    request.write(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000PACK`);
    await arrived;
    request.destroy();
    const checkout = await world.clone(world.tokens.author);
    const after = await checkout.commit('Undisturbed', { 'z.txt': 'z' });
    await checkout.git('push', '--quiet', 'origin', 'main');
    expect((await world.repository.commits())[0]?.sha).toBe(after);
  });

  it('tells observers of a push before the client hears that it is done', async () => {
    const seen: string[] = [];
    world.forge.onRequest(async (record, phase) => {
      if (record.path.endsWith('/git-receive-pack') && record.status !== 401) seen.push(`${phase} ${(await world.repository.commits()).length}`);
    });
    const checkout = await world.clone(world.tokens.author);
    await checkout.commit('Watched', { 'w.txt': 'w' });
    await checkout.git('push', '--quiet', 'origin', 'main');
    expect(seen).toEqual(['before 1', 'after 2']);
  });

  it('declines pushes to a protected branch with a reason the client prints', async () => {
    await world.octokit('author').rest.repos.updateBranchProtection({
      owner: 'author',
      repo: 'project',
      branch: 'main',
      required_status_checks: { strict: false, contexts: ['ci'] },
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: null,
    });
    const checkout = await world.clone(world.tokens.author);
    const before = await checkout.git('rev-parse', 'HEAD');
    await checkout.commit('Past the gate', { 'x.txt': 'x' });
    await expect(checkout.git('push', 'origin', 'main')).rejects.toThrow(/GH006: Protected branch update failed[\s\S]*protected branch hook declined/);
    expect((await world.repository.commits())[0]?.sha).toBe(before);
    await checkout.git('push', '--quiet', 'origin', 'main:refs/heads/free');
  });

  it('runs no hooks and reads no configuration of whoever runs it', async () => {
    const hooks = join(world.repository.gitDir, 'hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(join(hooks, 'pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const checkout = await world.clone(world.tokens.author);
    await checkout.commit('Unhooked', { 'y.txt': 'y' });
    await checkout.git('push', '--quiet', 'origin', 'main');
    expect((await world.repository.commits())[0]?.message).toBe('Unhooked');
  });

  it('copies a local repository and leaves the original as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-source-'));
    try {
      await gitRun(['init', '--quiet', '--initial-branch=trunk', '.'], folder);
      await writeFile(join(folder, 'own.txt'), 'own\n');
      await gitRun(['add', '.'], folder);
      await gitRun(['commit', '--quiet', '-m', 'Own'], folder);
      const before = await gitRun(['for-each-ref'], folder);
      const copy = await world.forge.createRepository({ owner: 'author', name: 'copy', from: folder, defaultBranch: 'trunk' });
      const checkout = await world.clone(world.tokens.author, 'author/copy');
      await checkout.commit('Changed', { 'own.txt': 'changed\n' });
      await checkout.git('push', '--quiet', 'origin', 'trunk');
      expect((await copy.filesAt()).get('own.txt')).toBe('changed\n');
      expect([await gitRun(['for-each-ref'], folder), await gitRun(['status', '--short'], folder)]).toEqual([before, '']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
