import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { authorsOf } from '../../src/github/commit-authors.ts';
import { webUrlOf } from '../../src/github/repository-host.ts';
import type { MissionSource } from '../../src/core/mission/source.ts';
import { finish } from '../support/forge-world.ts';
import type { Checkout } from '../support/forge-world.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

let world: GitHubWorld;
let source: MissionSource;
let checkout: Checkout;
let base = '';
beforeAll(async () => {
  world = await gitHubWorld({ files: { 'README.md': '# Project\n', '.github/missions/a b.yml': 'name: ä\n' }, invalidRequests: 'refused' });
  source = { installationId: world.installationId, repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: 'main' }, issue: { number: 1, title: 't', author: { kind: 'person', login: 'author' } } };
  await world.forge.as('author').openIssue('author/project', { title: 't', labels: ['mission', 'bug'] });
  checkout = await world.checkout();
  base = await checkout.git('rev-parse', 'HEAD');
});
afterAll(() => finish(world));

let files = 0;
/** A commit on a branch of its own, pushed. */
async function commitOn(branch: string, from: string, content: Readonly<Record<string, string>> | null = null, message = 'work'): Promise<string> {
  await checkout.git('checkout', '--quiet', '-B', branch, from);
  const commit = await checkout.commit(message, content ?? { [`f${(files += 1)}.txt`]: 'x' });
  await checkout.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  return commit;
}
const merge = (trunk: string, commit: string) => world.host.mergeInto(source, { branch: trunk, base, commit, message: 'Merge work' });

describe('authority', () => {
  it('is the role that GitHub tells now', async () => {
    expect(await world.host.authorityOf(source, 'author')).toEqual({ known: true, role: 'admin' });
    expect(await world.host.authorityOf(source, 'reviewer')).toEqual({ known: true, role: 'write' });
    world.forge.setRole('author/project', 'reviewer', 'maintain');
    expect(await world.host.authorityOf(source, 'reviewer')).toEqual({ known: true, role: 'maintain' });
    world.forge.setRole('author/project', 'reviewer', 'triage');
    expect(await world.host.authorityOf(source, 'reviewer')).toEqual({ known: true, role: 'triage' });
    expect(await world.host.authorityOf(source, 'nobody-at-all')).toEqual({ known: true, role: 'none' });
  });

  it('is the base permission where the role is a custom one', async () => {
    const path = '/repos/author/project/collaborators/reviewer/permission';
    world.forge.addFault({ match: { method: 'GET', path }, times: 1, effect: { status: 200, body: { permission: 'write', role_name: 'Security Champion', user: null } } });
    expect(await world.host.authorityOf(source, 'reviewer')).toEqual({ known: true, role: 'write' });
  });

  it('is unknown, which means no, when GitHub refuses to tell', async () => {
    world.forge.addFault({ match: { method: 'GET', path: '/permission$' }, times: 5, effect: { status: 403, body: { message: 'Resource not accessible by integration' } } });
    expect(await world.host.authorityOf(source, 'reviewer')).toEqual({ known: false, reason: 'the App may not look it up' });
    world.forge.clearFaults();
  });

  it('is asked for again later when GitHub cannot tell for the moment', async () => {
    world.forge.addFault({ match: { method: 'GET', path: '/permission$' }, times: 5, effect: { status: 500 } });
    await expect(world.host.authorityOf(source, 'reviewer')).rejects.toMatchObject({ name: 'HostError', failure: 'network' });
    world.forge.clearFaults();
  });
});

