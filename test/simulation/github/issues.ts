import { BODY_MAX_CHARACTERS, TITLE_MAX_CHARACTERS } from '../../../src/forge/model/limits.ts';
import { characters } from '../../../src/forge/operations/text-rules.ts';
import { Problem, validationFailed } from '../../../src/forge/rest/problem.ts';
import type { Account, Comment, Issue, IssueEvent, PullIssue, Pull, ReactionContent, Shape, TextEdit } from './records.ts';
import { commentShape, fullPullShape, issueShape } from './shapes.ts';
import type { World } from './world.ts';

/** `issues.*` for an issue, `pull_request.*` for a pull request. */
export function announce(world: World, issue: Issue, sender: Account, action: string, extra: Shape = {}): void {
  if (issue.pull === null) world.tell('issues', action, sender, { issue: issueShape(world, issue), ...extra });
  else world.tell('pull_request', action, sender, { number: issue.number, pull_request: fullPullShape(world, issue as PullIssue, null), ...extra });
}

function remember(world: World, issue: Issue, actor: Account, event: IssueEvent['event'], more: Pick<IssueEvent, 'label' | 'rename' | 'commit'> = {}): void {
  issue.events.push({ id: world.nextEventId(), event, actor, at: world.now(), ...more });
}

/** Notes a new version of a text, before it replaces the present one. The first edit also keeps the text as it was created. */
function rememberText(world: World, edited: { readonly user: Account; readonly createdAt: number; readonly body: string | null; readonly edits: TextEdit[] }, editor: Account, text: string): void {
  if (edited.edits.length === 0) edited.edits.push({ editor: edited.user, at: edited.createdAt, text: edited.body ?? '' });
  edited.edits.push({ editor, at: world.now(), text });
}

/** Refuses a text that is blank where it must say something, or longer than GitHub takes. */
export function checkText(resource: string, field: 'title' | 'body', text: string | null, isNeeded: boolean): void {
  const maximum = field === 'title' ? TITLE_MAX_CHARACTERS : BODY_MAX_CHARACTERS;
  if (isNeeded && (text ?? '').trim() === '') throw validationFailed(field === 'title' ? { resource, field, code: 'missing_field' } : { resource, field: 'data', code: 'unprocessable', message: 'Body cannot be blank' });
  // Counting characters is slow; bytes are only ever more.
  if (text !== null && text.length > maximum && characters(text) > maximum) throw validationFailed({ resource, field, code: 'custom', message: `${field} is too long (maximum is ${maximum} characters)` });
}

export function openIssue(world: World, user: Account, given: { title: string; body: string | null; pull: Pull | null }): Issue {
  const { title, body, pull } = given;
  checkText('Issue', 'title', title, true);
  checkText('Issue', 'body', body, false);
  const at = world.now();
  const number = world.issues.size + 1;
  const issue: Issue = { id: world.nextId(), number, user, byApp: user === world.bot, title, body, pull, createdAt: at, updatedAt: at, comments: [], state: 'open', stateReason: null, labels: [], closedAt: null, closedBy: null, events: [], edits: [], texts: 0 };
  world.issues.set(number, issue);
  announce(world, issue, user, 'opened');
  return issue;
}

/** Changes title and body; the event carries what they were before. */
export function editIssue(world: World, issue: Issue, sender: Account, { title = issue.title, body = issue.body }: { title?: string | undefined; body?: string | null | undefined }): void {
  const resource = issue.pull === null ? 'Issue' : 'PullRequest';
  checkText(resource, 'title', title, true);
  checkText(resource, 'body', body, false);
  const changes = { ...(title === issue.title ? {} : { title: { from: issue.title } }), ...(body === issue.body ? {} : { body: { from: issue.body ?? '' } }) };
  if (Object.keys(changes).length === 0) return;
  if (title !== issue.title) remember(world, issue, sender, 'renamed', { rename: { from: issue.title, to: title } });
  if (body !== issue.body) rememberText(world, issue, sender, body ?? '');
  issue.texts += 1;
  Object.assign(issue, { title, body, updatedAt: world.now() });
  announce(world, issue, sender, 'edited', { changes });
}

