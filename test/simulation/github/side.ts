import type { Octokit } from '@octokit/rest';

import type { Stage } from './stage.ts';

export const at = { owner: 'author', repo: 'project' };

/** One of the two GitHubs under the same calls; ids and commits go by names of their own on each. */
export class Side {
  readonly stage: Stage;
  readonly octokit: Octokit;
  readonly commits = new Map<string, string>();
  readonly ids = new Map<string, number>();
  token = '';

  constructor(stage: Stage) {
    this.stage = stage;
    this.octokit = stage.world.credentials.installation(stage.world.installationId).octokit;
  }

  withToken(token: string): Octokit {
    return this.stage.octokit(`token ${token}`);
  }

  sha(name: string): string {
    return this.commits.get(name) ?? 'f'.repeat(40);
  }

  id(name: string): number {
    return this.ids.get(name) ?? 999;
  }

  /** Commits on a branch, forced there. */
  async commit(name: string, branch: string, from: string, files: Readonly<Record<string, string>>): Promise<void> {
    const checkout = await this.stage.world.checkout();
    await checkout.git('fetch', '--quiet', 'origin');
    await checkout.git('checkout', '--quiet', '-B', branch, this.commits.get(from) ?? `origin/${from}`);
    this.commits.set(name, await checkout.commit(name, files));
    await checkout.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  }
}

/** One call or doing, the same on both. */
export type Step = readonly [name: string, call: (side: Side) => unknown];

/** What the product may see of an answer: no ids, addresses, times, commits. */
const telling = new Set(['status', 'data', 'message', 'number', 'title', 'body', 'state', 'state_reason', 'labels', 'name', 'login', 'type', 'role_name', 'permission', 'content', 'encoding', 'size', 'path', 'ref', 'base', 'head', 'draft', 'merged', 'mergeable', 'merged_by', 'closed_by', 'user', 'total_count', 'check_runs', 'conclusion', 'external_id', 'output', 'summary', 'text', 'app', 'slug', 'ahead_by', 'behind_by', 'total_commits', 'commits', 'commit', 'author', 'committer', 'comments', 'errors', 'markPullRequestReadyForReview', 'convertPullRequestToDraft', 'pullRequest', 'isDraft', 'pull_requests', 'parents', 'event', 'actor', 'label', 'rename', 'commit_id', 'activity_type', 'before', 'after', 'author_association', 'node', 'userContentEdits', 'totalCount', 'nodes', 'editor', '__typename', 'diff', 'repositories', 'full_name', 'archived', 'account', 'app_slug', 'suspended_at']);
/** The telling parts of an answer, without ids, addresses, times and commits. */
export function essence(value: unknown): unknown {
  // Commits of one second have no order of their own.
  if (Array.isArray(value)) return value.map(essence).toSorted((one, other) => ('commit' in Object(one) ? JSON.stringify(one).localeCompare(JSON.stringify(other)) : 0));
  if (typeof value === 'string') return value.replaceAll(/[0-9a-f]{40}/g, '…').replaceAll(/https?:\/\/\S+/g, 'address');
  if (typeof value !== 'object' || value === null) return value;
  // A query answers what it asks for.
  if ('isDraft' in value) return { isDraft: value.isDraft };
  // Signatures' names; who they are on GitHub stands beside them.
  const { author: _author, committer: _committer, ...rest } = value as Record<string, unknown>;
  const shown = 'message' in value ? rest : value;
  return Object.fromEntries(Object.entries(shown).flatMap(([key, one]) => (telling.has(key) ? [[key, essence(one)]] : [])));
}

/** What came of a step, in the telling parts. */
export async function outcomeOf(side: Side, [, call]: Step): Promise<unknown> {
  try {
    const answer = (await call(side)) as { status?: unknown; data?: unknown; headers?: { link?: string } } | null | undefined;
    return typeof answer?.status !== 'number' ? null : { ...(essence({ status: answer.status, data: answer.data }) as object), hasMore: answer.headers?.link?.includes('rel="next"') ?? false };
  } catch (error) {
    const { status, message } = error as { status?: number; message: string };
    return { status: status ?? 0, message: essence(message) };
  }
}
