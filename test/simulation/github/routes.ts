import { REACTIONS } from '../../../src/forge/model/records.ts';
import { Problem, validationFailed } from '../../../src/forge/rest/problem.ts';
import { readCheckFields } from '../../../src/forge/routes/check-fields.ts';
import { createPull, createRef, mergeable, mergeBranch, mergePull, resolve, setDraft } from './branches.ts';
import { createCheckRun, updateCheckRun } from './checks.ts';
import { addComment, addLabel, closeIssue, editComment, editIssue, openIssue, react, removeLabel, reopenIssue } from './issues.ts';
import type { CheckRun, Comment, Issue } from './records.ts';
import { createTagRef, postTag } from './tags.ts';
import { graphqlEdits, rereadRoutes } from './rereading.ts';
import { page } from './route.ts';
import type { Call, Reply, Route } from './route.ts';
import { annotationShape, checkRunShape, commentShape, commitShape, fileShape, fullPullShape, issueShape, latestRuns, permissionShape, pullNode, pullShape, reactionShape, refShape, somewhere } from './shapes.ts';
import { commentsWanted, versionOfIssue, versionOfPull, versionOfPulls, pullsWanted, versionOfTalk } from './versions.ts';

const repo = '/repos/{owner}/{repo}';
const issuesOrPulls = ['issues', 'pull_requests'];
const contents = ['contents'];
const checks = ['checks'];
const pulls = ['pull_requests'];

/** Exactly the calls that the product makes, as the description writes them. */
export const routes: Readonly<Record<string, Route>> = {
  'GET /app': { needs: 'app', work: ({ world }) => ({ status: 200, body: world.app.shape }) },
  'POST /app/installations/{installation_id}/access_tokens': { needs: 'app', work: makeToken },
  'POST /graphql': { needs: issuesOrPulls, work: graphql },
  [`GET ${repo}/collaborators/{username}/permission`]: { needs: ['metadata'], work: permission },
  [`GET ${repo}/contents/{path}`]: { needs: contents, work: content },
  [`GET ${repo}/git/ref/{ref}`]: { needs: contents, work: getRef },
  [`POST ${repo}/git/refs`]: { needs: contents, work: postRef },
  [`POST ${repo}/git/tags`]: { needs: contents, work: postTag },
  [`GET ${repo}/compare/{basehead}`]: { needs: contents, work: compare },
  [`POST ${repo}/merges`]: { needs: contents, work: merge },
  [`POST ${repo}/check-runs`]: { needs: checks, work: postCheck },
  [`PATCH ${repo}/check-runs/{check_run_id}`]: { needs: checks, work: patchCheck },
  [`GET ${repo}/check-runs/{check_run_id}/annotations`]: { needs: checks, work: listAnnotations },
  [`GET ${repo}/commits/{ref}/check-runs`]: { needs: checks, work: listChecks },
  [`GET ${repo}/issues`]: { needs: issuesOrPulls, work: listIssues },
  [`POST ${repo}/issues`]: { needs: ['issues'], work: postIssue },
  [`GET ${repo}/issues/{issue_number}`]: { needs: issuesOrPulls, version: versionOfIssue, work: (call) => shownIssue(call, issueOf(call)) },
  [`PATCH ${repo}/issues/{issue_number}`]: { needs: issuesOrPulls, work: patchIssue },
  [`DELETE ${repo}/issues/{issue_number}/labels/{name}`]: { needs: issuesOrPulls, work: unlabel },
  [`GET ${repo}/issues/{issue_number}/comments`]: { needs: issuesOrPulls, version: versionOfTalk, work: listComments },
  [`POST ${repo}/issues/{issue_number}/comments`]: { needs: issuesOrPulls, work: postComment },
  [`PATCH ${repo}/issues/comments/{comment_id}`]: { needs: issuesOrPulls, work: patchComment },
  [`POST ${repo}/issues/comments/{comment_id}/reactions`]: { needs: issuesOrPulls, work: postReaction },
  [`GET ${repo}/pulls`]: { needs: pulls, version: versionOfPulls, work: listPulls },
  [`POST ${repo}/pulls`]: { needs: pulls, work: postPull },
  [`GET ${repo}/pulls/{pull_number}`]: { needs: pulls, version: versionOfPull, work: getPull },
  [`PATCH ${repo}/pulls/{pull_number}`]: { needs: pulls, work: patchPull },
  [`PUT ${repo}/pulls/{pull_number}/merge`]: { needs: contents, work: putMerge },
  ...rereadRoutes,
};