/** Closes an issue, or a pull request without merging it. Harmless when it is closed already. `commit` is the one whose message did it. */
export function closeIssue(world: World, issue: Issue, sender: Account, reason: Issue['stateReason'], commit?: string): void {
  if (issue.state === 'closed') {
    if (reason !== null && issue.pull === null) issue.stateReason = reason;
    return;
  }
  const at = world.now();
  Object.assign(issue, { state: 'closed', stateReason: issue.pull === null ? (reason ?? 'completed') : null, closedAt: at, closedBy: sender, updatedAt: at });
  remember(world, issue, sender, 'closed', commit === undefined ? {} : { commit });
  announce(world, issue, sender, 'closed');
}

/** Opens an issue again; a pull request only while its branch exists and it was not merged. */
export function reopenIssue(world: World, issue: Issue, sender: Account): void {
  if (issue.state === 'open') return;
  const head = issue.pull === null ? null : world.branches.get(issue.pull.headRef);
  if (head === undefined || (issue.pull !== null && issue.pull.mergedAt !== null)) throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid', message: 'state cannot be changed. The pull request cannot be reopened.' });
  if (issue.pull !== null && head !== null) issue.pull.headSha = head;
  Object.assign(issue, { state: 'open', stateReason: issue.pull === null ? 'reopened' : null, closedAt: null, closedBy: null, updatedAt: world.now() });
  remember(world, issue, sender, 'reopened');
  announce(world, issue, sender, 'reopened');
}

export function addLabel(world: World, issue: Issue, sender: Account, name: string): void {
  const label = world.label(name);
  if (issue.labels.includes(label)) return;
  issue.labels = [...issue.labels, label];
  issue.updatedAt = world.now();
  remember(world, issue, sender, 'labeled', { label });
  announce(world, issue, sender, 'labeled', { label: label.shape });
}

export function removeLabel(world: World, issue: Issue, sender: Account, name: string): void {
  const label = issue.labels.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (label === undefined) throw new Problem(404, 'Label does not exist');
  issue.labels = issue.labels.filter((one) => one !== label);
  issue.updatedAt = world.now();
  remember(world, issue, sender, 'unlabeled', { label });
  announce(world, issue, sender, 'unlabeled', { label: label.shape });
}

function announceComment(world: World, comment: Comment, sender: Account, action: string, extra: Shape = {}): void {
  world.tell('issue_comment', action, sender, { issue: issueShape(world, comment.issue), comment: commentShape(world, comment), ...extra });
}

export function addComment(world: World, issue: Issue, user: Account, body: string): Comment {
  checkText('IssueComment', 'body', body, true);
  const at = world.now();
  const comment: Comment = { id: world.nextId(), issue, user, body, createdAt: at, updatedAt: at, reactions: [], edits: [] };
  issue.comments.push(comment);
  world.comments.set(comment.id, comment);
  issue.updatedAt = at;
  announceComment(world, comment, user, 'created');
  return comment;
}

/** GitHub sends no event for an edit that changes nothing. */
export function editComment(world: World, comment: Comment, sender: Account, body: string): void {
  checkText('IssueComment', 'body', body, true);
  const from = comment.body;
  if (from === body) return;
  rememberText(world, comment, sender, body);
  Object.assign(comment, { body, updatedAt: world.now() });
  announceComment(world, comment, sender, 'edited', { changes: { body: { from } } });
}

export function deleteComment(world: World, comment: Comment, sender: Account): void {
  comment.issue.comments.splice(comment.issue.comments.indexOf(comment), 1);
  world.comments.delete(comment.id);
  announceComment(world, comment, sender, 'deleted');
}

/** A second equal reaction changes nothing, and there are no webhooks for reactions. */
export function react(world: World, comment: Comment, user: Account, content: ReactionContent): { readonly reaction: Comment['reactions'][number]; readonly isNew: boolean } {
  const existing = comment.reactions.find((one) => one.user === user && one.content === content);
  if (existing !== undefined) return { reaction: existing, isNew: false };
  const reaction = { id: world.nextId(), user, content };
  comment.reactions.push(reaction);
  return { reaction, isNew: true };
}
