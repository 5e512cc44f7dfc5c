import { ASSIGNEES_MAX } from '../model/limits.ts';
import type { Account, App, Issue, Pull, Repository } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { serializeAccount } from '../serialize/accounts.ts';
import { announceIssue, recordEvent } from './announce.ts';
import { addLabels } from './labels.ts';
import { checkBody, checkTitle } from './text-rules.ts';
import { noteEdit } from './text-edits.ts';

export interface NewIssue {
  readonly title: string | undefined;
  readonly body: string | null;
  readonly user: Account;
  readonly viaApp: App | null;
}

/** A bare issue record with the next number; pull requests begin the same way. */
export function addIssueRecord(world: World, repository: Repository, given: NewIssue, pull: (number: number) => Pull | null): Issue {
  const title = checkTitle('Issue', given.title);
  const body = checkBody('Issue', given.body);
  const number = repository.nextNumber;
  const now = world.clock.now();
  const issue: Issue = {
    id: world.ids.next('issue'),
    number,
    user: given.user,
    viaApp: given.viaApp,
    createdAt: now,
    updatedAt: now,
    title,
    body,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    locked: false,
    lockReason: null,
    closedAt: null,
    closedBy: null,
    reactions: [],
    edits: [],
    events: [],
    pull: pull(number),
  };
  repository.nextNumber += 1;
  repository.issues.set(number, issue);
  return issue;
}

/** Opens an issue. Labels and assignees of people who may not set them are silently dropped, as on GitHub. */
export async function createIssue(world: World, repository: Repository, given: NewIssue & { labels: readonly string[]; assignees: readonly string[] }): Promise<Issue> {
  const issue = addIssueRecord(world, repository, given, () => null);
  await announceIssue(world, repository, issue, given.user, 'opened');
  await addLabels(world, repository, issue, given.user, given.labels);
  await setAssignees(world, repository, issue, given.user, given.assignees);
  return issue;
}

export interface IssueChanges {
  readonly title?: string | undefined;
  readonly body?: string | null | undefined;
}

/** Changes title and body; `edited` carries what they were before. */
export async function editIssueText(world: World, repository: Repository, issue: Issue, sender: Account, changes: IssueChanges): Promise<void> {
  const resource = issue.pull === null ? 'Issue' : 'PullRequest';
  const before: Record<string, { from: string }> = {};
  if (changes.title !== undefined) checkTitle(resource, changes.title);
  if (changes.body !== undefined) checkBody(resource, changes.body);
  if (changes.title !== undefined && changes.title !== issue.title) {
    before['title'] = { from: issue.title };
    issue.title = changes.title;
  }
  if (changes.body !== undefined && changes.body !== issue.body) {
    before['body'] = { from: issue.body ?? '' };
    noteEdit(world, issue, issue.createdAt, sender, changes.body ?? '');
    issue.body = changes.body;
  }
  if (Object.keys(before).length === 0) return;
  issue.updatedAt = world.clock.now();
  if (before['title'] !== undefined) recordEvent(world, issue, sender, 'renamed', { rename: { from: before['title'].from, to: issue.title } });
  await announceIssue(world, repository, issue, sender, 'edited', { changes: before });
}

/** Closes an issue, or a pull request without merging it. Harmless when it is closed already. */
export async function closeIssue(world: World, repository: Repository, issue: Issue, sender: Account, reason: Issue['stateReason'], commitId?: string): Promise<void> {
  if (issue.state === 'closed') {
    if (reason !== null && issue.pull === null) issue.stateReason = reason;
    return;
  }
  issue.state = 'closed';
  issue.stateReason = issue.pull === null ? (reason ?? 'completed') : null;
  issue.closedAt = world.clock.now();
  issue.closedBy = sender;
  issue.updatedAt = issue.closedAt;
  recordEvent(world, issue, sender, 'closed', commitId === undefined ? {} : { commitId });
  await announceIssue(world, repository, issue, sender, 'closed');
}

export async function reopenIssue(world: World, repository: Repository, issue: Issue, sender: Account): Promise<void> {
  if (issue.state === 'open') return;
  issue.state = 'open';
  issue.stateReason = issue.pull === null ? 'reopened' : null;
  issue.closedAt = null;
  issue.closedBy = null;
  issue.updatedAt = world.clock.now();
  recordEvent(world, issue, sender, 'reopened');
  await announceIssue(world, repository, issue, sender, 'reopened');
}

/** True for those who may be assigned: people who may write, and members of the organisation. That GitHub also takes who commented on an issue is left out. */
export function assignable(repository: Repository, account: Account): boolean {
  return account.type === 'User' && (roleAtLeast(roleOf(repository, account), 'write') || (repository.owner.members.has(account.login.toLowerCase()) && roleAtLeast(roleOf(repository, account), 'read')));
}

/** Makes the assignees exactly these; unassignable names are silently dropped, as on GitHub. */
export async function setAssignees(world: World, repository: Repository, issue: Issue, sender: Account, logins: readonly string[]): Promise<void> {
  const wanted = logins
    .map((login) => world.account(login))
    .filter((account): account is Account => account !== undefined && assignable(repository, account))
    .slice(0, ASSIGNEES_MAX);
  for (const account of issue.assignees.filter((one) => !wanted.includes(one))) {
    issue.assignees = issue.assignees.filter((one) => one !== account);
    issue.updatedAt = world.clock.now();
    recordEvent(world, issue, sender, 'unassigned');
    await announceIssue(world, repository, issue, sender, 'unassigned', { assignee: serializeAccount(world, account) });
  }
  for (const account of wanted.filter((one) => !issue.assignees.includes(one))) {
    issue.assignees.push(account);
    issue.updatedAt = world.clock.now();
    recordEvent(world, issue, sender, 'assigned');
    await announceIssue(world, repository, issue, sender, 'assigned', { assignee: serializeAccount(world, account) });
  }
}

export async function lockIssue(world: World, repository: Repository, issue: Issue, sender: Account, reason: Issue['lockReason']): Promise<void> {
  issue.locked = true;
  issue.lockReason = reason;
  recordEvent(world, issue, sender, 'locked');
  await announceIssue(world, repository, issue, sender, 'locked');
}

export async function unlockIssue(world: World, repository: Repository, issue: Issue, sender: Account): Promise<void> {
  issue.locked = false;
  issue.lockReason = null;
  recordEvent(world, issue, sender, 'unlocked');
  await announceIssue(world, repository, issue, sender, 'unlocked');
}

/** The issues that a text closes: `Closes #3`, `fixes #4`, as GitHub reads merged text. */
export function closingReferences(text: string): number[] {
  const found = text.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b/gi);
  return [...new Set([...found].map((match) => Number(match[1])))];
}
