import { gitHubTime as written } from '../../../src/forge/model/github-time.ts';
import { legacyPermission } from '../../../src/forge/model/roles.ts';
import type { Annotation } from '../../../src/forge/model/records.ts';
import type { Commit } from './commit-graph.ts';
import { treeOf } from './commit-graph.ts';
import type { Account, CheckRun, CheckSuite, Comment, Issue, PullIssue, Review, Role, Shape } from './records.ts';
import type { World } from './world.ts';

const times = new Map<number, string>();
/** Many objects are of one moment, and to write it out is slow. */
export function gitHubTime(at: number): string {
  const known = times.get(at);
  if (known !== undefined) return known;
  if (times.size > 1000) times.clear();
  const time = written(at);
  times.set(at, time);
  return time;
}

function gitHubTimeOrNull(at: number | null): string | null {
  return at === null ? null : gitHubTime(at);
}

/**
 * Addresses are of no use here, but GitHub's objects have dozens: each is the same, and made once. What is made once is spread last:
 * spread first, it makes the engine build every property that follows by the slow way, a hundred times slower.
 */
export const somewhere = 'https://github.sim.example/somewhere';
function addresses(names: string): Shape {
  return Object.fromEntries(names.split(' ').map((name) => [`${name}_url`, somewhere]));
}
const href = { href: somewhere };
export const node = { node_id: 'node' };
const counts = { url: somewhere, total_count: 0, '+1': 0, '-1': 0, laugh: 0, confused: 0, heart: 0, hooray: 0, rocket: 0, eyes: 0 };
const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

const userAddresses = addresses('avatar html followers following gists starred subscriptions organizations repos events received_events');
export function userShape(id: number, login: string, type: 'User' | 'Bot'): Shape {
  return { login, id, gravatar_id: '', type, user_view_type: 'public', site_admin: false, url: somewhere, ...node, ...userAddresses };
}

export function labelShape(id: number, name: string): Shape {
  return { id, url: somewhere, name, color: 'ededed', default: false, description: null, ...node };
}

const repositoryAddresses = addresses(
  'html forks keys collaborators teams hooks issue_events events assignees branches tags blobs git_tags git_refs trees statuses languages stargazers contributors subscribers subscription commits git_commits comments issue_comment contents compare merges archive downloads issues pulls milestones notifications labels releases deployments git ssh clone svn',
);
export function repositoryShape(given: { id: number; name: string; owner: Account; defaultBranch: string; isPrivate: boolean; at: number }): Shape {
  const { id, name, owner, defaultBranch, isPrivate, at } = given;
  const time = gitHubTime(at);
  const flags = { fork: false, has_issues: true, has_projects: false, has_downloads: false, has_wiki: false, has_pages: false, has_discussions: false, archived: false, disabled: false, allow_forking: true, is_template: false, web_commit_signoff_required: false };
  const numbers = { size: 0, stargazers_count: 0, watchers_count: 0, forks_count: 0, open_issues_count: 0, forks: 0, open_issues: 0, watchers: 0 };
  const nothing = { description: null, homepage: null, language: null, mirror_url: null, license: null, topics: [] };
  const names = { id, name, full_name: `${owner.login}/${name}`, private: isPrivate, visibility: isPrivate ? 'private' : 'public', default_branch: defaultBranch };
  return { owner: owner.shape, created_at: time, updated_at: time, pushed_at: time, url: somewhere, ...names, ...nothing, ...numbers, ...flags, ...node, ...repositoryAddresses };
}

export function appShape(app: { id: number; slug: string }, owner: Account, permissions: Shape, events: readonly string[], at: number): Shape {
  const time = gitHubTime(at);
  return { id: app.id, client_id: 'Iv1', slug: app.slug, owner: owner.shape, name: app.slug.replace(/^./, (first) => first.toUpperCase()), description: null, external_url: somewhere, html_url: somewhere, created_at: time, updated_at: time, permissions, events, ...node };
}

export function permissionShape(account: Account, role: Role): Shape {
  return { permission: legacyPermission(role), role_name: role, user: { role_name: role, ...account.shape } };
}

const issueAddresses = { ...addresses('repository labels comments events html timeline'), url: somewhere };
const issueConstants = { locked: false, assignee: null, assignees: [], milestone: null, active_lock_reason: null, reactions: counts, ...issueAddresses };
export function issueShape(world: World, issue: Issue): Shape {
  const { pull } = issue;
  const shape = {
    id: issue.id,
    node_id: pull === null ? `I_${issue.id}` : pullNode(pull.id),
    number: issue.number,
    title: issue.title,
    user: issue.user.shape,
    labels: issue.labels.map((label) => label.shape),
    state: issue.state,
    state_reason: issue.stateReason,
    comments: issue.comments.length,
    created_at: gitHubTime(issue.createdAt),
    updated_at: gitHubTime(issue.updatedAt),
    closed_at: gitHubTimeOrNull(issue.closedAt),
    author_association: association(world, issue.user),
    body: issue.body,
    performed_via_github_app: issue.byApp ? world.app.shape : null,
    ...issueConstants,
  };
  return pull === null ? shape : { draft: pull.draft, pull_request: { url: somewhere, html_url: somewhere, diff_url: somewhere, patch_url: somewhere, merged_at: gitHubTimeOrNull(pull.mergedAt) }, ...shape };
}

