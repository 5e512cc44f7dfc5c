import type { Account, App, Comment, Issue, Reaction, ReactionContent, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { notFound } from '../rest/problem.ts';
import { serializeComment, serializeIssue } from '../serialize/issues.ts';
import { noteEdit } from './text-edits.ts';
import { checkFilledBody } from './text-rules.ts';

/** Adds a comment to an issue or pull request. */
export function createComment(world: World, repository: Repository, issue: Issue, user: Account, viaApp: App | null, body: string | undefined): Comment {
  const now = world.clock.now();
  const text = checkFilledBody('IssueComment', body);
  const comment: Comment = { id: world.ids.next('comment'), issueNumber: issue.number, user, viaApp, createdAt: now, updatedAt: now, body: text, reactions: [], edits: [] };
  repository.comments.set(comment.id, comment);
  issue.updatedAt = now;
  announce(world, repository, issue, comment, user, 'created');
  return comment;
}

export function editComment(world: World, repository: Repository, comment: Comment, sender: Account, body: string | undefined): void {
  const text = checkFilledBody('IssueComment', body);
  const from = comment.body;
  // GitHub sends no event for an edit that changes nothing.
  if (from === text) return;
  noteEdit(world, comment, comment.createdAt, sender, text);
  comment.body = text;
  comment.updatedAt = world.clock.now();
  announce(world, repository, issueOf(repository, comment), comment, sender, 'edited', { changes: { body: { from } } });
}

export function deleteComment(world: World, repository: Repository, comment: Comment, sender: Account): void {
  const issue = issueOf(repository, comment);
  repository.comments.delete(comment.id);
  announce(world, repository, issue, comment, sender, 'deleted');
}

/** The issue a comment belongs to. */
export function issueOf(repository: Repository, comment: Comment): Issue {
  const issue = repository.issues.get(comment.issueNumber);
  if (issue === undefined) throw notFound();
  return issue;
}

function announce(world: World, repository: Repository, issue: Issue, comment: Comment, sender: Account, action: string, extra: Readonly<Record<string, unknown>> = {}): void {
  world.emit({
    event: 'issue_comment',
    action,
    repository,
    sender,
    permissions: issue.pull === null ? ['issues'] : ['issues', 'pull_requests'],
    payload: { issue: serializeIssue(world, repository, issue), comment: serializeComment(world, repository, comment), ...extra },
  });
}

/** Adds a reaction; a second equal one changes nothing. There are no webhooks for reactions. */
export function react(world: World, reactions: Reaction[], user: Account, content: ReactionContent): { reaction: Reaction; created: boolean } {
  const existing = reactions.find((one) => one.user.id === user.id && one.content === content);
  if (existing !== undefined) return { reaction: existing, created: false };
  const reaction: Reaction = { id: world.ids.next('reaction'), user, content, createdAt: world.clock.now() };
  reactions.push(reaction);
  return { reaction, created: true };
}
