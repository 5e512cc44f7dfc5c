import type { Comment, Issue, PullIssue } from './records.ts';
import { pageOf } from './route.ts';
import { association } from './shapes.ts';
import type { World } from './world.ts';

/**
 * What a version is made of is what the answer shows, in GitHub's whole seconds: two changes that leave an answer as it was leave
 * its ETag as it was, as they do there. Texts are told apart by counting their changes.
 */
type Version = (world: World, params: readonly string[], query: URLSearchParams) => string;

function second(at: number | null): number {
  return at === null ? 0 : Math.floor(at / 1000);
}

function ofIssue(world: World, issue: Issue): string {
  const { id, user, updatedAt, comments, labels, state, stateReason, closedAt, closedBy, texts, pull } = issue;
  const names = labels.map((label) => label.name).join();
  return `${id} ${association(world, user)} ${second(updatedAt)} ${comments.length} ${names} ${state} ${stateReason ?? ''} ${second(closedAt)} ${closedBy?.login ?? ''} ${texts} ${pull?.draft === true ? 'draft' : ''} ${second(pull?.mergedAt ?? null)}`;
}

/** The base branch decides on mergeability and on which commits are new. */
function ofPull(world: World, issue: PullIssue): string {
  const { baseRef, baseSha, headSha, mergedAt, mergedBy, mergeCommit } = issue.pull;
  const base = mergedAt === null ? (world.branches.get(baseRef) ?? '') : '';
  return `${ofIssue(world, issue)} ${base} ${baseSha} ${headSha} ${mergedBy?.login ?? ''} ${mergeCommit ?? ''}`;
}

function ofComment(world: World, { id, user, updatedAt, edits, reactions }: Comment): string {
  return `${id} ${association(world, user)} ${second(updatedAt)} ${edits.length} ${reactions.length}`;
}

export const versionOfIssue: Version = (world, [number]) => ofIssue(world, world.issue(Number(number)));

export const versionOfPull: Version = (world, [number]) => ofPull(world, world.pull(Number(number)));

/** A list shows no mergeability: only what stands in the pull requests themselves. */
export const versionOfPulls: Version = (world, _, query) =>
  pageOf(query, pullsWanted(world, query)).map((issue) => `${ofIssue(world, issue)} ${issue.pull.baseSha} ${issue.pull.headSha} ${issue.pull.mergeCommit ?? ''}`).join('\n');

export const versionOfIssues: Version = (world, _, query) => pageOf(query, issuesWanted(world, query)).map((issue) => ofIssue(world, issue)).join('\n');

export const versionOfTalk: Version = (world, [number], query) => pageOf(query, commentsWanted(world, number, query)).map((comment) => ofComment(world, comment)).join('\n');

/** Entries are only ever added. */
export const versionOfEvents: Version = (world, [number], query) => String(pageOf(query, world.issue(Number(number)).events).at(-1)?.id ?? 0);

export const versionOfReviews: Version = (world, [number], query) => pageOf(query, world.pull(Number(number)).pull.reviews).map(({ id, user }) => `${id} ${association(world, user)}`).join('\n');

export const versionOfActivity: Version = (world, _, query) => {
  const ref = query.get('ref');
  return String(world.activity.findLast((one) => ref === null || one.ref === ref)?.id ?? 0);
};

export const versionOfInstallation: Version = (world) => JSON.stringify([...world.permissions]);

/** The issues that a query asks for, in its order. */
export function issuesWanted(world: World, query: URLSearchParams): readonly Issue[] {
  const state = query.get('state') ?? 'open';
  const wanted = (query.get('labels') ?? '').toLowerCase().split(',').filter((name) => name !== '');
  const since = Date.parse(query.get('since') ?? '');
  const found = [...world.issues.values()].filter((issue) => {
    if ((state !== 'all' && issue.state !== state) || issue.updatedAt < since) return false;
    return wanted.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name));
  });
  const at = (issue: Issue): number => (query.get('sort') === 'updated' ? issue.updatedAt : issue.createdAt);
  const direction = query.get('direction') === 'asc' ? 1 : -1;
  return found.toSorted((one, other) => direction * (at(one) - at(other) || one.number - other.number));
}

/** The comments of a conversation that a query asks for. */
export function commentsWanted(world: World, number: string | undefined, query: URLSearchParams): readonly Comment[] {
  const { comments } = world.issue(Number(number));
  const since = Date.parse(query.get('since') ?? '');
  return Number.isNaN(since) ? comments : comments.filter((comment) => comment.updatedAt >= since);
}

/** The pull requests that a query asks for, the newest first. */
export function pullsWanted(world: World, query: URLSearchParams): readonly PullIssue[] {
  const [state, base, head] = [query.get('state') ?? 'open', query.get('base'), query.get('head')];
  const owner = world.repository.owner.login;
  const found = world.pulls().filter((issue) => (state === 'all' || issue.state === state) && (base === null || issue.pull.baseRef === base) && (head === null || !head.includes(':') || head === `${owner}:${issue.pull.headRef}`));
  return found.toSorted((one, other) => other.number - one.number);
}