export function pullNode(id: number): string {
  return `PR_${id}`;
}

export function association(world: World, account: Account): string {
  if (account === world.repository.owner) return 'OWNER';
  return (world.roles.get(account.login.toLowerCase()) ?? 'none') === 'none' ? 'NONE' : 'COLLABORATOR';
}

const commentConstants = { reactions: counts, url: somewhere, html_url: somewhere, issue_url: somewhere };
export function commentShape(world: World, comment: Comment): Shape {
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    user: comment.user.shape,
    created_at: gitHubTime(comment.createdAt),
    updated_at: gitHubTime(comment.updatedAt),
    body: comment.body,
    author_association: association(world, comment.user),
    performed_via_github_app: comment.user === world.bot ? world.app.shape : null,
    ...commentConstants,
  };
}

export function reactionShape(reaction: Comment['reactions'][number], at: number): Shape {
  return { id: reaction.id, user: reaction.user.shape, content: reaction.content, created_at: gitHubTime(at), ...node };
}

const pullLinks = { self: href, html: href, issue: href, comments: href, review_comments: href, review_comment: href, commits: href, statuses: href };
const pullConstants = { locked: false, assignee: null, assignees: [], requested_reviewers: [], requested_teams: [], milestone: null, auto_merge: null, active_lock_reason: null, _links: pullLinks, url: somewhere, ...addresses('html diff patch issue commits review_comments review_comment comments statuses') };
/** A pull request as lists show it. */
export function pullShape(world: World, issue: PullIssue): Shape {
  const { pull } = issue;
  return {
    id: pull.id,
    node_id: pullNode(pull.id),
    number: issue.number,
    state: issue.state,
    title: issue.title,
    user: issue.user.shape,
    body: issue.body,
    created_at: gitHubTime(issue.createdAt),
    updated_at: gitHubTime(issue.updatedAt),
    closed_at: gitHubTimeOrNull(issue.closedAt),
    merged_at: gitHubTimeOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit,
    labels: issue.labels.map((label) => label.shape),
    draft: pull.draft,
    head: endShape(world, pull.headRef, pull.headSha),
    base: endShape(world, pull.baseRef, pull.baseSha),
    author_association: association(world, issue.user),
    ...pullConstants,
  };
}

function endShape({ repository }: World, ref: string, sha: string): Shape {
  return { label: `${repository.owner.login}:${ref}`, ref, sha, user: repository.owner.shape, repo: repository.shape };
}

/** A pull request in full. In webhooks mergeability is never known yet. */
export function fullPullShape(world: World, issue: PullIssue, mergeable: boolean | null): Shape {
  const { pull } = issue;
  const base = pull.mergedAt === null ? (world.branches.get(pull.baseRef) ?? pull.baseSha) : pull.baseSha;
  return {
    merged: pull.mergedAt !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : !mergeable ? 'dirty' : pull.draft ? 'draft' : 'clean',
    merged_by: pull.mergedBy?.shape ?? null,
    comments: issue.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: world.graph.between([base], pull.headSha).length,
    additions: 0,
    deletions: 0,
    changed_files: 0,
    ...pullShape(world, issue),
  };
}

/** In webhooks the state is lower case and an empty body null. */
export function reviewShape(world: World, review: Review, where: 'webhook' | 'answer'): Shape {
  const isTold = where === 'webhook';
  return {
    id: review.id,
    user: review.user.shape,
    body: isTold && review.body === '' ? null : review.body,
    state: isTold ? review.state.toLowerCase() : review.state,
    html_url: somewhere,
    pull_request_url: somewhere,
    author_association: association(world, review.user),
    _links: { html: href, pull_request: href },
    submitted_at: gitHubTime(review.at),
    commit_id: review.commit,
    ...node,
  };
}

const checkConstants = { url: somewhere, html_url: somewhere, details_url: somewhere, ...node };
export function checkRunShape(world: World, run: CheckRun, suite: Shape = { id: run.suite.id }): Shape {
  return {
    id: run.id,
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    status: run.status,
    conclusion: run.conclusion,
    started_at: gitHubTime(run.startedAt),
    completed_at: gitHubTimeOrNull(run.completedAt),
    output: { title: run.title, summary: run.summary, text: run.text, annotations_count: run.annotations.length, annotations_url: somewhere },
    check_suite: suite,
    app: world.app.shape,
    pull_requests: pullsAt(world, run.headSha),
    ...checkConstants,
  };
}