function postRef({ world, body }: Call): Reply {
  const [ref, sha] = [body.requiredText('ref'), body.requiredText('sha')];
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  return { status: 201, body: tag === undefined ? createRef(world, world.bot, ref, sha) : createTagRef(world, tag, sha) };
}

function makeToken({ world, params, body }: Call): Reply {
  if (Number(params[0]) !== world.app.installationId) throw new Problem(404, 'Not Found');
  const narrowed = body.object('permissions')?.value as Readonly<Record<string, string>> | undefined;
  if (body.integers('repository_ids')?.some((id) => id !== world.repository.id) === true) throw new Problem(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
  const { token, expiresAt } = world.mint(narrowed ?? null);
  return { status: 201, body: { token, expires_at: expiresAt, permissions: narrowed ?? Object.fromEntries(world.permissions), repository_selection: 'selected' } };
}

function permission({ world, params }: Call): Reply {
  const account = world.accounts.get((params[0] ?? '').toLowerCase());
  if (account === undefined) throw new Problem(404, 'Not Found');
  return { status: 200, body: permissionShape(account, world.role(account)) };
}

function content({ world, params, query }: Call): Reply {
  const [path = ''] = params;
  const ref = query.get('ref') ?? world.repository.defaultBranch;
  const sha = resolve(world, ref);
  if (sha === null) throw new Problem(404, `No commit found for the ref ${ref}`);
  const { files } = world.graph.get(sha);
  const file = files.get(path);
  if (file !== undefined) return { status: 200, body: fileShape(path, file) };
  // What a folder holds is nobody's question here, only that it is no file.
  if ([...files.keys()].some((one) => one.startsWith(`${path}/`))) return { status: 200, body: [] };
  throw new Problem(404, 'Not Found');
}

function getRef({ world, params }: Call): Reply {
  const branch = (params[0] ?? '').replace(/^heads\//, '');
  const sha = world.branches.get(branch);
  if (sha === undefined) throw new Problem(404, 'Not Found');
  return { status: 200, body: refShape(`refs/heads/${branch}`, sha) };
}

function compare(call: Call): Reply {
  const { world, params } = call;
  const { graph } = world;
  const [from = '', to = ''] = (params[0] ?? '').split('...');
  const base = resolve(world, from);
  const head = resolve(world, to);
  const mergeBase = base === null || head === null ? null : graph.mergeBase(base, head);
  if (base === null || head === null || mergeBase === null) throw new Problem(404, 'Not Found');
  const commits = graph.between([base], head);
  const [ahead, behind] = [commits.length, graph.between([head], base).length];
  const { items, headers } = page(call, commits);
  const addresses = { url: somewhere, html_url: somewhere, permalink_url: somewhere, diff_url: somewhere, patch_url: somewhere };
  const status = ahead > 0 && behind > 0 ? 'diverged' : ahead > 0 ? 'ahead' : behind > 0 ? 'behind' : 'identical';
  const ends = { base_commit: commitShape(world, graph.get(base)), merge_base_commit: commitShape(world, mergeBase) };
  return { status: 200, headers, body: { ...addresses, ...ends, status, ahead_by: ahead, behind_by: behind, total_commits: ahead, commits: items.map((one) => commitShape(world, one)), files: [] } };
}

function merge({ world, body }: Call): Reply {
  const merged = mergeBranch(world, world.bot, { base: body.requiredText('base'), head: body.requiredText('head'), message: body.text('commit_message') });
  return merged === null ? { status: 204 } : { status: 201, body: commitShape(world, merged) };
}

function postCheck({ world, body }: Call): Reply {
  return { status: 201, body: checkRunShape(world, createCheckRun(world, body.requiredText('head_sha'), body.requiredText('name'), readCheckFields(body))) };
}

function patchCheck({ world, params, body }: Call): Reply {
  const run = world.checkRuns.get(Number(params[0]));
  if (run === undefined) throw new Problem(404, 'Not Found');
  updateCheckRun(world, run, { ...readCheckFields(body), name: body.text('name') });
  return { status: 200, body: checkRunShape(world, run) };
}

function listAnnotations(call: Call): Reply {
  const run = call.world.checkRuns.get(Number(call.params[0]));
  if (run === undefined) throw new Problem(404, 'Not Found');
  const { items, headers } = page(call, run.annotations);
  return { status: 200, headers, body: items.map(annotationShape) };
}

/** Newest first. `filter` is `latest` unless the caller says `all`. */
function listChecks(call: Call): Reply {
  const { world, params, query } = call;
  const sha = resolve(world, params[0] ?? '');
  if (sha === null) throw new Problem(404, 'Not Found');
  const all: readonly CheckRun[] = world.suites.get(sha)?.runs ?? [];
  const [name, appId] = [query.get('check_name'), query.get('app_id')];
  const chosen = query.get('filter') === 'all' ? all : latestRuns(all);
  const found = chosen.filter((run) => (name === null || run.name === name) && (appId === null || Number(appId) === world.app.id)).toReversed();
  const { items, headers } = page(call, found);
  return { status: 200, headers, body: { total_count: found.length, check_runs: items.map((run) => checkRunShape(world, run)) } };
}

function issueOf({ world, params }: Call): Issue {
  return world.issue(Number(params[0]));
}

function shownIssue({ world }: Call, issue: Issue): Reply {
  return { status: 200, body: { closed_by: issue.closedBy?.shape ?? null, ...issueShape(world, issue) } };
}

/** Newest first, pull requests among them. */
function listIssues(call: Call): Reply {
  const { world, query } = call;
  const [state, since] = [query.get('state') ?? 'open', query.get('since')];
  const found = [...world.issues.values()].filter((issue) => (state === 'all' || issue.state === state) && (since === null || issue.updatedAt >= Date.parse(since)));
  const { items, headers } = page(call, found.toSorted((one, other) => other.createdAt - one.createdAt || other.number - one.number));
  return { status: 200, headers, body: items.map((issue) => issueShape(world, issue)) };
}

function postIssue(call: Call): Reply {
  const { world, body } = call;
  const issue = openIssue(world, world.bot, { title: body.text('title') ?? '', body: body.text('body') ?? null, pull: null });
  for (const label of body.texts('labels') ?? []) addLabel(world, issue, world.bot, label);
  return { ...shownIssue(call, issue), status: 201 };
}

function patchIssue(call: Call): Reply {
  const { world, body } = call;
  const issue = issueOf(call);
  editIssue(world, issue, world.bot, { title: body.text('title'), body: body.value['body'] === null ? null : body.text('body') });
  const state = body.oneOf('state', ['open', 'closed'] as const);
  const reason = body.oneOf('state_reason', ['completed', 'not_planned', 'duplicate', 'reopened'] as const) ?? null;
  if (state === 'closed') closeIssue(world, issue, world.bot, reason);
  if (state === 'open') reopenIssue(world, issue, world.bot);
  return shownIssue(call, issue);
}

function unlabel(call: Call): Reply {
  const issue = issueOf(call);
  removeLabel(call.world, issue, call.world.bot, call.params[1] ?? '');
  return { status: 200, body: issue.labels.map((label) => label.shape) };
}

function listComments(call: Call): Reply {
  const { items, headers } = page(call, commentsWanted(call.world, call.params[0], call.query));
  return { status: 200, headers, body: items.map((comment) => commentShape(call.world, comment)) };
}

function postComment(call: Call): Reply {
  const { world, body } = call;
  return { status: 201, body: commentShape(world, addComment(world, issueOf(call), world.bot, body.text('body') ?? '')) };
}

function commentOf({ world, params }: Call): Comment {
  const comment = world.comments.get(Number(params[0]));
  if (comment === undefined) throw new Problem(404, 'Not Found');
  return comment;
}

function patchComment(call: Call): Reply {
  const { world, body } = call;
  const comment = commentOf(call);
  editComment(world, comment, world.bot, body.text('body') ?? '');
  return { status: 200, body: commentShape(world, comment) };
}

function postReaction(call: Call): Reply {
  const { world, body } = call;
  const reactionTo = commentOf(call);
  const chosen = REACTIONS.find((one) => one === body.value['content']);
  if (chosen === undefined) throw validationFailed({ resource: 'Reaction', field: 'content', code: 'invalid' });
  const { reaction, isNew } = react(world, reactionTo, world.bot, chosen);
  return { status: isNew ? 201 : 200, body: reactionShape(reaction, world.now()) };
}

function listPulls(call: Call): Reply {
  const { world, query } = call;
  const { items, headers } = page(call, pullsWanted(world, query));
  return { status: 200, headers, body: items.map((issue) => pullShape(world, issue)) };
}

function postPull({ world, body }: Call): Reply {
  const issue = createPull(world, world.bot, { title: body.text('title') ?? '', body: body.text('body') ?? null, head: body.requiredText('head'), base: body.requiredText('base'), draft: body.flag('draft') ?? false });
  return { status: 201, body: fullPullShape(world, issue, null) };
}

function getPull({ world, params }: Call): Reply {
  const issue = world.pull(Number(params[0]));
  return { status: 200, body: fullPullShape(world, issue, mergeable(world, issue)) };
}

function patchPull(call: Call): Reply {
  const { world, params, body } = call;
  editIssue(world, world.pull(Number(params[0])), world.bot, { title: body.text('title'), body: body.text('body') });
  return getPull(call);
}

function putMerge({ world, params, body }: Call): Reply {
  const method = body.oneOf('merge_method', ['merge', 'squash', 'rebase'] as const) ?? 'merge';
  const sha = mergePull(world, world.pull(Number(params[0])), world.bot, { method, title: body.text('commit_title'), sha: body.text('sha') });
  return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
}

const mutations: Readonly<Record<string, boolean>> = { markPullRequestReadyForReview: false, convertPullRequestToDraft: true };

/** The two mutations that have no REST counterpart, and the versions of texts, which have none either. */
function graphql(call: Call): Reply {
  const { world, body } = call;
  const query = body.requiredText('query');
  if (query.includes('userContentEdits')) return graphqlEdits(call);
  const mutation = /\b(markPullRequestReadyForReview|convertPullRequestToDraft)\(/.exec(query)?.[1] ?? '';
  const draft = mutations[mutation];
  if (draft === undefined) throw new Error(`the simulated GitHub has no such query: ${query}`);
  if (!world.permissions.has('pull_requests')) throw new Problem(403, 'Resource not accessible by integration');
  const id = body.object('variables')?.text('pullRequestId');
  const issue = world.pulls().find(({ pull }) => pullNode(pull.id) === id);
  const refusal = (type: string, message: string): Reply => ({ status: 200, body: { data: { [mutation]: null }, errors: [{ type, message, path: [mutation] }] } });
  if (issue === undefined) return refusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id ?? ''}'`);
  if (draft && !world.drafts) return refusal('UNPROCESSABLE', 'Draft pull requests are not supported in this repository.');
  setDraft(world, issue, world.bot, draft);
  return { status: 200, body: { data: { [mutation]: { pullRequest: { isDraft: issue.pull.draft } } } } };
}
