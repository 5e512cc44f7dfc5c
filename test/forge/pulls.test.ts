import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import type { Checkout, ForgeWorld } from '../support/forge-world.ts';

const at = { owner: 'author', repo: 'project' };
const REPOSITORY = 'author/project';

describe('a pull request', () => {
  let world: ForgeWorld;
  let work: Checkout;
  beforeEach(async () => {
    world = await forgeWorld();
    work = await world.clone(world.tokens.author);
  });
  afterEach(() => finish(world));

  /** Pushes a branch with one commit and opens a pull request from it. */
  async function open(branch: string, files: Readonly<Record<string, string>>, more: { draft?: boolean; body?: string } = {}): Promise<number> {
    await work.git('checkout', '--quiet', '-B', branch, 'origin/main');
    await work.commit(`Work on ${branch}`, files);
    await work.git('push', '--quiet', '--force', 'origin', branch);
    return (await world.forge.as('author').openPull(REPOSITORY, { title: branch, head: branch, base: 'main', ...more })).number;
  }

  async function mergeableState(number: number): Promise<[boolean | null, string]> {
    const { data } = await world.octokit('author').rest.pulls.get({ ...at, pull_number: number });
    return [data.mergeable, data.mergeable_state];
  }

  it('needs two branches with something between them, once', async () => {
    const author = world.forge.as('author');
    const message = async (pull: { title: string; head: string; base: string }) => JSON.stringify(((await author.openPull(REPOSITORY, pull).catch((error: unknown) => error)) as { body?: unknown }).body);
    await work.git('push', '--quiet', 'origin', 'main:refs/heads/same');
    expect(await message({ title: 'x', head: 'same', base: 'main' })).toContain('No commits between main and same');
    expect(await message({ title: 'x', head: 'missing', base: 'main' })).toContain('"field":"head","code":"invalid"');
    expect(await message({ title: 'x', head: 'same', base: 'missing' })).toContain('"field":"base","code":"invalid"');
    await open('feature', { 'a.txt': 'a\n' });
    expect(await message({ title: 'x', head: 'feature', base: 'main' })).toContain('A pull request already exists for author:feature.');
    expect(await statusOf(world.forge.as('stranger').openPull(REPOSITORY, { title: 'x', head: 'feature', base: 'main' }))).toBe(403);
  });

  it('cannot be approved by its author, whoever opened it', async () => {
    const number = await open('feature', { 'a.txt': 'a\n' });
    const own = (await world.forge.as('author').review(REPOSITORY, number, { event: 'APPROVE' }).catch((error: unknown) => error)) as { status: number; body: { errors: string[] } };
    expect([own.status, own.body.errors]).toEqual([422, ['Can not approve your own pull request']]);
    expect(await statusOf(world.forge.as('author').review(REPOSITORY, number, { event: 'COMMENT', body: 'Look' }))).toBe(0);
    const bot = world.octokit('installation').rest;
    await work.git('push', '--quiet', 'origin', 'feature:refs/heads/bots');
    const { data } = await bot.pulls.create({ ...at, title: 'By a bot', head: 'bots', base: 'main' });
    expect(await statusOf(bot.pulls.createReview({ ...at, pull_number: data.number, event: 'APPROVE' }))).toBe(422);
    expect(await statusOf(world.forge.as('reviewer').review(REPOSITORY, data.number, { event: 'APPROVE' }))).toBe(0);
    expect(await statusOf(world.forge.as('reviewer').review(REPOSITORY, data.number, { event: 'REQUEST_CHANGES' }))).toBe(422);
  });

  it('has a mergeability that is unknown at first and then what git says', async () => {
    const number = await open('feature', { 'README.md': '# Ours\n' });
    expect(await mergeableState(number)).toEqual([true, 'clean']);
    await work.git('checkout', '--quiet', 'main');
    await work.commit('Theirs', { 'README.md': '# Theirs\n' });
    await work.git('push', '--quiet', 'origin', 'main');
    expect(await mergeableState(number)).toEqual([null, 'unknown']);
    expect(await mergeableState(number)).toEqual([false, 'dirty']);
    expect(await statusOf(world.forge.as('author').merge(REPOSITORY, number))).toBe(405);
  });

  it('is merged once, at the head the caller has seen, by people who may write', async () => {
    const number = await open('feature', { 'a.txt': 'a\n' }, { body: 'Closes #99 and fixes #2.' });
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'To be fixed' });
    const { headSha } = world.repository.pulls()[0]?.pull ?? { headSha: '' };
    expect(await statusOf(world.forge.as('stranger').merge(REPOSITORY, number))).toBe(403);
    expect(await statusOf(world.forge.as('reviewer').merge(REPOSITORY, number, { sha: '0'.repeat(40) }))).toBe(409);
    const merged = await world.forge.as('reviewer').merge(REPOSITORY, number, { sha: headSha });
    expect(await statusOf(world.forge.as('reviewer').merge(REPOSITORY, number))).toBe(405);
    const [commit] = await world.repository.commits('main');
    expect(commit).toMatchObject({ sha: merged.sha, message: `Merge pull request #${number} from author/feature\n\nfeature` });
    expect(commit?.parents[1]).toBe(headSha);
    expect(world.repository.issue(2)).toMatchObject({ state: 'closed', stateReason: 'completed' });
    await world.forge.idle();
    const closed = world.forge.deliveries().find((one) => one.event === 'pull_request' && one.action === 'closed');
    expect(closed?.payload['pull_request']).toMatchObject({ merged: true, merge_commit_sha: merged.sha, merged_by: { login: 'reviewer' } });
  });

  it('that is a draft is not merged until GraphQL marks it ready; GraphQL serves nothing else', async () => {
    const number = await open('feature', { 'a.txt': 'a\n' }, { draft: true });
    expect(await mergeableState(number)).toEqual([true, 'draft']);
    expect(await statusOf(world.forge.as('author').merge(REPOSITORY, number))).toBe(405);
    const id = (await world.octokit('author').rest.pulls.get({ ...at, pull_number: number })).data.node_id;
    const mutation = (name: string) => `mutation { ${name}(input: {pullRequestId: "${id}"}) { pullRequest { isDraft } } }`;
    await expect(world.octokit('stranger').graphql(mutation('markPullRequestReadyForReview'))).rejects.toThrow('does not have the correct permissions');
    await world.octokit('author').graphql(mutation('markPullRequestReadyForReview'));
    expect(world.repository.pulls()[0]?.pull.draft).toBe(false);
    await world.octokit('author').graphql(mutation('convertPullRequestToDraft'));
    await expect(world.octokit('author').graphql('{ viewer { login } }')).rejects.toThrow('serves only the mutations');
    await world.forge.idle();
    expect(world.forge.deliveries().filter((one) => one.event === 'pull_request').map((one) => one.action)).toEqual(['opened', 'ready_for_review', 'converted_to_draft']);
  });

  it('follows its branch: pushes synchronise it, deletion closes it, arrival in the base merges it', async () => {
    const first = await open('one', { 'a.txt': 'a\n' });
    const before = world.repository.pulls()[0]?.pull.headSha;
    const after = await work.commit('More', { 'a.txt': 'b\n' });
    await work.git('push', '--quiet', 'origin', 'one');
    const second = await open('two', { 'b.txt': 'b\n' });
    await work.git('push', '--quiet', 'origin', ':two');
    await world.octokit('installation').rest.repos.merge({ ...at, base: 'main', head: 'one' });
    expect(world.repository.issue(second)).toMatchObject({ state: 'closed', pull: { mergedAt: null } });
    expect(world.repository.issue(first)).toMatchObject({ state: 'closed', pull: { headSha: after, mergedBy: { login: 'gatekeeper[bot]' } } });
    await world.forge.idle();
    const synchronize = world.forge.deliveries().find((one) => one.action === 'synchronize');
    expect(synchronize?.payload).toMatchObject({ number: first, before, after });
    expect((await world.octokit('author').rest.pulls.list({ ...at, state: 'all', head: 'author:one' })).data).toHaveLength(1);
  });

  it('is held by branch protection until checks of the right App and reviews are there', async () => {
    const number = await open('feature', { 'a.txt': 'a\n' });
    const admin = world.octokit('author').rest;
    await admin.repos.updateBranchProtection({
      ...at,
      branch: 'main',
      required_status_checks: { strict: false, contexts: [], checks: [{ context: 'missiongate', app_id: world.app.appId }] },
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
      restrictions: null,
    });
    const refusal = async () => ((await world.forge.as('author').merge(REPOSITORY, number).catch((error: unknown) => error)) as { body?: { message?: string } }).body?.message;
    expect(await refusal()).toContain('At least 1 approving review is required');
    await world.forge.as('stranger').review(REPOSITORY, number, { event: 'APPROVE' });
    expect(await refusal()).toContain('approving review');
    await world.forge.as('reviewer').review(REPOSITORY, number, { event: 'APPROVE' });
    const head = world.repository.pulls()[0]?.pull.headSha ?? '';
    await admin.repos.createCommitStatus({ ...at, sha: head, state: 'success', context: 'missiongate' });
    expect(await refusal()).toBe('Required status check "missiongate" is expected.');
    const checks = world.octokit('installation').rest.checks;
    const run = await checks.create({ ...at, name: 'missiongate', head_sha: head, conclusion: 'action_required' });
    expect(await refusal()).toContain('missiongate');
    expect((await mergeableState(number))[1]).toBe('blocked');
    await checks.update({ ...at, check_run_id: run.data.id, conclusion: 'success' });
    expect((await mergeableState(number))[1]).toBe('clean');

    await work.commit('Later', { 'a.txt': 'later\n' });
    await work.git('push', '--quiet', 'origin', 'feature');
    expect(world.repository.pulls()[0]?.reviews.map((review) => review.state)).toEqual(['DISMISSED', 'DISMISSED']);
    expect(world.repository.checkRuns(head)).toHaveLength(1);
    expect((await checks.listForRef({ ...at, ref: 'feature' })).data.total_count).toBe(0);
    expect(await refusal()).toContain('approving review');
  });

  it('may come from a fork, and keeps its commits when the fork goes on', async () => {
    const fork = await world.forge.fork(REPOSITORY, 'stranger');
    const theirs = await world.clone(world.tokens.stranger, 'stranger/project');
    await theirs.git('checkout', '--quiet', '-b', 'gift');
    const sha = await theirs.commit('A gift', { 'gift.txt': 'for you\n' });
    await theirs.git('push', '--quiet', 'origin', 'gift');
    const pull = await world.forge.as('stranger').openPull(REPOSITORY, { title: 'Gift', head: 'stranger:gift', base: 'main' });
    const { data } = await world.octokit('author').rest.pulls.get({ ...at, pull_number: pull.number });
    expect([data.head.repo?.full_name, data.head.repo?.fork, data.head.sha, data.author_association]).toEqual([fork.fullName, true, sha, 'NONE']);
    const next = await theirs.commit('More gifts', { 'gift.txt': 'and more\n' });
    await theirs.git('push', '--quiet', 'origin', 'gift');
    expect(world.repository.pulls()[0]?.pull.headSha).toBe(next);
    expect(await statusOf(world.forge.as('stranger').merge(REPOSITORY, pull.number))).toBe(403);
    expect(await statusOf(world.forge.as('author').merge(REPOSITORY, pull.number, { method: 'squash' }))).toBe(0);
    expect([...(await world.repository.filesAt()).keys()]).toContain('gift.txt');
  });

  it('asks only collaborators for review, never its author', async () => {
    const number = await open('feature', { 'a.txt': 'a\n' });
    const { pulls } = world.octokit('author').rest;
    expect(await statusOf(pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['stranger'] }))).toBe(422);
    expect(await statusOf(pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['author'] }))).toBe(422);
    expect(await statusOf(pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['reviewer', 'stranger'] }))).toBe(422);
    expect((await pulls.listRequestedReviewers({ ...at, pull_number: number })).data.users).toEqual([]);
    expect(await statusOf(pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['reviewer'] }))).toBe(0);
  });

  it('merges of branches answer 201, 204, 409 and 404 as GitHub words them', async () => {
    const { repos } = world.octokit('installation').rest;
    await open('left', { 'README.md': '# Left\n' });
    await open('right', { 'README.md': '# Right\n' });
    const merge = async (base: string, head: string) => {
      const done = await repos.merge({ ...at, base, head }).catch((error: unknown) => error as { status: number; response: { data: { message: string } } });
      return 'response' in done ? [done.status, done.response.data.message] : [done.status];
    };
    expect(await merge('main', 'left')).toEqual([201]);
    expect(await merge('main', 'left')).toEqual([204]);
    expect(await merge('main', 'right')).toEqual([409, 'Merge conflict']);
    expect(await merge('nowhere', 'left')).toEqual([404, 'Base does not exist']);
    expect(await merge('main', 'nowhere')).toEqual([404, 'Head does not exist']);
  });
});
