import { assignable, closeIssue, createIssue, editIssueText, lockIssue, reopenIssue, setAssignees, unlockIssue } from '../operations/issues.ts';
import { setLabels } from '../operations/labels.ts';
import { reopenPull } from '../operations/pulls.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Issue } from '../model/records.ts';
import type { BodyReader } from '../rest/body-reader.ts';
import { pageReply } from '../rest/paginate.ts';
import { invalidRequest, notFound } from '../rest/problem.ts';
import { lacksRole } from '../rest/request-context.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeFullIssue, serializeIssue, serializeTimelineEvent } from '../serialize/issues.ts';
import { demandIssuePermission, demandRole, isAuthor, ISSUES_READ, ISSUES_WRITE, issueIn, personMay, sinceOf, viaApp } from './finders.ts';

const BASE = '/repos/{owner}/{repo}/issues';
const ONE = `${BASE}/{issue_number}`;
const CLOSE_REASONS = ['completed', 'not_planned', 'duplicate', 'reopened'] as const;
const LOCK_REASONS = ['off-topic', 'too heated', 'resolved', 'spam'] as const;

export const issueRoutes: readonly Route[] = [
  { method: 'GET', template: BASE, access: { by: 'anyone', permission: ISSUES_READ }, handle: listIssues },
  {
    method: 'POST',
    template: BASE,
    access: { by: 'member', permission: [['issues', 'write']] },
    async handle(context) {
      const { body, world, repository } = context;
      const mayTriage = personMay(context, 'triage');
      const issue = await createIssue(world, repository, {
        title: titleOf(body),
        body: body.text('body') ?? null,
        user: context.account,
        viaApp: viaApp(context),
        labels: mayTriage ? (labelNames(body) ?? []) : [],
        assignees: mayTriage ? (body.texts('assignees') ?? []) : [],
      });
      const shown = serializeFullIssue(world, repository, issue);
      return { status: 201, body: shown, headers: { location: String(shown['url']) } };
    },
  },
  {
    method: 'GET',
    template: ONE,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => ({ status: 200, body: serializeFullIssue(context.world, context.repository, issueIn(context, 'read')) }),
  },
  { method: 'PATCH', template: ONE, access: { by: 'member', permission: ISSUES_WRITE }, handle: editIssue },
  {
    method: 'PUT',
    template: `${ONE}/lock`,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'write' },
    async handle(context) {
      await lockIssue(context.world, context.repository, issueIn(context, 'write'), context.account, context.body.oneOf('lock_reason', LOCK_REASONS) ?? null);
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    template: `${ONE}/lock`,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'write' },
    async handle(context) {
      await unlockIssue(context.world, context.repository, issueIn(context, 'write'), context.account);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/assignees/{assignee}',
    access: { by: 'anyone', permission: ISSUES_READ },
    handle(context) {
      const { world, repository } = context;
      const account = world.account(context.param('assignee'));
      if (account === undefined || !assignable(repository, account)) throw notFound();
      return { status: 204 };
    },
  },
  { method: 'POST', template: `${ONE}/assignees`, access: { by: 'member', permission: ISSUES_WRITE }, handle: (context) => changeAssignees(context, true) },
  { method: 'DELETE', template: `${ONE}/assignees`, access: { by: 'member', permission: ISSUES_WRITE }, handle: (context) => changeAssignees(context, false) },
  {
    method: 'GET',
    template: `${ONE}/events`,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => pageReply(context, issueIn(context, 'read').events, (event) => serializeTimelineEvent(context.world, context.repository, event)),
  },
];

function titleOf(body: BodyReader): string | undefined {
  const title = body.value['title'];
  return typeof title === 'number' ? String(title) : body.text('title');
}

/** Labels come as names or as objects with a name. */
function labelNames(body: BodyReader): string[] | undefined {
  return body.list('labels')?.map((item) => {
    const name = isJsonObject(item) ? item['name'] : item;
    if (typeof name !== 'string') throw invalidRequest(`For 'items', ${JSON.stringify(item)} is not a string.`);
    return name;
  });
}

