import { Problem } from '../../../src/forge/rest/problem.ts';
import type { TextEdit } from './records.ts';
import { activityShape, attemptShape, eventShape, installationShape, textEditShape } from './reread-shapes.ts';
import { linkToNext, page, pageSize } from './route.ts';
import type { Call, Reply, Route } from './route.ts';
import { issueShape, reviewShape } from './shapes.ts';
import { issuesWanted, versionOfActivity, versionOfEvents, versionOfInstallation, versionOfIssues, versionOfReviews } from './versions.ts';
import type { World } from './world.ts';

const repo = '/repos/{owner}/{repo}';
const issuesOrPulls = ['issues', 'pull_requests'];

/** The calls by which the product reads again what webhooks should have told it. */
export const rereadRoutes: Readonly<Record<string, Route>> = {
  'GET /app/installations': { needs: 'app', version: versionOfInstallation, work: listInstallations },
  'GET /installation/repositories': { needs: ['metadata'], version: () => 'as it was', work: listRepositories },
  [`GET ${repo}/issues`]: { needs: issuesOrPulls, version: versionOfIssues, work: listIssues },
  [`GET ${repo}/issues/{issue_number}/events`]: { needs: issuesOrPulls, version: versionOfEvents, work: listEvents },
  [`GET ${repo}/pulls/{pull_number}/reviews`]: { needs: ['pull_requests'], version: versionOfReviews, work: listReviews },
  [`GET ${repo}/pulls/{pull_number}/reviews/{review_id}`]: { needs: ['pull_requests'], work: getReview },
  [`GET ${repo}/activity`]: { needs: ['contents'], version: versionOfActivity, work: listActivity },
  'GET /app/hook/deliveries': { needs: 'app', work: listDeliveries },
  'POST /app/hook/deliveries/{delivery_id}/attempts': { needs: 'app', work: redeliver },
};

function listInstallations(call: Call): Reply {
  const { items, headers } = page(call, [call.world]);
  return { status: 200, headers, body: items.map(installationShape) };
}

function listRepositories(call: Call): Reply {
  const { items, headers } = page(call, [call.world.repository.shape]);
  return { status: 200, headers, body: { total_count: 1, repository_selection: 'selected', repositories: items } };
}

function listIssues(call: Call): Reply {
  const { world, query } = call;
  const { items, headers } = page(call, issuesWanted(world, query));
  return { status: 200, headers, body: items.map((issue) => issueShape(world, issue)) };
}

function listEvents(call: Call): Reply {
  const { items, headers } = page(call, call.world.issue(Number(call.params[0])).events);
  return { status: 200, headers, body: items.map(eventShape) };
}

function getReview({ world, params }: Call): Reply {
  const issue = world.pull(Number(params[0]));
  const review = issue.pull.reviews.find(({ id }) => id === Number(params[1]));
  if (review === undefined) throw new Problem(404, 'Not Found');
  return { status: 200, body: reviewShape(world, review, 'answer') };
}

function listReviews(call: Call): Reply {
  const { world, params } = call;
  const { items, headers } = page(call, world.pull(Number(params[0])).pull.reviews);
  return { status: 200, headers, body: items.map((review) => reviewShape(world, review, 'answer')) };
}

/** Newest first. The product reads the first page only. */
function listActivity({ world, query }: Call): Reply {
  const ref = query.get('ref');
  const found = world.activity.filter((one) => ref === null || one.ref === ref);
  return { status: 200, body: found.toReversed().slice(0, pageSize(query)).map(activityShape) };
}

/** Newest first; the cursor names the newest attempt of the next page: pages stay put while attempts are added. */
function listDeliveries({ world, query, path }: Call): Reply {
  const cursor = /\d+$/.exec(query.get('cursor') ?? '')?.[0];
  const newest = cursor === undefined ? world.attempts.length : world.attempts.findLastIndex(({ id }) => id <= Number(cursor)) + 1;
  const oldest = Math.max(0, newest - pageSize(query));
  const next = world.attempts[oldest - 1];
  const headers = next === undefined ? {} : linkToNext(path, query, 'cursor', `v1_${next.id}`);
  return { status: 200, headers, body: world.attempts.slice(oldest, newest).toReversed().map((attempt) => attemptShape(world, attempt)) };
}

function redeliver({ world, params }: Call): Reply {
  const attempt = world.attempts.find(({ id }) => id === Number(params[0]));
  if (attempt === undefined) throw new Problem(404, 'Not Found');
  world.redeliveries.push(attempt.delivery);
  return { status: 202, body: {} };
}

/** `node(id: $id) { … userContentEdits(first: n) }`: the versions of a text, newest first; none of a text that was never edited. */
export function graphqlEdits({ world, body }: Call): Reply {
  const id = body.object('variables')?.text('id') ?? '';
  const size = Number(/userContentEdits\s*\(\s*first\s*:\s*(\d+)/.exec(body.requiredText('query'))?.[1] ?? 100);
  const edits = world.permissions.has('issues') ? editsOf(world, id) : null;
  if (edits === null) return { status: 200, body: { data: { node: null }, errors: [{ type: 'NOT_FOUND', message: `Could not resolve to a node with the global id of '${id}'`, path: ['node'] }] } };
  const nodes = edits.toReversed().slice(0, size).map(textEditShape);
  return { status: 200, body: { data: { node: { userContentEdits: { totalCount: edits.length, nodes } } } } };
}

function editsOf(world: World, node: string): readonly TextEdit[] | null {
  const [kind, number] = node.split('_');
  const id = Number(number);
  if (kind === 'IC') return world.comments.get(id)?.edits ?? null;
  for (const issue of world.issues.values()) if (kind === (issue.pull === null ? 'I' : 'PR') && id === (issue.pull?.id ?? issue.id)) return issue.edits;
  return null;
}