describe('what a decision rests on', () => {
  it('is a file that is there, is not there, or cannot be read: three answers', async () => {
    expect(await world.host.fileOf(source, '.github/missions/a b.yml')).toEqual({ found: 'text', text: 'name: ä\n' });
    expect(await world.host.fileOf(source, '.github/missiongate.yml')).toEqual({ found: 'nothing' });
    expect(await world.host.fileOf(source, '.github/missions')).toEqual({ found: 'unreadable', reason: 'it is a folder' });
    world.forge.addFault({ match: { method: 'GET', path: '/contents/' }, times: 5, effect: { status: 403, body: { message: 'Resource not accessible by integration' } } });
    await expect(world.host.fileOf(source, 'README.md')).rejects.toMatchObject({ failure: 'permission' });
    world.forge.clearFaults();
  });

  it('is membership of a team, as GitHub tells it now; an invitation is none', async () => {
    world.forge.createOrganization({ login: 'acme', members: { reviewer: 'member' } });
    world.forge.createTeam({ organization: 'acme', slug: 'security', members: { reviewer: 'member' } });
    expect(await world.host.membershipOf(source, 'acme/security', 'reviewer')).toEqual({ known: true, member: true });
    expect(await world.host.membershipOf(source, 'acme/security', 'author')).toEqual({ known: true, member: false });
    expect(await world.host.membershipOf(source, 'acme/none', 'reviewer')).toEqual({ known: true, member: false });
    const path = '/orgs/acme/teams/security/memberships/reviewer';
    world.forge.addFault({ match: { method: 'GET', path }, times: 1, effect: { status: 200, body: { state: 'pending', role: 'member', url: 'https://example.invalid/' } } });
    expect(await world.host.membershipOf(source, 'acme/security', 'reviewer')).toEqual({ known: true, member: false });
    world.forge.addFault({ match: { method: 'GET', path }, times: 1, effect: { status: 403, body: { message: 'Resource not accessible by integration' } } });
    expect(await world.host.membershipOf(source, 'acme/security', 'reviewer')).toEqual({ known: false, reason: 'the App may not read the members of the organisation' });
    world.forge.addFault({ match: { method: 'GET', path }, times: 5, effect: { status: 500 } });
    await expect(world.host.membershipOf(source, 'acme/security', 'reviewer')).rejects.toMatchObject({ failure: 'network' });
    world.forge.clearFaults();
  });

  it('is every file that the change touches, a renamed one where it was and where it is, or no answer at all', async () => {
    await checkout.git('checkout', '--quiet', '-B', 'mission/1/touched', base);
    await checkout.git('mv', 'README.md', 'moved.md');
    const head = await checkout.commit('move', { 'new/file.txt': 'x' });
    await checkout.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/mission/1/touched');
    const touched = await world.host.touchedFiles(source, head, null);
    expect(touched.known && touched.paths.toSorted()).toEqual(['README.md', 'moved.md', 'new/file.txt']);
    const many = await commitOn('mission/1/many', base, Object.fromEntries(Array.from({ length: 301 }, (_, index) => [`many/${index}.txt`, 'x'])));
    expect(await world.host.touchedFiles(source, many, null)).toEqual({ known: false, reason: expect.stringContaining('300 files or more') as string });
    const pull = await world.forge.as('author').openPull('author/project', { title: 'Many', head: 'mission/1/many', base: 'main' });
    const listed = await world.host.touchedFiles(source, many, pull.number);
    expect(listed.known && listed.paths.length).toBe(301);
    expect(await world.host.touchedFiles(source, base, pull.number)).toMatchObject({ known: true, paths: [] });
  });

  it('is every pull request of a merge group; one that cannot be named makes the group unknown', async () => {
    const [first, second] = [await commitOn('mission/1/first', base), await commitOn('mission/1/second', base)];
    const [one, two] = [await world.forge.as('author').openPull('author/project', { title: 'First', head: 'mission/1/first', base: 'main' }), await world.forge.as('author').openPull('author/project', { title: 'Second', head: 'mission/1/second', base: 'main' })];
    await world.forge.as('author').request('PUT', '/repos/author/project/branches/main/protection', { required_status_checks: { strict: false, contexts: ['missiongate'] }, enforce_admins: false, required_pull_request_reviews: null, restrictions: null });
    const queued = [await world.forge.enqueue('author/project', one.number, 'author'), await world.forge.enqueue('author/project', two.number, 'author')];
    const of = (index: number, from = base) => ({ head: queued[index]?.head ?? '', ref: queued[index]?.ref ?? '', base: from, baseBranch: 'main' });
    expect(await world.host.pullsOfGroup(source, of(0))).toEqual({ known: true, pulls: [{ number: one.number, head: first, branch: 'mission/1/first', isOurs: true }] });
    expect(await world.host.pullsOfGroup(source, of(1))).toMatchObject({ known: true, pulls: [{ number: one.number, head: first }, { number: two.number, head: second }] });
    expect(await world.host.pullsOfGroup(source, of(1, queued[0]?.head))).toMatchObject({ known: true, pulls: [{ number: two.number }] });
    expect(await world.host.pullsOfGroup(source, { ...of(0), ref: 'refs/heads/elsewhere' })).toMatchObject({ known: false, reason: expect.stringContaining('names no pull request') as string });
    const stray = await commitOn('stray', base, { 'stray/1.txt': 'x' });
    await checkout.commit('more', { 'stray/2.txt': 'x' });
    const head = await checkout.commit('and more', { 'stray/3.txt': 'x' });
    await checkout.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/stray');
    expect(stray).not.toBe(head);
    expect(await world.host.pullsOfGroup(source, { ...of(0), head })).toEqual({ known: false, reason: '3 commits of the group belong to no pull request that GitHub names' });
    // As a queue that rebases makes it: the first commit came with another pull request, whose author named this one in its message.
    await commitOn('rebased', base, { 'rebased/1.txt': 'x' });
    await checkout.git('commit', '--quiet', '--amend', '-m', `Harmless (#${two.number})`);
    await checkout.commit('Second', { 'rebased/2.txt': 'x' });
    await checkout.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/rebased');
    const rebased = (await checkout.git('rev-parse', 'HEAD')).trim();
    expect(await world.host.pullsOfGroup(source, { ...of(1), head: rebased })).toEqual({ known: false, reason: '2 commits of the group belong to no pull request that GitHub names' });
    await world.forge.dequeue('author/project', two.number);
    await world.forge.dequeue('author/project', one.number);
    await world.forge.as('author').request('DELETE', '/repos/author/project/branches/main/protection');
  });
});

