import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

const withFile = (path: string, gate = '', text = 'text') => `## Build\n${gate}\n- [ ] Write\n  - id: write\n  - uses: file.write\n  - path: ${path}\n\n  \`\`\`\n  ${text}\n  \`\`\`\n`;

describe('people approve a gate', () => {
  let world: ProductWorld;
  let issue = 0;

  beforeAll(async () => {
    world = await ProductWorld.open({ files: { '.github/CODEOWNERS': '/db/ @second\n/acme/ @acme/security\n/mail/ someone@example.com\n' } });
    const { forge, repository } = world;
    forge.createUser({ login: 'second' });
    forge.createUser({ login: 'guard' });
    forge.createOrganization({ login: 'acme', members: { guard: 'member', author: 'admin' } });
    forge.createTeam({ organization: 'acme', slug: 'security', members: { guard: 'member' } });
    forge.setRole(repository.fullName, 'second', 'write');
    forge.setRole(repository.fullName, 'guard', 'write');
    await world.startApp();
  });
  afterAll(async () => {
    try {
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });
  beforeEach(() => {
    issue = 0;
  });

  const say = (login: string, text: string) => world.forge.as(login).comment(world.repository.fullName, issue, text);
  const said = () => world.comments(issue).filter((body) => body.includes('mg:o'));
  const heard = (words: RegExp) => world.until(`the bot says ${words}`, () => said().some((body) => words.test(body)));
  const checkOf = (name: string) => world.repository.checkRuns().findLast((run) => run.name === name && run.externalId.includes(`-i${issue}:`));
  const untilGate = (conclusion: string) => world.until(`the gate of #${issue} is ${conclusion}`, () => checkOf('gate/build')?.conclusion === conclusion);
  const pullOf = () => {
    const found = world.repository.pulls().find(({ pull }) => pull.headRef === `mission/${issue}/trunk`);
    if (!found) throw new Error('there is no pull request yet');
    return found;
  };
  const put = (login: string, branch: string, path: string, text: string, message = `Write ${path}`) =>
    world.forge.as(login).request('PUT', `/repos/${world.repository.fullName}/contents/${path}`, { message, content: Buffer.from(text).toString('base64'), branch });

  it('by a team: a member counts, an outsider is told who would', async () => {
    issue = await world.mission('Team', withFile('team.md', '- gate: 1 approval from team:acme/security\n'));
    await untilGate('action_required');
    expect(checkOf('gate/build')?.summary).toContain('team acme/security');
    await say('reviewer', '/approve-gate build');
    await heard(/@reviewer[\s\S]*team acme\/security[\s\S]*that is not you/);
    await say('guard', '/approve-gate build');
    await untilGate('success');
  });

  it('as its code owners, by the file of the default branch and not by one that the change brings along', async () => {
    issue = await world.mission('Owners', withFile('db/schema.sql', '- gate: 1 approval, and 1 approval from codeowners\n'));
    await untilGate('action_required');
    await say('reviewer', '/approve-gate build');
    await world.until('an owner is missing', () => /second for db\/schema/.test(checkOf('gate/build')?.summary ?? ''));
    expect(checkOf('gate/build')?.conclusion).toBe('action_required');
    await say('second', '/approve-gate build');
    await untilGate('success');
  });

  it('as the code owner whose e-mail address the file names, by what their profile shows', async () => {
    world.forge.createUser({ login: 'mailed', email: 'Someone@Example.com' });
    world.forge.setRole(world.repository.fullName, 'mailed', 'write');
    issue = await world.mission('By mail', withFile('mail/letter.md', '- gate: 1 approval from codeowners\n'));
    await untilGate('action_required');
    await say('second', '/approve-gate build');
    await heard(/@second[\s\S]*that is not you/);
    await say('mailed', '/approve-gate build');
    await untilGate('success');
    expect(checkOf('gate/build')?.summary).toContain('mailed');
  });

  it('and lose that by a push that changes the change, but not by one that only brings in the default branch', async () => {
    issue = await world.mission('Kept', withFile('kept.md', '- gate: 2 approvals\n'));
    await untilGate('action_required');
    await say('reviewer', '/approve-gate build');
    await world.until('one approval is there', () => (checkOf('gate/build')?.title ?? '').includes('1 approval'));
    await put('author', 'main', `unrelated-${issue}.md`, 'news\n');
    const before = checkOf('gate/build');
    await world.forge.as('author').request('POST', `/repos/${world.repository.fullName}/merges`, { base: `mission/${issue}/trunk`, head: 'main', commit_message: 'Bring in main' });
    await world.until('the new head was examined', () => checkOf('gate/build')?.headSha !== before?.headSha && checkOf('gate/build')?.conclusion === 'action_required');
    expect(checkOf('gate/build')?.title).toContain('1 approval');
    expect(checkOf('gate/build')?.summary).toContain('`reviewer`');
    const kept = checkOf('gate/build');
    await put('author', `mission/${issue}/trunk`, 'sneaked.md', 'in\n');
    await world.until('the other head was examined', () => checkOf('gate/build')?.headSha !== kept?.headSha && checkOf('gate/build')?.conclusion === 'action_required');
    expect(checkOf('gate/build')?.title).toContain('2 approvals');
    expect(checkOf('gate/build')?.summary).toContain('the patch changed');
  });

  it('for one commit: what was said for one that the trunk has left is taken back', async () => {
    issue = await world.mission('Left', withFile('left.md'));
    await untilGate('action_required');
    await say('reviewer', '/approve-gate build');
    await untilGate('success');
    await world.until('the composite check stands', () => checkOf('missiongate')?.conclusion === 'success');
    const left = checkOf('missiongate');
    await put('author', `mission/${issue}/trunk`, 'after.md', 'after\n');
    await world.until('the new head waits', () => checkOf('gate/build')?.headSha !== left?.headSha && checkOf('gate/build')?.conclusion === 'action_required');
    expect(world.repository.checkRuns().find(({ id }) => id === left?.id)).toMatchObject({ conclusion: 'cancelled', title: 'The trunk has moved on' });
    await world.until('the composite check waits there too', () => checkOf('missiongate')?.headSha === checkOf('gate/build')?.headSha && checkOf('missiongate')?.conclusion === 'action_required');
    expect(pullOf().pull.draft).toBe(true);
  });

  it('for a commit that comes back as for any other: a trunk that is moved to and fro is followed every time', async () => {
    issue = await world.mission('To and fro', withFile('to-and-fro.md'));
    await untilGate('action_required');
    const first = checkOf('gate/build')?.headSha ?? '';
    await put('author', `mission/${issue}/trunk`, 'more.md', 'more\n');
    await world.until('the second head waits', () => checkOf('gate/build')?.headSha !== first && checkOf('gate/build')?.conclusion === 'action_required');
    const second = checkOf('gate/build')?.headSha ?? '';
    const now = () => Math.floor(Date.now() / 1000);
    let last = now();
    const move = async (sha: string) => {
      // GitHub tells the second of a push, no more.
      await world.until('another second', () => now() > last);
      last = now();
      await world.forge.as('author').request('PATCH', `/repos/${world.repository.fullName}/git/refs/heads/mission/${issue}/trunk`, { sha, force: true });
      await world.until(`the trunk is examined at ${sha}`, () => checkOf('gate/build')?.headSha === sha && checkOf('gate/build')?.conclusion === 'action_required');
    };
    await move(first);
    await move(second);
    await move(first);
    await say('reviewer', `/approve-gate build ${first.slice(0, 7)}`);
    await untilGate('success');
    expect(checkOf('gate/build')?.headSha).toBe(first);
  });

  it('in a review, which counts until it is dismissed', async () => {
    issue = await world.mission('Dismissed', withFile('dismissed.md'));
    await untilGate('action_required');
    const { number } = pullOf().issue;
    const review = await world.forge.as('reviewer').review(world.repository.fullName, number, { event: 'APPROVE', body: 'Fine.' });
    await untilGate('success');
    await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/pulls/${number}/reviews/${review.id}/dismissals`, { message: 'Looked at the wrong one' });
    await untilGate('action_required');
    await world.until('the composite check is shut', () => checkOf('missiongate')?.conclusion === 'action_required');
    await world.until('the pull request is a draft again', () => pullOf().pull.draft);
    expect(checkOf('gate/build')?.summary).toContain('dismissed the review');
  });

  it('for one base branch: another one makes it void', async () => {
    issue = await world.mission('Retarget', withFile('retarget.md'));
    await untilGate('action_required');
    await say('reviewer', '/approve-gate build');
    await untilGate('success');
    const main = (await world.repository.commits('main'))[0]?.sha ?? '';
    await world.forge.as('author').request('POST', `/repos/${world.repository.fullName}/git/refs`, { ref: `refs/heads/release-${issue}`, sha: main });
    await world.forge.as('author').request('PATCH', `/repos/${world.repository.fullName}/pulls/${pullOf().issue.number}`, { base: `release-${issue}` });
    await untilGate('action_required');
    expect(checkOf('gate/build')?.summary).toContain(`the base branch changed from main to release-${issue}`);
  });

  it('and not at all while the policy of the repository cannot be read', async () => {
    issue = await world.mission('Policy', withFile('policy.md'));
    await untilGate('action_required');
    await put('author', 'main', '.github/missiongate.yml', 'gates:\n  aprovals: {}\n');
    await untilGate('failure');
    expect(checkOf('gate/build')?.summary).toContain('.github/missiongate.yml:2:3');
    const file = await world.forge.as('author').request<{ sha: string }>('GET', `/repos/${world.repository.fullName}/contents/.github/missiongate.yml`);
    await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/contents/.github/missiongate.yml`, { message: 'Mend the policy', content: Buffer.from('gates: { approvals: { minimum: 1, from: [role:write], allow-requester: false } }\n').toString('base64'), branch: 'main', sha: file.sha });
    await untilGate('action_required');
    await say('author', '/approve-gate build');
    await heard(/@author[\s\S]*(started|wrote|asks? for somebody else)/);
    await say('reviewer', '/approve-gate build');
    await untilGate('success');
  });
});