export function annotationShape({ path, startLine, endLine, startColumn, endColumn, level, title, message, rawDetails }: Annotation): Shape {
  return { path, blob_href: somewhere, start_line: startLine, end_line: endLine, start_column: startColumn, end_column: endColumn, annotation_level: level, title, message, raw_details: rawDetails };
}

function pullsAt(world: World, sha: string): readonly Shape[] {
  const repo = { id: world.repository.id, url: somewhere, name: world.repository.name };
  return world.openPulls().flatMap(({ number, pull }) => (pull.headSha === sha ? [{ id: pull.id, number, url: somewhere, head: { ref: pull.headRef, sha, repo }, base: { ref: pull.baseRef, sha: pull.baseSha, repo } }] : []));
}

/** A check run inside a webhook, with its suite. */
export function checkRunEventShape(world: World, run: CheckRun): Shape {
  return checkRunShape(world, run, suiteCore(world, run.suite));
}

function suiteCore(world: World, suite: CheckSuite): Shape {
  const time = gitHubTime(suite.createdAt);
  const { id, headBranch, headSha } = suite;
  const { status, conclusion } = suiteState(suite);
  return { id, head_branch: headBranch, head_sha: headSha, status, conclusion, url: somewhere, before: null, after: headSha, pull_requests: pullsAt(world, headSha), app: world.app.shape, created_at: time, updated_at: time, ...node };
}

export function suiteShape(world: World, suite: CheckSuite): Shape {
  const head = world.graph.get(suite.headSha);
  const { message, author, committer } = head;
  const commit = { id: head.sha, tree_id: treeOf(head.files), message, timestamp: gitHubTime(head.at), author, committer };
  return { repository: world.repository.shape, rerequestable: true, runs_rerequestable: true, latest_check_runs_count: latestRuns(suite.runs).length, check_runs_url: somewhere, head_commit: commit, ...suiteCore(world, suite) };
}

export function refShape(ref: string, sha: string, type: 'commit' | 'tag' = 'commit'): Shape {
  return { ref, url: somewhere, object: { sha, type, url: somewhere }, ...node };
}

export function tagShape({ tag, message, object, sha, tagger }: { readonly tag: string; readonly message: string; readonly object: string; readonly sha: string; readonly tagger: Shape }): Shape {
  return { ...node, tag, sha, url: somewhere, message, tagger, object: { sha: object, type: 'commit', url: somewhere }, verification: unsigned };
}

export function commitShape(world: World, commit: Commit): Shape {
  const date = gitHubTime(commit.at);
  return {
    sha: commit.sha,
    commit: { author: { date, ...commit.author }, committer: { date, ...commit.committer }, message: commit.message, tree: { sha: treeOf(commit.files), url: somewhere }, url: somewhere, comment_count: 0, verification: unsigned },
    url: somewhere,
    html_url: somewhere,
    comments_url: somewhere,
    author: world.signer(commit.author)?.shape ?? null,
    committer: world.signer(commit.committer)?.shape ?? null,
    parents: commit.parents.map((sha) => ({ sha, url: somewhere, html_url: somewhere })),
    ...node,
  };
}

export function pushedCommitShape(world: World, commit: Commit): Shape {
  const signed = (signer: Commit['author']): Shape => ({ date: gitHubTime(commit.at), username: world.signer(signer)?.login, ...signer });
  const { sha, message } = commit;
  return { id: sha, tree_id: treeOf(commit.files), distinct: true, message, timestamp: gitHubTime(commit.at), url: somewhere, author: signed(commit.author), committer: signed(commit.committer), added: [], removed: [], modified: [] };
}

export function fileShape(path: string, content: string): Shape {
  const data = Buffer.from(content);
  return { type: 'file', size: data.length, name: path.split('/').at(-1), path, sha: '0'.repeat(40), url: somewhere, git_url: somewhere, html_url: somewhere, download_url: somewhere, _links: { self: somewhere, git: somewhere, html: somewhere }, encoding: 'base64', content: data.toString('base64').replace(/(.{1,60})/g, '$1\n') };
}

/** The newest run of each name. */
export function latestRuns(runs: readonly CheckRun[]): readonly CheckRun[] {
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

const worstFirst = ['failure', 'timed_out', 'cancelled', 'action_required', 'stale', 'success', 'neutral', 'skipped'] as const;

function suiteState({ runs: all }: CheckSuite): { readonly status: string; readonly conclusion: string | null } {
  const runs = latestRuns(all);
  if (runs.every((run) => run.status === 'queued')) return { status: 'queued', conclusion: null };
  if (runs.some((run) => run.status !== 'completed')) return { status: 'in_progress', conclusion: null };
  return { status: 'completed', conclusion: worstFirst.find((one) => runs.some((run) => run.conclusion === one)) ?? 'neutral' };
}