describe('the repository', () => {
  it('tells labels, files of the default branch, and null for what is no file', async () => {
    expect((await world.host.labelsOf(source)).toSorted()).toEqual(['bug', 'mission']);
    expect(await world.host.readFile(source, '.github/missions/a b.yml')).toBe('name: ä\n');
    expect(await world.host.readFile(source, '.github/missions')).toBeNull();
    expect(await world.host.readFile(source, 'no/such/file')).toBeNull();
  });

  it('is reached by workers under an address of its own, with a token that can do nothing else', async () => {
    expect(world.host.addressOf(source)).toEqual({ key: `127.0.0.1-${new URL(world.forge.url).port}-${world.repository.id}`, cloneUrl: `${world.forge.url}/author/project.git` });
    const given = await world.host.credentialsFor(source)();
    expect(given?.username).toBe('x-access-token');
  });

  it.each([
    ['https://api.github.com', 'https://github.com'],
    ['https://ghe.example/api/v3', 'https://ghe.example'],
    ['https://api.octo.ghe.com', 'https://octo.ghe.com'],
    ['http://127.0.0.1:3000/api/v3', 'http://127.0.0.1:3000'],
  ])('%s has its pages at %s', (api, web) => {
    expect(webUrlOf(api)).toBe(web);
  });
});