async function editIssue(context: RequestContext): Promise<Reply> {
  const { body, world, repository } = context;
  const issue = issueIn(context, 'write');
  const own = isAuthor(context, issue.user);
  const mayTriage = personMay(context, 'triage');
  if (!own && !mayTriage) throw lacksRole('triage');
  const changesText = body.has('title') || body.value['body'] !== undefined;
  if (changesText && !own) demandRole(context, 'write');
  const state = body.oneOf('state', ['open', 'closed'] as const);
  const reason = body.oneOf('state_reason', CLOSE_REASONS);

  await editIssueText(world, repository, issue, context.account, {
    title: body.value['title'] === null ? undefined : titleOf(body),
    body: body.value['body'] === null ? null : body.text('body'),
  });
  if (state === 'closed') await closeIssue(world, repository, issue, context.account, reason === 'reopened' ? null : (reason ?? null));
  if (state === 'open') await reopen(context, issue);
  // What the caller may not change is silently left as it is.
  const labels = labelNames(body);
  if (labels !== undefined && mayTriage) await setLabels(world, repository, issue, context.account, labels);
  const assignees = body.texts('assignees');
  if (assignees !== undefined && mayTriage) await setAssignees(world, repository, issue, context.account, assignees);
  return { status: 200, body: serializeFullIssue(world, repository, issue) };
}

async function reopen(context: RequestContext, issue: Issue): Promise<void> {
  // An author reopens only what they closed themselves.
  if (issue.state === 'closed' && !personMay(context, 'triage') && issue.closedBy?.id !== context.account.id) throw lacksRole('triage');
  if (issue.pull === null) await reopenIssue(context.world, context.repository, issue, context.account);
  else await reopenPull(context.world, context.repository, issue, issue.pull, context.account);
}

async function changeAssignees(context: RequestContext, add: boolean): Promise<Reply> {
  const issue = issueIn(context, 'write');
  const given = (context.body.texts('assignees') ?? []).map((login) => login.toLowerCase());
  const current = issue.assignees.map((account) => account.login);
  const wanted = add ? [...current, ...given] : current.filter((login) => !given.includes(login.toLowerCase()));
  if (personMay(context, 'triage')) await setAssignees(context.world, context.repository, issue, context.account, wanted);
  return { status: add ? 201 : 200, body: serializeIssue(context.world, context.repository, issue) };
}

async function listIssues(context: RequestContext): Promise<Reply> {
  const { query, repository, world } = context;
  const state = query.get('state') ?? 'open';
  const labels = (query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const since = sinceOf(context);
  const creator = query.get('creator')?.toLowerCase();
  const assignee = query.get('assignee')?.toLowerCase();
  if (assignee !== undefined && assignee !== '*' && assignee !== 'none' && world.account(assignee) === undefined) throw notFound();
  const found = [...repository.issues.values()].filter((issue) => {
    if (state !== 'all' && issue.state !== state) return false;
    if (since !== null && issue.updatedAt < since) return false;
    if (creator !== undefined && issue.user.login.toLowerCase() !== creator) return false;
    if (assignee === 'none' && issue.assignees.length > 0) return false;
    if (assignee === '*' && issue.assignees.length === 0) return false;
    if (assignee !== undefined && assignee !== '*' && assignee !== 'none' && !issue.assignees.some((one) => one.login.toLowerCase() === assignee)) return false;
    return labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase()));
  });
  const visible = found.filter((issue) => maySee(context, issue));
  return pageReply(context, sorted(visible, context, repository), (issue) => serializeIssue(world, repository, issue));
}

function maySee(context: RequestContext, issue: Issue): boolean {
  try {
    demandIssuePermission(context, issue, 'read');
    return true;
  } catch {
    return false;
  }
}

function sorted(issues: readonly Issue[], context: RequestContext, repository: RequestContext['repository']): Issue[] {
  const by = context.query.get('sort') ?? 'created';
  const comments = (issue: Issue): number => [...repository.comments.values()].filter((comment) => comment.issueNumber === issue.number).length;
  const value = (issue: Issue): number => (by === 'updated' ? issue.updatedAt : by === 'comments' ? comments(issue) : issue.createdAt);
  const direction = context.query.get('direction') === 'asc' ? 1 : -1;
  return issues.toSorted((one, other) => direction * (value(one) - value(other) || one.number - other.number));
}
