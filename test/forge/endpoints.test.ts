import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { allRoutes } from '../../src/forge/routes/all-routes.ts';
import { finish, forgeWorld } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const at = { owner: 'author', repo: 'project' };

/**
 * One walk over everything the forge serves, with real Octokit. It is long because the last test compares the log with
 * the registry of endpoints: an endpoint that is never answered with a schema-valid 2xx fails.
 */
describe('every endpoint of the forge', () => {
  let world: ForgeWorld;

  beforeAll(async () => {
    world = await forgeWorld();
  });

  afterAll(async () => {
    await finish(world);
  });

  it('answers about apps and installations', async () => {
    const app = world.octokit('app').rest;
    expect((await app.apps.getAuthenticated()).data?.slug).toBe('gatekeeper');
    const [installation] = (await app.apps.listInstallations()).data;
    expect(installation?.id).toBe(world.installationId);
    await app.apps.getInstallation({ installation_id: world.installationId });
    await app.apps.getRepoInstallation(at);
    await app.apps.getBySlug({ app_slug: 'gatekeeper' });
    await app.apps.suspendInstallation({ installation_id: world.installationId });
    await app.apps.unsuspendInstallation({ installation_id: world.installationId });
    const token = await world.installationToken({ repositories: ['project'], permissions: { issues: 'read' } });
    const narrowed = world.octokit({ token }).rest;
    expect((await narrowed.apps.listReposAccessibleToInstallation()).data.total_count).toBe(1);
    await narrowed.apps.revokeInstallationAccessToken();
    await app.apps.getWebhookConfigForApp();
    await app.apps.updateWebhookConfigForApp({ secret: 'very secret' });
    await world.forge.idle();
    const [delivery] = (await app.apps.listWebhookDeliveries({ per_page: 1 })).data;
    const id = delivery?.id ?? 0;
    expect((await app.apps.getWebhookDelivery({ delivery_id: id })).data.event).toBe('installation');
    expect((await app.apps.redeliverWebhookDelivery({ delivery_id: id })).status).toBe(202);
    const other = await world.forge.createApp({ slug: 'passing', name: 'Passing', owner: 'author', events: [], permissions: {} });
    const installed = world.forge.install(other.appId, 'author', 'all');
    await world.octokit({ token: world.appJwt({ iss: other.clientId, key: other.privateKey }) }).rest.apps.deleteInstallation({ installation_id: installed });
  });

  it('answers about people and itself', async () => {
    const { rest } = world.octokit('author');
    expect((await rest.users.getAuthenticated()).data.login).toBe('author');
    expect((await rest.users.getByUsername({ username: 'gatekeeper[bot]' })).data.type).toBe('Bot');
    await rest.repos.listForAuthenticatedUser();
    await rest.repos.listForUser({ username: 'author' });
    await rest.rateLimit.get();
    await rest.meta.get();
    world.forge.createOrganization({ login: 'house', members: { reviewer: 'member', author: 'admin' } });
    world.forge.createTeam({ organization: 'house', slug: 'gatekeepers', members: { reviewer: 'maintainer' } });
    expect((await rest.teams.list({ org: 'house' })).data).toHaveLength(1);
    await rest.teams.getMembershipForUserInOrg({ org: 'house', team_slug: 'gatekeepers', username: 'reviewer' });
  });

  it('answers about the repository and who may do what', async () => {
    const { rest } = world.octokit('installation');
    expect((await rest.repos.get(at)).data.default_branch).toBe('main');
    await rest.repos.update({ ...at, description: 'A project' });
    expect((await rest.repos.listCollaborators(at)).data.map((one) => one.login)).toEqual(['author', 'reviewer']);
    await rest.repos.checkCollaborator({ ...at, username: 'reviewer' });
    world.forge.setRole('author/project', 'reviewer', 'maintain');
    const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...at, username: 'reviewer' });
    expect([data.permission, data.role_name]).toEqual(['write', 'maintain']);
    world.forge.setRole('author/project', 'reviewer', 'write');
  });

  it('answers about contents and git data', async () => {
    const { rest } = world.octokit('installation');
    const readme = (await rest.repos.getContent({ ...at, path: 'README.md' })).data;
    expect(readme).toMatchObject({ type: 'file', content: 'IyBQcm9qZWN0Cg==\n' });
    await rest.repos.getContent({ ...at, path: '' });
    await world.octokit('installation').request('GET /repos/{owner}/{repo}/contents', at);
    // Octokit never sends the slash at the end; other clients do.
    expect((await fetch(`${world.forge.apiUrl}/repos/author/project/contents/`)).status).toBe(200);
    await rest.repos.getContent({ ...at, path: 'src', mediaType: { format: 'object' } });
    expect((await rest.repos.getContent({ ...at, path: 'README.md', mediaType: { format: 'raw' } })).data).toBe('# Project\n');
    const made = (await rest.repos.createOrUpdateFileContents({ ...at, path: 'docs/new.md', message: 'Add docs', content: Buffer.from('new').toString('base64') })).data;
    await rest.repos.deleteFile({ ...at, path: 'docs/new.md', message: 'Drop docs', sha: made.content?.sha ?? '' });

    const head = (await rest.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
    const commit = (await rest.git.getCommit({ ...at, commit_sha: head })).data;
    const tree = (await rest.git.getTree({ ...at, tree_sha: head, recursive: '1' })).data;
    expect(tree.tree.map((entry) => entry.path)).toEqual(['README.md', 'src', 'src/index.js']);
    const blob = (await rest.git.createBlob({ ...at, content: 'two' })).data;
    expect((await rest.git.getBlob({ ...at, file_sha: blob.sha })).data.size).toBe(3);
    const newTree = (await rest.git.createTree({ ...at, base_tree: commit.tree.sha, tree: [{ path: 'two.txt', mode: '100644', type: 'blob', sha: blob.sha }, { path: 'README.md', mode: '100644', type: 'blob', content: 'again' }] })).data;
    const newCommit = (await rest.git.createCommit({ ...at, message: 'Two', tree: newTree.sha, parents: [head] })).data;
    await rest.git.createRef({ ...at, ref: 'refs/heads/mission/1/two', sha: head });
    await rest.git.updateRef({ ...at, ref: 'heads/mission/1/two', sha: newCommit.sha });
    await rest.git.listMatchingRefs({ ...at, ref: 'heads/mission/' });
    expect([...(await world.repository.filesAt('mission/1/two')).keys()]).toContain('two.txt');
    await rest.git.createRef({ ...at, ref: 'refs/tags/v1', sha: head });
    const tagger = { name: 'Bot', email: 'bot@example.com', date: '2026-01-02T03:04:05Z' };
    const tag = (await rest.git.createTag({ ...at, tag: 'kept/1', message: 'first line\n\nrest', object: head, type: 'commit', tagger })).data;
    await rest.git.createRef({ ...at, ref: 'refs/tags/kept/1', sha: tag.sha });
    expect((await rest.git.getTag({ ...at, tag_sha: tag.sha })).data).toMatchObject({ tag: 'kept/1', message: 'first line\n\nrest', tagger, object: { sha: head, type: 'commit' } });
    expect((await rest.git.createTag({ ...at, tag: 'kept/1', message: 'first line\n\nrest', object: head, type: 'commit', tagger })).data.sha).toBe(tag.sha);
    await rest.git.deleteRef({ ...at, ref: 'tags/v1' });
  });

  it('answers about branches, commits, comparisons and merges', async () => {
    const { rest } = world.octokit('installation');
    expect((await rest.repos.listBranches(at)).data).toHaveLength(2);
    await rest.repos.getBranch({ ...at, branch: 'mission/1/two' });
    await rest.repos.listCommits(at);
    const activity = (await rest.repos.listActivities({ ...at, ref: 'refs/heads/mission/1/two', per_page: 1 })).data;
    expect(activity).toMatchObject([{ activity_type: 'push', ref: 'refs/heads/mission/1/two', actor: { login: world.app.botLogin } }]);
    expect((await rest.repos.listActivities({ ...at, ref: 'mission/1/two', direction: 'asc' })).data.map((one) => one.activity_type)).toEqual(['branch_creation', 'push']);
    expect((await rest.repos.listActivities({ ...at, activity_type: 'branch_deletion', time_period: 'day' })).data).toEqual([]);
    expect((await rest.repos.getCommit({ ...at, ref: 'mission/1/two' })).data.stats?.additions).toBe(2);
    const { data } = await rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...mission/1/two' });
    expect([data.status, data.ahead_by, data.files?.length]).toEqual(['ahead', 1, 2]);
    expect((await rest.repos.merge({ ...at, base: 'main', head: 'mission/1/two', commit_message: 'Merge two' })).status).toBe(201);
    expect((await rest.repos.merge({ ...at, base: 'main', head: 'mission/1/two' })).status).toBe(204);
    await rest.repos.updateBranchProtection({
      ...at,
      branch: 'main',
      required_status_checks: { strict: false, contexts: [], checks: [{ context: 'missiongate', app_id: world.app.appId }] },
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
      restrictions: null,
    });
    await rest.repos.getBranchProtection({ ...at, branch: 'main' });
    await rest.repos.getBranch({ ...at, branch: 'main' });
    await rest.repos.deleteBranchProtection({ ...at, branch: 'main' });
  });

  it('answers about issues, comments, labels and reactions', async () => {
    const { rest } = world.octokit('installation');
    const issue = (await rest.issues.create({ ...at, title: 'A mission', body: 'Do it', labels: ['mission', 'bug'], assignees: ['reviewer'] })).data;
    const one = { ...at, issue_number: issue.number };
    expect(issue.performed_via_github_app?.slug).toBe('gatekeeper');
    await rest.issues.get(one);
    await rest.issues.update({ ...one, title: 'The mission', state: 'closed', state_reason: 'not_planned' });
    await rest.issues.update({ ...one, state: 'open', body: null as unknown as string });
    expect((await rest.issues.listForRepo({ ...at, labels: 'mission', state: 'all', since: '2020-01-01T00:00:00Z' })).data).toHaveLength(1);
    await rest.issues.removeAssignees({ ...one, assignees: ['reviewer'] });
    await rest.issues.addAssignees({ ...one, assignees: ['reviewer'] });
    await rest.issues.checkUserCanBeAssigned({ ...at, assignee: 'reviewer' });
    await rest.issues.listEvents(one);
    await rest.issues.lock({ ...one, lock_reason: 'resolved' });
    await rest.issues.unlock(one);
    const comment = (await rest.issues.createComment({ ...one, body: 'Hello' })).data;
    await rest.issues.listComments(one);
    await rest.issues.listCommentsForRepo({ ...at, sort: 'updated', direction: 'desc' });
    await rest.issues.getComment({ ...at, comment_id: comment.id });
    await rest.issues.updateComment({ ...at, comment_id: comment.id, body: 'Hello again' });
    for (const status of [201, 200]) expect((await rest.reactions.createForIssueComment({ ...at, comment_id: comment.id, content: 'eyes' })).status).toBe(status);
    const [onComment] = (await rest.reactions.listForIssueComment({ ...at, comment_id: comment.id })).data;
    await rest.reactions.deleteForIssueComment({ ...at, comment_id: comment.id, reaction_id: onComment?.id ?? 0 });
    const onIssue = (await rest.reactions.createForIssue({ ...one, content: 'rocket' })).data;
    await rest.reactions.listForIssue(one);
    await rest.reactions.deleteForIssue({ ...one, reaction_id: onIssue.id });
    await rest.issues.deleteComment({ ...at, comment_id: comment.id });

    await rest.issues.createLabel({ ...at, name: 'mission:queue', color: 'ff0000', description: 'Queue it' });
    await rest.issues.updateLabel({ ...at, name: 'mission:queue', new_name: 'mission:go', color: '00ff00' });
    await rest.issues.getLabel({ ...at, name: 'mission:go' });
    await rest.issues.listLabelsForRepo(at);
    await rest.issues.addLabels({ ...one, labels: ['mission:go'] });
    await rest.issues.removeLabel({ ...one, name: 'mission:go' });
    await rest.issues.setLabels({ ...one, labels: ['mission'] });
    await rest.issues.listLabelsOnIssue(one);
    await rest.issues.removeAllLabels(one);
    await rest.issues.deleteLabel({ ...at, name: 'mission:go' });
  });

  it('answers about pull requests and reviews', async () => {
    const { rest } = world.octokit('installation');
    const head = (await rest.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
    await rest.git.createRef({ ...at, ref: 'refs/heads/feature', sha: head });
    await rest.repos.createOrUpdateFileContents({ ...at, path: 'three.txt', message: 'Three', content: Buffer.from('3\n').toString('base64'), branch: 'feature' });
    const pull = (await rest.pulls.create({ ...at, title: 'Three', body: 'Adds it', head: 'feature', base: 'main', draft: true })).data;
    const one = { ...at, pull_number: pull.number };
    expect([pull.draft, pull.changed_files, pull.additions]).toEqual([true, 1, 1]);
    const octokit = world.octokit('installation');
    const ready = 'mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }';
    expect(await octokit.graphql(ready, { id: pull.node_id })).toMatchObject({ markPullRequestReadyForReview: { pullRequest: { isDraft: false } } });
    expect((await rest.pulls.list({ ...at, head: 'author:feature', base: 'main' })).data).toHaveLength(1);
    await rest.pulls.get(one);
    expect((await rest.pulls.get({ ...one, mediaType: { format: 'diff' } })).data).toContain('+3');
    await rest.pulls.update({ ...one, title: 'Three, really' });
    expect((await rest.pulls.listFiles(one)).data[0]?.patch).toContain('+3');
    expect((await rest.pulls.listCommits(one)).data).toHaveLength(1);
    await rest.pulls.requestReviewers({ ...one, reviewers: ['reviewer'] });
    await rest.pulls.listRequestedReviewers(one);
    await rest.pulls.removeRequestedReviewers({ ...one, reviewers: ['reviewer'] });
    const reviewer = world.octokit('reviewer').rest;
    const pending = (await reviewer.pulls.createReview(one)).data;
    await reviewer.pulls.submitReview({ ...one, review_id: pending.id, event: 'APPROVE', body: 'Good' });
    await rest.pulls.getReview({ ...one, review_id: pending.id });
    await rest.pulls.listReviews(one);
    await rest.pulls.dismissReview({ ...one, review_id: pending.id, message: 'Changed' });
    await rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: (await rest.pulls.get(one)).data.head.sha });
    expect((await rest.pulls.merge({ ...one, merge_method: 'squash', sha: (await rest.pulls.get(one)).data.head.sha })).data.merged).toBe(true);
    await rest.pulls.checkIfMerged(one);
  });

  it('answers about checks and statuses', async () => {
    const { rest } = world.octokit('installation');
    const head_sha = (await rest.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
    await rest.checks.createSuite({ ...at, head_sha });
    const run = (await rest.checks.create({ ...at, name: 'gate/build', head_sha, status: 'in_progress', external_id: 'mg:1' })).data;
    const annotations = [{ path: 'README.md', start_line: 1, end_line: 1, annotation_level: 'warning' as const, message: 'Look' }];
    await rest.checks.update({
      ...at,
      check_run_id: run.id,
      conclusion: 'action_required',
      output: { title: 'Waiting', summary: 'For **you**', annotations },
      actions: [{ label: 'Approve gate', description: 'Open the gate', identifier: 'approve' }],
    });
    await rest.checks.get({ ...at, check_run_id: run.id });
    expect((await rest.checks.listAnnotations({ ...at, check_run_id: run.id })).data).toHaveLength(1);
    await rest.checks.rerequestRun({ ...at, check_run_id: run.id });
    expect((await rest.checks.listForRef({ ...at, ref: 'main', check_name: 'gate/build', filter: 'latest', app_id: world.app.appId })).data.total_count).toBe(1);
    const suite = (await rest.checks.listSuitesForRef({ ...at, ref: 'main' })).data.check_suites[0];
    await rest.checks.getSuite({ ...at, check_suite_id: suite?.id ?? 0 });
    await rest.checks.listForSuite({ ...at, check_suite_id: suite?.id ?? 0 });
    await rest.checks.rerequestSuite({ ...at, check_suite_id: suite?.id ?? 0 });
    await world.forge.as('reviewer').pressButton('author/project', run.id, 'approve');
    await rest.repos.createCommitStatus({ ...at, sha: head_sha, state: 'success', context: 'ci', description: 'Fine', target_url: 'https://example.com/' });
    await rest.repos.listCommitStatusesForRef({ ...at, ref: 'main' });
    expect((await rest.repos.getCombinedStatusForRef({ ...at, ref: 'main' })).data.state).toBe('success');
  });

  it('records dispatches', async () => {
    const { rest } = world.octokit('installation');
    await rest.repos.createOrUpdateFileContents({ ...at, path: '.github/workflows/go.yml', message: 'Go', content: Buffer.from('on: workflow_dispatch\n').toString('base64') });
    await rest.repos.createDispatchEvent({ ...at, event_type: 'mission', client_payload: { n: 1 } });
    await rest.actions.createWorkflowDispatch({ ...at, workflow_id: 'go.yml', ref: 'main', inputs: { a: 'b' } });
    expect(world.repository.dispatches().map((one) => one.kind)).toEqual(['repository_dispatch', 'workflow_dispatch']);
  });

  it('is answered with a schema-valid 2xx at least once', () => {
    // The manifest flow has a test of its own, since a person stands in the middle of it.
    const elsewhere = new Set(['POST /app-manifests/{code}/conversions']);
    const answered = new Set(world.forge.requests().filter((one) => one.status >= 200 && one.status < 300).map((one) => `${one.method} ${one.route}`));
    const unanswered = allRoutes({} as Parameters<typeof allRoutes>[0])
      .map((route) => `${route.method} ${route.template}`)
      .filter((key) => !answered.has(key) && !elsewhere.has(key));
    expect(unanswered).toEqual([]);
    expect(world.contract.violations()).toEqual([]);
    expect(world.contract.uncovered(world.app.appId)).toEqual([]);
  });
});