describe('the trunk', () => {
  it('stands on the default branch until it exists, and names who wrote what it has over its base', async () => {
    expect(await world.host.trunk(source, 'mission/1/none', null)).toEqual({ head: base, authors: [] });
    const head = await commitOn('mission/1/authors', base, null, 'work\n\nCo-authored-by: Rita <7+reviewer@users.noreply.github.com>');
    expect(await world.host.trunk(source, 'mission/1/authors', base)).toEqual({ head, authors: ['author', 'reviewer'], contributors: { author: ['author'], committer: ['author'], 'co-author': ['reviewer'] } });
    expect(await world.host.trunk(source, 'mission/1/authors', head)).toEqual({ head, authors: [] });
  });

  it('has no authors of what came in from the default branch', async () => {
    const head = await commitOn('mission/1/merged', base, null, 'work\n\nCo-authored-by: Rita <7+reviewer@users.noreply.github.com>');
    await checkout.git('push', '--quiet', 'origin', `${head}:refs/heads/main`);
    const after = await commitOn('mission/1/merged', head);
    expect(await world.host.trunk(source, 'mission/1/merged', base)).toMatchObject({ head: after, authors: ['author'] });
    await checkout.git('push', '--quiet', '--force', 'origin', `${base}:refs/heads/main`);
  });

  it('leaves out our own bot and GitHub\'s pages, and knows no-reply addresses', () => {
    const commit = (login: string | null, email: string, message = '') => ({ author: login === null ? null : { login }, committer: { login: 'web-flow' }, commit: { message, author: { email }, committer: { email: 'noreply@github.com' } } });
    expect(authorsOf([commit('gate[bot]', 'x@y'), commit(null, '12+gate[bot]@users.noreply.github.com'), commit('ada', 'ada@x')], 'gate[bot]').authors).toEqual(['ada']);
    expect(authorsOf([commit(null, '12+Octo@users.noreply.github.com'), commit(null, 'Some.One@Example.com', 'x\n\nco-authored-by: B <b@example.com>\nCo-Authored-By: broken')], 'gate[bot]').authors).toEqual(['Octo', 'b@example.com', 'some.one@example.com']);
    const message = `Long\n\n${'é'.repeat(70_000)}\n\n  Co-authored-by : ${'B'.repeat(300)} < b@example.com > (pair)\r\nCO-AUTHORED-BY: C<c@example.com>\r\n`;
    expect(authorsOf([commit('ada', 'ada@x', message)], 'gate[bot]').contributors['co-author']).toEqual(['b@example.com', 'c@example.com']);
    expect(authorsOf([{}, { author: null, committer: null, commit: null }], 'gate[bot]').authors).toEqual([]);
  });
});

describe('merging', () => {
  it('creates the branch at its base, merges, and counts what is contained as merged', async () => {
    const commit = await commitOn('mission/1/a', base);
    const first = await merge('mission/1/trunk', commit);
    expect(first).toMatchObject({ outcome: 'merged', authors: ['author'] });
    expect(await merge('mission/1/trunk', commit)).toEqual(first);
    const refs = await world.repository.refs();
    expect(refs.find(({ ref: name }) => name === 'refs/heads/mission/1/trunk')).toMatchObject(first.outcome === 'merged' ? { sha: first.head } : {});
  });

  it('says when changes collide, when the commit is unknown, and when it may not', async () => {
    const one = await commitOn('mission/1/one', base, { 'same.txt': 'one' });
    const two = await commitOn('mission/1/two', base, { 'same.txt': 'two' });
    expect(await merge('mission/1/collide', one)).toMatchObject({ outcome: 'merged' });
    expect(await merge('mission/1/collide', two)).toMatchObject({ outcome: 'conflict' });
    expect(await merge('mission/1/collide', 'f'.repeat(40))).toMatchObject({ outcome: 'refused' });
    world.forge.addFault({ match: { method: 'POST', path: '/merges$' }, times: 1, effect: { status: 403, body: { message: 'Resource not accessible by integration' } } });
    expect(await merge('mission/1/collide', one)).toMatchObject({ outcome: 'refused' });
  });

  it('looks before it merges again when the answer was lost', async () => {
    const commit = await commitOn('mission/1/lost', base);
    expect(await merge('mission/1/lost-trunk', await commitOn('mission/1/lost0', base))).toMatchObject({ outcome: 'merged' });
    world.forge.addFault({ match: { method: 'POST', path: '/merges$' }, times: 1, effect: 'drop-answer' });
    const before = world.flaky.writes.length;
    expect(await merge('mission/1/lost-trunk', commit)).toMatchObject({ outcome: 'merged' });
    expect(world.flaky.writes.slice(before)).toHaveLength(1);
    world.forge.addFault({ match: { method: 'POST', path: '/merges$' }, times: 1, effect: 'reset' });
    const other = await commitOn('mission/1/lost2', base);
    await expect(merge('mission/1/lost-trunk', other)).rejects.toMatchObject({ failure: 'network' });
    expect(await merge('mission/1/lost-trunk', other)).toMatchObject({ outcome: 'merged' });
  });

  it('passes on that GitHub asked for a pause', async () => {
    world.forge.addFault({ match: { method: 'POST', path: '/merges$' }, times: 1, effect: { status: 429, headers: { 'retry-after': '5' } } });
    await expect(merge('mission/1/trunk', base)).rejects.toMatchObject({ failure: 'rate-limit', retryAfterMs: 5000 });
    world.clock.advance(5000);
  });
});