describe('the merge queue', () => {
  let world: ProductWorld;

  beforeAll(async () => {
    world = await ProductWorld.open({ files: { 'a.md': 'a\n' } });
    await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/branches/main/protection`, { required_status_checks: { strict: false, contexts: [], checks: [{ context: 'missiongate' }] }, enforce_admins: true, required_pull_request_reviews: null, restrictions: null });
    await world.startApp();
  });
  afterAll(async () => {
    try {
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });

  const groupCheck = (head: string) => world.repository.checkRuns(head).find((run) => run.name === 'missiongate');

  it('merges a mission whose decisions still stand, and says which', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Queue', withFile('queued.md'));
    await world.untilCheck('gate/build', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
    await world.untilCheck('missiongate', 'success');
    await world.until('the pull request is ready', () => world.pull()?.pull.draft === false);
    const { head } = await forge.enqueue(repository.fullName, world.pull()?.issue.number ?? 0, 'author');
    await world.until('the group is answered', () => groupCheck(head)?.status === 'completed');
    expect(groupCheck(head)).toMatchObject({ conclusion: 'success', title: 'Every decision still stands', externalId: `mg:group:${head}` });
    expect(groupCheck(head)?.summary).toContain('reviewer');
    await world.until('it is merged', () => world.pull()?.pull.mergedAt !== null);
    expect((await repository.filesAt('main')).get('queued.md')).toBe('text\n');
    expect(world.doubles()).toEqual([]);
  });

  it('lets a pull request pass that belongs to no mission', async () => {
    const { forge, repository } = world;
    const main = (await repository.commits('main'))[0]?.sha ?? '';
    await forge.as('author').request('POST', `/repos/${repository.fullName}/git/refs`, { ref: 'refs/heads/ordinary', sha: main });
    await forge.as('author').request('PUT', `/repos/${repository.fullName}/contents/o.md`, { message: 'Ordinary', content: Buffer.from('o\n').toString('base64'), branch: 'ordinary' });
    const pull = await forge.as('author').openPull(repository.fullName, { title: 'Ordinary', head: 'ordinary', base: 'main' });
    const { head } = await forge.enqueue(repository.fullName, pull.number, 'author');
    await world.until('the group is answered', () => groupCheck(head)?.status === 'completed');
    expect(groupCheck(head)).toMatchObject({ conclusion: 'success', title: 'Not a mission' });
    await world.until('it is merged', () => repository.issue(pull.number).state === 'closed');
  });

  it('refuses a mission that somebody queued before its gates were open, with the reason', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Too early', withFile('early.md'));
    const gate = () => repository.checkRuns().findLast((run) => run.name === 'gate/build' && run.externalId.includes(`-i${issue}:`));
    await world.until('its gate waits', () => gate()?.conclusion === 'action_required');
    const found = repository.pulls().find(({ pull }) => pull.headRef === `mission/${issue}/trunk`);
    const number = found?.issue.number ?? 0;
    await forge.as('author').request('POST', '/graphql', { query: 'mutation($pullRequestId: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $pullRequestId }) { pullRequest { isDraft } } }', variables: { pullRequestId: (await forge.as('author').request<{ node_id: string }>('GET', `/repos/${repository.fullName}/pulls/${number}`)).node_id } });
    const { head } = await forge.enqueue(repository.fullName, number, 'author');
    await world.until('the group is answered', () => groupCheck(head)?.status === 'completed');
    expect(groupCheck(head)).toMatchObject({ conclusion: 'failure' });
    expect(groupCheck(head)?.summary).toContain('its mission is not through: build is still open');
    expect(found?.pull.mergedAt).toBeNull();
    expect(repository.issue(number).state).toBe('open');
  });
});
