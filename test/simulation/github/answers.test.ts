import type { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { at, essence, outcomeOf, Side } from './side.ts';
import type { Step } from './side.ts';
import { forgeStage, simulatedStage } from './stage.ts';

const api = (call: (octokit: Octokit, side: Side) => Promise<unknown>) => (side: Side) => call(side.octokit, side);
const keep = async (side: Side, name: string, made: Promise<{ status: number; data: { id?: number; number?: number; node_id?: string } }>) => {
  const answer = await made;
  side.ids.set(name, answer.data.number ?? answer.data.id ?? 0);
  side.commits.set(`node of ${name}`, answer.data.node_id ?? '');
  return answer;
};
const ready = 'mutation($pullRequestId: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $pullRequestId }) { pullRequest { isDraft } } }';
const draft = ready.replace('markPullRequestReadyForReview', 'convertPullRequestToDraft');
const check = (side: Side, more: object) => side.octokit.rest.checks.create({ ...at, name: 'gate/build', head_sha: side.sha('one'), external_id: 'mg:x', ...more });
const button = { label: 'Approve', description: 'Opens it', identifier: 'approve' };
const listChecks = (side: Side, more: object) => side.octokit.rest.checks.listForRef({ ...at, ref: side.sha('one'), ...more });
const pull = (side: Side, head: string, more: object = {}) => side.octokit.rest.pulls.create({ ...at, title: 'T', body: 'B', head, base: 'main', ...more });
const mergePull = (side: Side, name: string, more: object = {}) => side.octokit.rest.pulls.merge({ ...at, pull_number: side.id(name), ...more });

const steps: readonly Step[] = [
  ['the App', (side) => side.stage.world.credentials.app.rest.apps.getAuthenticated()],
  ['a token for an installation that is not there', (side) => side.stage.world.credentials.app.rest.apps.createInstallationAccessToken({ installation_id: 7 })],
  ['a token for the contents alone', async (side) => (side.token = (await side.stage.world.credentials.contentsOf(side.stage.world.installationId, side.stage.world.repository.id)())?.password ?? '')],
  ['what it can read', (side) => side.withToken(side.token).rest.repos.getContent({ ...at, path: 'README.md' })],
  ['what it cannot read', (side) => side.withToken(side.token).rest.pulls.list(at)],
  ['a token of nobody', (side) => side.withToken('ghs_nobody').rest.git.getRef({ ...at, ref: 'heads/main' })],
  ['another repository', api((octokit) => octokit.rest.git.getRef({ ...at, repo: 'none', ref: 'heads/main' }))],
  ['opening', async (side) => side.ids.set('issue', (await side.stage.world.forge.as('author').openIssue('author/project', { title: 'I', labels: ['mission', 'bug'] })).number)],
  ...['author', 'reviewer', 'stranger', 'nobody-at-all'].map((username): Step => [`what ${username} may`, api((octokit) => octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username }))]),
  ['a triager', async (side) => side.stage.setRole('reviewer', 'triage')],
  ['what a triager may', api((octokit) => octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: 'reviewer' }))],
  ['a writer', async (side) => side.stage.setRole('reviewer', 'write')],
  ['a file', api((octokit) => octokit.rest.repos.getContent({ ...at, path: 'docs/plan.md', ref: 'main' }))],
  ['no file', api((octokit) => octokit.rest.repos.getContent({ ...at, path: 'none.md', ref: 'main' }))],
  ['a file of no branch', api((octokit) => octokit.rest.repos.getContent({ ...at, path: 'docs/plan.md', ref: 'none' }))],
  ['the issue', api((octokit, side) => octokit.rest.issues.get({ ...at, issue_number: side.id('issue') }))],
  ['no issue', api((octokit) => octokit.rest.issues.get({ ...at, issue_number: 999 }))],
  ['a body too long', api((octokit, side) => octokit.rest.issues.update({ ...at, issue_number: side.id('issue'), body: 'x'.repeat(65_537) }))],
  ['a body', api((octokit, side) => octokit.rest.issues.update({ ...at, issue_number: side.id('issue'), body: 'B' }))],
  ['closed', api((octokit, side) => octokit.rest.issues.update({ ...at, issue_number: side.id('issue'), state: 'closed', state_reason: 'not_planned' }))],
  ['opened again', api((octokit, side) => octokit.rest.issues.update({ ...at, issue_number: side.id('issue'), state: 'open', state_reason: 'reopened' }))],
  ['a label off', api((octokit, side) => octokit.rest.issues.removeLabel({ ...at, issue_number: side.id('issue'), name: 'bug' }))],
  ['and again', api((octokit, side) => octokit.rest.issues.removeLabel({ ...at, issue_number: side.id('issue'), name: 'bug' }))],
  ['an issue of our own', (side) => keep(side, 'own', side.octokit.rest.issues.create({ ...at, title: 'Own', body: 'O', labels: ['waiver'] }))],
  ['one without a title', api((octokit) => octokit.rest.issues.create({ ...at, title: ' ', body: 'O' }))],
  ['all issues', api((octokit) => octokit.rest.issues.listForRepo({ ...at, state: 'all', per_page: 100 }))],
  ['a page of issues', api((octokit) => octokit.rest.issues.listForRepo({ ...at, state: 'all', per_page: 1, page: 2 }))],
  ['issues of later', api((octokit) => octokit.rest.issues.listForRepo({ ...at, state: 'all', since: '2030-01-01T00:00:00Z' }))],
  ['a comment', (side) => keep(side, 'comment', side.octokit.rest.issues.createComment({ ...at, issue_number: side.id('issue'), body: 'first' }))],
  ['a blank comment', api((octokit, side) => octokit.rest.issues.createComment({ ...at, issue_number: side.id('issue'), body: ' ' }))],
  ['a comment on nothing', api((octokit) => octokit.rest.issues.createComment({ ...at, issue_number: 999, body: 'x' }))],
  ['a second comment', api((octokit, side) => octokit.rest.issues.createComment({ ...at, issue_number: side.id('issue'), body: 'second' }))],
  ['an edited comment', api((octokit, side) => octokit.rest.issues.updateComment({ ...at, comment_id: side.id('comment'), body: 'edited' }))],
  ['no comment to edit', api((octokit) => octokit.rest.issues.updateComment({ ...at, comment_id: 5, body: 'edited' }))],
  ['a page of comments', api((octokit, side) => octokit.rest.issues.listComments({ ...at, issue_number: side.id('issue'), per_page: 1 }))],
  ['all pages of comments', async (side) => ({ status: 200, data: await side.octokit.paginate(side.octokit.rest.issues.listComments, { ...at, issue_number: side.id('issue'), per_page: 1 }) })],
  ['comments of later', api((octokit, side) => octokit.rest.issues.listComments({ ...at, issue_number: side.id('issue'), since: '2030-01-01T00:00:00Z' }))],
  ['a reaction', api((octokit, side) => octokit.rest.reactions.createForIssueComment({ ...at, comment_id: side.id('comment'), content: '+1' }))],
  ['the same reaction', api((octokit, side) => octokit.rest.reactions.createForIssueComment({ ...at, comment_id: side.id('comment'), content: '+1' }))],
  ['no such reaction', api((octokit, side) => octokit.rest.reactions.createForIssueComment({ ...at, comment_id: side.id('comment'), content: 'yawn' as never }))],

  ['one', (side) => side.commit('one', 'one', 'main', { 'same.txt': 'one', 'one.txt': '1' })],
  ['two', (side) => side.commit('two', 'two', 'main', { 'same.txt': 'two' })],
  ['three', (side) => side.commit('three', 'three', 'main', { 'three.txt': '3' })],
  ['a branch', api((octokit) => octokit.rest.git.getRef({ ...at, ref: 'heads/one' }))],
  ['no branch', api((octokit) => octokit.rest.git.getRef({ ...at, ref: 'heads/none' }))],
  ['a new branch', api((octokit, side) => octokit.rest.git.createRef({ ...at, ref: 'refs/heads/trunk', sha: side.sha('one') }))],
  ['the same again', api((octokit, side) => octokit.rest.git.createRef({ ...at, ref: 'refs/heads/trunk', sha: side.sha('one') }))],
  ['a branch on nothing', api((octokit) => octokit.rest.git.createRef({ ...at, ref: 'refs/heads/nothing', sha: 'f'.repeat(40) }))],
  ['a tag object', async (side) => {
    const made = await side.octokit.rest.git.createTag({ ...at, tag: 'kept/1', message: 'M', object: side.sha('one'), type: 'commit', tagger: { name: 'T', email: 't@example.com', date: '2026-01-01T00:00:00Z' } });
    side.commits.set('tag', made.data.sha);
    return made;
  }],
  ['a tag object of nothing', api((octokit) => octokit.rest.git.createTag({ ...at, tag: 'kept/2', message: 'M', object: 'f'.repeat(40), type: 'commit' }))],
  ['a tag', api((octokit, side) => octokit.rest.git.createRef({ ...at, ref: 'refs/tags/kept/1', sha: side.sha('tag') }))],
  ['the tag again', api((octokit, side) => octokit.rest.git.createRef({ ...at, ref: 'refs/tags/kept/1', sha: side.sha('tag') }))],
  ['a misnamed branch', api((octokit, side) => octokit.rest.git.createRef({ ...at, ref: 'trunk', sha: side.sha('one') }))],
  ['a merge', api((octokit, side) => octokit.rest.repos.merge({ ...at, base: 'trunk', head: side.sha('three'), commit_message: 'Merge three' }))],
  ['nothing to merge', api((octokit, side) => octokit.rest.repos.merge({ ...at, base: 'trunk', head: side.sha('three') }))],
  ['a collision', api((octokit, side) => octokit.rest.repos.merge({ ...at, base: 'trunk', head: side.sha('two') }))],
  ['no such commit', api((octokit) => octokit.rest.repos.merge({ ...at, base: 'trunk', head: 'f'.repeat(40) }))],
  ['no such base', api((octokit, side) => octokit.rest.repos.merge({ ...at, base: 'none', head: side.sha('one') }))],
  ...(['main...main', 'main...trunk', 'trunk...main', 'one...two', 'main...none'] as const).map((basehead): Step => [`compare ${basehead}`, api((octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead, per_page: 100, page: 1 }))]),
  ['a page of a comparison', api((octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...trunk', per_page: 2, page: 2 }))],

  ['a check', (side) => keep(side, 'check', check(side, { status: 'in_progress', output: { title: 'T', summary: 'S', text: 'X' } }))],
  ['a completed check', (side) => check(side, { conclusion: 'action_required', actions: [button], output: { title: 'T', summary: 'S' } })],
  ['a check of no commit', (side) => check(side, { head_sha: 'f'.repeat(40) })],
  ['a check without conclusion', (side) => check(side, { status: 'completed' })],
  ['a check with too much to say', (side) => check(side, { output: { title: 'T', summary: 'ä'.repeat(40_000) } })],
  ['a check with too many buttons', (side) => check(side, { conclusion: 'success', actions: [button, button, button, button] })],
  ['a check\'s end', api((octokit, side) => octokit.rest.checks.update({ ...at, check_run_id: side.id('check'), status: 'completed', conclusion: 'success', output: { title: 'E', summary: 'F' }, actions: [] }))],
  ['no check to end', api((octokit) => octokit.rest.checks.update({ ...at, check_run_id: 4, conclusion: 'success' }))],
  ['all checks', (side) => listChecks(side, { filter: 'all' })],
  ['a page of all checks', (side) => listChecks(side, { filter: 'all', per_page: 1 })],
  ['the latest checks', (side) => listChecks(side, {})],
  ['checks by name', (side) => listChecks(side, { check_name: 'none', filter: 'all' })],
  ['checks of another App', (side) => listChecks(side, { app_id: 5, filter: 'all' })],
  ['checks of no commit', (side) => listChecks(side, { ref: 'f'.repeat(40) })],

  ['nothing to pull', (side) => pull(side, 'main')],
  ['no head', (side) => pull(side, 'none')],
  ['no base', (side) => pull(side, 'one', { base: 'none' })],
  ['a pull request without a title', (side) => pull(side, 'one', { title: ' ' })],
  ['a draft', (side) => keep(side, 'one', pull(side, 'one', { draft: true }))],
  ['the same pull request', (side) => pull(side, 'one')],
  ['a ready one', (side) => keep(side, 'two', pull(side, 'author:two'))],
  ['another', (side) => keep(side, 'three', pull(side, 'three'))],
  ['the list by head', api((octokit) => octokit.rest.pulls.list({ ...at, head: 'author:one', base: 'main', state: 'all', sort: 'created', direction: 'desc', per_page: 100 }))],
  ['the list', api((octokit) => octokit.rest.pulls.list({ ...at, per_page: 2 }))],
  ['a first look', (side) => side.octokit.rest.pulls.get({ ...at, pull_number: side.id('two') }).then(() => undefined)],
  ['the pull request', api((octokit, side) => octokit.rest.pulls.get({ ...at, pull_number: side.id('two') }))],
  ['an issue is no pull request', api((octokit, side) => octokit.rest.pulls.get({ ...at, pull_number: side.id('issue') }))],
  ['new words', api((octokit, side) => octokit.rest.pulls.update({ ...at, pull_number: side.id('two'), title: 'N', body: 'W' }))],
  ['a draft is not merged', (side) => mergePull(side, 'one')],
  ['ready', async (side) => ({ status: 200, data: await side.octokit.graphql(ready, { pullRequestId: side.sha('node of one') }) })],
  ['a draft again', async (side) => ({ status: 200, data: await side.octokit.graphql(draft, { pullRequestId: side.sha('node of one') }) })],
  ['ready for good', async (side) => ({ status: 200, data: await side.octokit.graphql(ready, { pullRequestId: side.sha('node of one') }) })],
  ['nothing to be ready', async (side) => ({ status: 200, data: await side.octokit.graphql(ready, { pullRequestId: 'PR_none' }) })],
  ['another head than was seen', (side) => mergePull(side, 'one', { sha: side.sha('two') })],
  ['a rebase', (side) => mergePull(side, 'one', { merge_method: 'rebase' })],
  ['merged', (side) => mergePull(side, 'one', { sha: side.sha('one'), merge_method: 'merge', commit_title: 'Merge it' })],
  ['merged twice', (side) => mergePull(side, 'one', { sha: side.sha('one') })],
  ['the merged one', api((octokit, side) => octokit.rest.pulls.get({ ...at, pull_number: side.id('one') }))],
  ['a collision with what was merged', (side) => mergePull(side, 'two', { merge_method: 'squash' })],
  ['squashed', (side) => mergePull(side, 'three', { merge_method: 'squash' })],
  ['main after all that', api((octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'one...main', per_page: 100 }))],
  ['closed by hand', async (side) => side.stage.actor('author').closePull(side.id('two'))],
  ['merging the closed one', (side) => mergePull(side, 'two')],
  ['opened by hand', async (side) => side.stage.actor('author').reopenIssue(side.id('two'))],
  ['its branch pushed', (side) => side.commit('two again', 'two', 'two', { 'two.txt': '2' })],
  ['its branch deleted', async (side) => side.stage.actor('author').deleteBranch('two')],
  ['the one without a branch', api((octokit, side) => octokit.rest.issues.get({ ...at, issue_number: side.id('two') }))],

  ['a word of a person', (side) => side.stage.actor('stranger').comment(side.id('issue'), '/approve-gate')],
  ['four', (side) => side.commit('four', 'four', 'main', { 'four.txt': '4' })],
  ['a fourth', (side) => keep(side, 'four', pull(side, 'four'))],
  ['its gate', (side) => keep(side, 'gate', check(side, { head_sha: side.sha('four'), conclusion: 'action_required', actions: [button] }))],
  ['an hour later', async (side) => side.stage.world.clock.advance(3_600_001)],
  ['with an old token', (side) => side.withToken(side.token).rest.git.getRef({ ...at, ref: 'heads/main' })],
  ['with a fresh one', api((octokit) => octokit.rest.git.getRef({ ...at, ref: 'heads/main' }))],
];

/** What people try; true where GitHub lets them. */
const attempts: readonly (readonly [name: string, isAllowed: boolean, what: (side: Side) => unknown])[] = [
  ['a reader labels', false, (side) => side.stage.actor('stranger').label(side.id('issue'), 'bug')],
  ['a reader takes a label off', false, (side) => side.stage.actor('stranger').unlabel(side.id('issue'), 'mission')],
  ['a reader edits what another wrote', false, (side) => side.stage.actor('stranger').editIssue(side.id('issue'), { body: 'mine' })],
  ['a reader closes what another opened', false, (side) => side.stage.actor('stranger').closeIssue(side.id('issue'))],
  ['a reader comments', true, (side) => side.stage.actor('stranger').comment(side.id('issue'), 'Hello.')],
  ['a reader merges', false, (side) => side.stage.actor('stranger').mergePull(side.id('four'))],
  ['a reader closes a pull request', false, (side) => side.stage.actor('stranger').closePull(side.id('four'))],
  ['a reader deletes a branch', false, (side) => side.stage.actor('stranger').deleteBranch('four')],
  ['a reader presses a button', false, (side) => side.stage.actor('stranger').press(side.id('gate'), 'approve')],
  ['a reader asks for a run', false, (side) => side.stage.actor('stranger').rerun(side.id('gate'))],
  ['a reader reviews', true, (side) => side.stage.actor('stranger').review(side.id('four'), 'approve', '')],
  ['a writer says no without a reason', false, (side) => side.stage.actor('reviewer').review(side.id('four'), 'request-changes', ' ')],
  ['a writer presses a button that is not there', false, (side) => side.stage.actor('reviewer').press(side.id('gate'), 'none')],
  ['a writer presses a button', true, (side) => side.stage.actor('reviewer').press(side.id('gate'), 'approve')],
  ['a writer labels', true, (side) => side.stage.actor('reviewer').label(side.id('issue'), 'bug')],
  ['a writer merges', true, (side) => side.stage.actor('reviewer').mergePull(side.id('four'))],
  ['a writer merges what is merged', false, (side) => side.stage.actor('reviewer').mergePull(side.id('four'))],
  ['a writer opens what is merged', false, (side) => side.stage.actor('reviewer').reopenIssue(side.id('four'))],
];

describe('every call, at the forge and at the simulated GitHub', () => {
  let sides: readonly [Side, Side];
  beforeAll(async () => {
    sides = [new Side(await forgeStage('refused')), new Side(simulatedStage())];
  });
  afterAll(() => sides[0].stage.finish());

  it.each(steps.map((step) => ({ name: step[0], step })))('$name', async ({ step }) => {
    const [there, here] = [await outcomeOf(sides[0], step), await outcomeOf(sides[1], step)];
    expect(here).toEqual(there);
  });

  it('and what people may', async () => {
    for (const side of sides) {
      for (const [name, isAllowed, what] of attempts) {
        const done = await Promise.resolve(side).then(what).then(() => true, () => false);
        expect([name, done]).toEqual([name, isAllowed]);
      }
    }
  });

  it('and the webhooks of it all', async () => {
    const [there, here] = await Promise.all(sides.map(async ({ stage }) => (await stage.heard()).map(({ name, action, sender, means, payload }) => ({ event: `${name} ${action ?? ''} by ${sender}`, means: means.map(({ signal }) => essence(signal)), payload: essence((payload as Record<string, unknown>)[name] ?? null) }))));
    expect(here).toEqual(there);
    expect(here?.length).toBeGreaterThan(20);
  });
});
