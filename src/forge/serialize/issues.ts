import { gitHubTime, gitHubTimeOrNull } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import { REACTIONS } from '../model/records.ts';
import type { Comment, Issue, Label, Reaction, Repository, TimelineEvent } from '../model/records.ts';
import { authorAssociation } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { serializeAccount, serializeAccountOrNull } from './accounts.ts';
import { serializeAppOrNull } from './apps.ts';
import { repositoryApi, repositoryWeb } from './repositories.ts';

export function serializeLabel(world: World, repository: Repository, label: Label): Record<string, unknown> {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${repositoryApi(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: label.default,
    description: label.description,
  };
}

export function serializeReaction(world: World, reaction: Reaction): Record<string, unknown> {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: serializeAccount(world, reaction.user),
    content: reaction.content,
    created_at: gitHubTime(reaction.createdAt),
  };
}

function rollup(url: string, reactions: readonly Reaction[]): Record<string, unknown> {
  const counts = REACTIONS.map((content) => [content, reactions.filter((one) => one.content === content).length]);
  return { url: `${url}/reactions`, total_count: reactions.length, ...(Object.fromEntries(counts) as Record<string, number>) };
}

/** The page of an issue or pull request. */
export function issueWeb(world: World, repository: Repository, issue: Issue): string {
  return `${repositoryWeb(world, repository)}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}`;
}

export function commentsOf(repository: Repository, issue: Issue): Comment[] {
  return [...repository.comments.values()].filter((comment) => comment.issueNumber === issue.number);
}

/** An issue, or the issue side of a pull request. */
export function serializeIssue(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const url = `${api}/issues/${issue.number}`;
  const web = issueWeb(world, repository, issue);
  const first = issue.assignees[0] ?? null;
  return {
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: web,
    id: issue.id,
    node_id: nodeId(issue.pull === null ? 'I' : 'PR', issue.pull?.id ?? issue.id),
    number: issue.number,
    title: issue.title,
    user: serializeAccount(world, issue.user),
    labels: issue.labels.map((label) => serializeLabel(world, repository, label)),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: issue.locked,
    assignee: serializeAccountOrNull(world, first),
    assignees: issue.assignees.map((account) => serializeAccount(world, account)),
    milestone: null,
    comments: commentsOf(repository, issue).length,
    created_at: gitHubTime(issue.createdAt),
    updated_at: gitHubTime(issue.updatedAt),
    closed_at: gitHubTimeOrNull(issue.closedAt),
    author_association: authorAssociation(repository, issue.user),
    active_lock_reason: issue.lockReason,
    ...(issue.pull === null
      ? { sub_issues_summary: { total: 0, completed: 0, percent_completed: 0 } }
      : {
          draft: issue.pull.draft,
          pull_request: {
            url: `${api}/pulls/${issue.number}`,
            html_url: web,
            diff_url: `${web}.diff`,
            patch_url: `${web}.patch`,
            merged_at: gitHubTimeOrNull(issue.pull.mergedAt),
          },
        }),
    body: issue.body,
    reactions: rollup(url, issue.reactions),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: serializeAppOrNull(world, issue.viaApp),
  };
}

/** The single-issue answers also say who closed it. */
export function serializeFullIssue(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  return { ...serializeIssue(world, repository, issue), closed_by: serializeAccountOrNull(world, issue.closedBy) };
}

export function serializeComment(world: World, repository: Repository, comment: Comment): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const issue = repository.issues.get(comment.issueNumber);
  const page = issue === undefined ? repositoryWeb(world, repository) : issueWeb(world, repository, issue);
  return {
    url,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issueNumber}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: serializeAccount(world, comment.user),
    created_at: gitHubTime(comment.createdAt),
    updated_at: gitHubTime(comment.updatedAt),
    body: comment.body,
    author_association: authorAssociation(repository, comment.user),
    reactions: rollup(url, comment.reactions),
    performed_via_github_app: serializeAppOrNull(world, comment.viaApp),
  };
}

export function serializeTimelineEvent(world: World, repository: Repository, event: TimelineEvent): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  return {
    id: event.id,
    node_id: nodeId('EV', event.id),
    url: `${api}/issues/events/${event.id}`,
    actor: serializeAccount(world, event.actor),
    event: event.event,
    commit_id: event.commitId ?? null,
    commit_url: event.commitId === undefined ? null : `${api}/commits/${event.commitId}`,
    created_at: gitHubTime(event.createdAt),
    ...(event.label === undefined ? {} : { label: event.label }),
    ...(event.rename === undefined ? {} : { rename: event.rename }),
    ...(event.dismissedReview === undefined ? {} : { dismissed_review: { state: event.dismissedReview.state, review_id: event.dismissedReview.reviewId, dismissal_message: event.dismissedReview.message } }),
    performed_via_github_app: null,
  };
}
