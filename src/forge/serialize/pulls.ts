import { gitHubTime, gitHubTimeOrNull } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { Issue, Pull, Repository, Review } from '../model/records.ts';
import { authorAssociation } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import type { MergeVerdict } from '../operations/mergeability.ts';
import { pullSize } from '../operations/pull-diff.ts';
import { serializeAccount, serializeAccountOrNull } from './accounts.ts';
import { commentsOf, serializeLabel } from './issues.ts';
import { repositoryApi, repositoryWeb, serializeRepository } from './repositories.ts';

/** A pull request as lists show it. */
export function serializePullSimple(world: World, repository: Repository, issue: Issue, pull: Pull): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const web = `${repositoryWeb(world, repository)}/pull/${issue.number}`;
  const url = `${api}/pulls/${issue.number}`;
  const issueUrl = `${api}/issues/${issue.number}`;
  const headRepository = world.repositoryById(pull.headRepositoryId) ?? repository;
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    issue_url: issueUrl,
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: serializeAccount(world, issue.user),
    body: issue.body,
    created_at: gitHubTime(issue.createdAt),
    updated_at: gitHubTime(issue.updatedAt),
    closed_at: gitHubTimeOrNull(issue.closedAt),
    merged_at: gitHubTimeOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: serializeAccountOrNull(world, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((account) => serializeAccount(world, account)),
    requested_reviewers: pull.requestedReviewers.map((account) => serializeAccount(world, account)),
    requested_teams: [],
    labels: issue.labels.map((label) => serializeLabel(world, repository, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: `${api}/statuses/${pull.headSha}`,
    head: serializeEnd(world, headRepository, pull.headRef, pull.headSha),
    base: serializeEnd(world, repository, pull.baseRef, pull.baseSha),
    _links: {
      self: href(url),
      html: href(web),
      issue: href(issueUrl),
      comments: href(`${issueUrl}/comments`),
      review_comments: href(`${url}/comments`),
      review_comment: href(`${api}/pulls/comments{/number}`),
      commits: href(`${url}/commits`),
      statuses: href(`${api}/statuses/${pull.headSha}`),
    },
    author_association: authorAssociation(repository, issue.user),
    auto_merge: null,
    active_lock_reason: issue.lockReason,
  };
}

function href(address: string): { href: string } {
  return { href: address };
}

function serializeEnd(world: World, repository: Repository, ref: string, sha: string): Record<string, unknown> {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: serializeAccount(world, repository.owner),
    repo: serializeRepository(world, repository),
  };
}

/** A pull request in full, with what git counts and whether it can be merged. */
export async function serializePull(world: World, repository: Repository, issue: Issue, pull: Pull, verdict: MergeVerdict): Promise<Record<string, unknown>> {
  const size = await pullSize(repository, issue, pull);
  return {
    ...serializePullSimple(world, repository, issue, pull),
    merged: pull.mergedAt !== null,
    mergeable: verdict.mergeable,
    rebaseable: verdict.mergeable,
    mergeable_state: verdict.state,
    merged_by: serializeAccountOrNull(world, pull.mergedBy),
    comments: commentsOf(repository, issue).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: size.commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.changedFiles,
  };
}

/** In webhooks mergeability is never known yet. */
export async function serializePullEvent(world: World, repository: Repository, issue: Issue, pull: Pull): Promise<Record<string, unknown>> {
  return serializePull(world, repository, issue, pull, { mergeable: null, state: 'unknown', refusal: null });
}

export function serializeReview(world: World, repository: Repository, issue: Issue, review: Review): Record<string, unknown> {
  const web = `${repositoryWeb(world, repository)}/pull/${issue.number}#pullrequestreview-${review.id}`;
  const url = `${repositoryApi(world, repository)}/pulls/${issue.number}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: serializeAccount(world, review.user),
    body: review.body,
    state: review.state,
    html_url: web,
    pull_request_url: url,
    author_association: authorAssociation(repository, review.user),
    _links: { html: { href: web }, pull_request: { href: url } },
    ...(review.submittedAt === null ? {} : { submitted_at: gitHubTime(review.submittedAt) }),
    commit_id: review.commitId,
  };
}

/** In webhooks a review's state is lower case and its empty body null. */
export function serializeReviewEvent(world: World, repository: Repository, issue: Issue, review: Review): Record<string, unknown> {
  const shown = serializeReview(world, repository, issue, review);
  return { ...shown, state: review.state.toLowerCase(), body: review.body === '' ? null : review.body };
}
