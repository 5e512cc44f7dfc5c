import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const at = { owner: 'author', repo: 'project' };
const REPOSITORY = 'author/project';

describe('issues and comments', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld();
  });
  afterEach(() => finish(world));

  it('take bodies of 65,536 characters and not one more, an emoji counting once', async () => {
    const author = world.forge.as('author');
    const { number } = await author.openIssue(REPOSITORY, { title: 'Long', body: '🚀'.repeat(65_536) });
    expect(await statusOf(author.openIssue(REPOSITORY, { title: 'Longer', body: 'x'.repeat(65_537) }))).toBe(422);
    expect(await statusOf(author.comment(REPOSITORY, number, 'x'.repeat(65_537)))).toBe(422);
    expect(await statusOf(author.comment(REPOSITORY, number, 'x'.repeat(65_536)))).toBe(0);
    expect(await statusOf(author.openIssue(REPOSITORY, { title: 'x'.repeat(257) }))).toBe(422);
  });

  it('remember their versions and who wrote them, for those who may see them', async () => {
    const author = world.forge.as('author');
    const { number } = await author.openIssue(REPOSITORY, { title: 'Versions', body: 'one' });
    const { id } = await author.comment(REPOSITORY, number, 'first');
    const octokit = world.octokit('installation');
    const query = 'query($id: ID!) { node(id: $id) { ... on Issue { userContentEdits(first: 2) { nodes { editedAt editor { __typename login } diff } } } } }';
    const versions = async (nodeId: string) => {
      const { node } = await octokit.graphql<{ node: { userContentEdits: { nodes: { diff: string; editor: { login: string } }[] } } }>(query, { id: nodeId });
      return node.userContentEdits.nodes.map(({ diff, editor }) => [editor.login, diff]);
    };
    const issue = (await octokit.rest.issues.get({ ...at, issue_number: number })).data;
    const comment = (await octokit.rest.issues.getComment({ ...at, comment_id: id })).data;
    expect(await versions(issue.node_id)).toEqual([]);
    await world.forge.as('reviewer').editIssue(REPOSITORY, number, { body: 'two' });
    await author.editIssue(REPOSITORY, number, { body: 'three', title: 'Renamed' });
    await author.editComment(REPOSITORY, id, 'second');
    expect(await versions(issue.node_id)).toEqual([['author', 'three'], ['reviewer', 'two']]);
    expect(await versions(comment.node_id)).toEqual([['author', 'second'], ['author', 'first']]);
    await expect(versions('nothing')).rejects.toThrow('Could not resolve');
    const renamed = (await octokit.rest.issues.listEvents({ ...at, issue_number: number })).data.find(({ event }) => event === 'renamed');
    expect(renamed).toMatchObject({ rename: { from: 'Versions', to: 'Renamed' } });
  });

  it('say which field was wrong', async () => {
    const { rest } = world.octokit('author');
    const refused = (await rest.issues.create({ ...at, title: '' }).catch((error: unknown) => error)) as { response: { data: unknown } };
    expect(refused.response.data).toMatchObject({ message: 'Validation Failed', status: '422', errors: [{ resource: 'Issue', field: 'title', code: 'missing_field' }] });
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'One' });
    expect(await statusOf(world.forge.as('author').comment(REPOSITORY, 1, ' \n'))).toBe(422);
    expect(await statusOf(rest.issues.update({ ...at, issue_number: 1, state: 'opened' as 'open' }))).toBe(422);
    expect(await statusOf(rest.issues.get({ ...at, issue_number: 99 }))).toBe(404);
    expect((await fetch(`${world.forge.apiUrl}/repos/author/project/issues`, { method: 'POST', body: '{', headers: { authorization: `token ${world.tokens.author}` } })).status).toBe(400);
  });

  it('may be edited by their author or people who write, not by others', async () => {
    world.forge.setRole(REPOSITORY, 'stranger', 'triage');
    const { number } = await world.forge.as('author').openIssue(REPOSITORY, { title: 'Mine', body: '- [ ] one' });
    const comment = await world.forge.as('author').comment(REPOSITORY, number, 'Mine too');
    expect(await statusOf(world.forge.as('stranger').editIssue(REPOSITORY, number, { body: '- [x] one' }))).toBe(403);
    expect(await statusOf(world.forge.as('stranger').editComment(REPOSITORY, comment.id, 'Yours'))).toBe(403);
    expect(await statusOf(world.forge.as('stranger').editIssue(REPOSITORY, number, { state: 'closed' }))).toBe(0);
    expect(await statusOf(world.forge.as('reviewer').editIssue(REPOSITORY, number, { body: '- [x] one' }))).toBe(0);
    expect(await statusOf(world.forge.as('reviewer').deleteComment(REPOSITORY, comment.id))).toBe(0);
  });

  it('refuse comments of outsiders while locked', async () => {
    const { number } = await world.forge.as('author').openIssue(REPOSITORY, { title: 'Heated' });
    await world.octokit('author').rest.issues.lock({ ...at, issue_number: number, lock_reason: 'too heated' });
    expect(await statusOf(world.forge.as('stranger').comment(REPOSITORY, number, 'But'))).toBe(403);
    expect(await statusOf(world.forge.as('reviewer').comment(REPOSITORY, number, 'Enough'))).toBe(0);
  });

  it('announce an edit with what was there before, and say nothing when nothing changed', async () => {
    const author = world.forge.as('author');
    const { number } = await author.openIssue(REPOSITORY, { title: 'Plan', body: 'before' });
    await author.editIssue(REPOSITORY, number, { body: 'after' });
    await author.editIssue(REPOSITORY, number, { body: 'after' });
    const comment = await author.comment(REPOSITORY, number, 'one');
    await author.editComment(REPOSITORY, comment.id, 'two');
    await world.forge.idle();
    const edits = world.forge.deliveries().filter((one) => one.action === 'edited');
    expect(edits.map((one) => [one.event, one.payload['changes']])).toEqual([
      ['issues', { body: { from: 'before' } }],
      ['issue_comment', { body: { from: 'one' } }],
    ]);
  });

  it('label with colour and description, creating what is unknown, and 404 for what is not on the issue', async () => {
    const author = world.forge.as('author');
    const { number } = await author.openIssue(REPOSITORY, { title: 'Labels' });
    await author.addLabel(REPOSITORY, number, 'Mission', 'mission', 'bug');
    expect(world.repository.issue(number).labels.map((label) => label.name)).toEqual(['Mission', 'bug']);
    await author.removeLabel(REPOSITORY, number, 'MISSION');
    expect(await statusOf(author.removeLabel(REPOSITORY, number, 'mission'))).toBe(404);
    expect(await statusOf(world.octokit('author').rest.issues.createLabel({ ...at, name: 'BUG' }))).toBe(422);
    expect(await statusOf(world.octokit('author').rest.issues.createLabel({ ...at, name: 'x'.repeat(51) }))).toBe(422);
  });

  it('react once per person and kind', async () => {
    const { number } = await world.forge.as('author').openIssue(REPOSITORY, { title: 'Nice' });
    const react = (who: 'author' | 'reviewer') => world.octokit(who).rest.reactions.createForIssue({ ...at, issue_number: number, content: '+1' });
    expect([(await react('author')).status, (await react('author')).status, (await react('reviewer')).status]).toEqual([201, 200, 201]);
    expect((await world.octokit('author').rest.issues.get({ ...at, issue_number: number })).data.reactions).toMatchObject({ '+1': 2, total_count: 2 });
  });

  it('list in pages with links, and by time of change', async () => {
    const author = world.forge.as('author');
    for (const title of ['one', 'two', 'three']) await author.openIssue(REPOSITORY, { title });
    const octokit = world.octokit('author');
    const first = await octokit.rest.issues.listForRepo({ ...at, per_page: 2 });
    expect(first.data.map((issue) => issue.title)).toEqual(['three', 'two']);
    expect(first.headers.link).toMatch(/page=2>; rel="next".*rel="last"/);
    expect(await octokit.paginate(octokit.rest.issues.listForRepo, { ...at, per_page: 2 })).toHaveLength(3);
    world.clock.advance(60_000);
    const later = new Date(world.clock.now()).toISOString();
    await author.comment(REPOSITORY, 2, 'now');
    expect((await octokit.rest.issues.listForRepo({ ...at, since: later })).data.map((issue) => issue.number)).toEqual([2]);
    expect((await octokit.rest.issues.listCommentsForRepo({ ...at, since: later })).data).toHaveLength(1);
    world.clock.advance(1_000);
    expect((await octokit.rest.issues.listComments({ ...at, issue_number: 2, since: new Date(world.clock.now()).toISOString() })).data).toEqual([]);
  });

  it('answer an unchanged page with 304, free of charge', async () => {
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Same' });
    const headers = { authorization: `token ${world.tokens.author}` };
    const first = await fetch(`${world.forge.apiUrl}/repos/author/project/issues/1`, { headers });
    const used = world.forge.quota('user:author').used;
    const etag = first.headers.get('etag') ?? '';
    expect((await fetch(`${world.forge.apiUrl}/repos/author/project/issues/1`, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
    expect(world.forge.quota('user:author').used).toBe(used);
    await world.forge.as('author').comment(REPOSITORY, 1, 'Changed');
    expect((await fetch(`${world.forge.apiUrl}/repos/author/project/issues/1`, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(200);
  });

  it('serves the API below /api/v3 and at the root', async () => {
    for (const base of [world.forge.apiUrl, world.forge.url]) expect((await fetch(`${base}/repos/author/project`)).status).toBe(200);
    expect(await statusOf(world.octokit('author').request('GET /repos/{owner}/{repo}/milestones', at))).toBe(404);
  });
});
