import type { CheckRun, Comment, Issue, PermissionLevel, Pull, Role } from '../model/records.ts';
import { roleAtLeast } from '../model/roles.ts';
import type { Account, App } from '../model/records.ts';
import { permits } from '../model/roles.ts';
import { notAccessible, notFound } from '../rest/problem.ts';
import { lacksRole } from '../rest/request-context.ts';
import type { RequestContext } from '../rest/request-context.ts';

/** Either permission opens issue endpoints; which one counts depends on whether the number is a pull request. */
export const ISSUES_READ = [['issues', 'read'], ['pull_requests', 'read']] as const;
export const ISSUES_WRITE = [['issues', 'write'], ['pull_requests', 'write']] as const;

/** The issue or pull request in the path, which an App must be allowed to see or change as what it is. */
export function issueIn(context: RequestContext, level: PermissionLevel): Issue {
  const issue = context.repository.issues.get(context.numberParam('issue_number'));
  if (issue === undefined) throw notFound();
  demandIssuePermission(context, issue, level);
  return issue;
}

/** For Apps: `issues` for issues; `issues` or `pull_requests` for pull requests. */
export function demandIssuePermission(context: RequestContext, issue: Issue, level: PermissionLevel): void {
  if (context.actor.kind !== 'installation') return;
  const { permissions } = context.actor;
  if (permits(permissions, 'issues', level)) return;
  if (issue.pull === null || !permits(permissions, 'pull_requests', level)) throw notAccessible();
}

/** True for Apps (whose permission was checked) and for people with at least the role. */
export function personMay(context: RequestContext, role: Role): boolean {
  return context.actor.kind === 'installation' || roleAtLeast(context.role, role);
}

export function demandRole(context: RequestContext, role: Role): void {
  if (!personMay(context, role)) throw lacksRole(role);
}

/** True when the caller wrote it. */
export function isAuthor(context: RequestContext, author: Account): boolean {
  return context.account.id === author.id;
}

export function commentIn(context: RequestContext, level: PermissionLevel): Comment {
  const comment = context.repository.comments.get(context.numberParam('comment_id'));
  const issue = comment === undefined ? undefined : context.repository.issues.get(comment.issueNumber);
  if (comment === undefined || issue === undefined) throw notFound();
  demandIssuePermission(context, issue, level);
  return comment;
}

export function pullIn(context: RequestContext): { issue: Issue; pull: Pull } {
  const issue = context.repository.issues.get(context.numberParam('pull_number'));
  if (issue?.pull === undefined || issue.pull === null) throw notFound();
  return { issue, pull: issue.pull };
}

export function checkRunIn(context: RequestContext): CheckRun {
  const run = context.repository.checkRuns.get(context.numberParam('check_run_id'));
  if (run === undefined) throw notFound();
  return run;
}

/** The App through which something is written, for `performed_via_github_app`. */
export function viaApp(context: RequestContext): App | null {
  return context.actor.kind === 'installation' ? context.actor.app : null;
}

/** The full commit id that a path parameter names, or 404 / 422 as the endpoint answers. */
export async function commitIn(context: RequestContext, name: string): Promise<string> {
  const sha = await context.repository.git.resolveCommit(name);
  if (sha === null) throw notFound();
  return sha;
}

/** ISO instant from the query, or null. */
export function sinceOf(context: RequestContext): number | null {
  const at = Date.parse(context.query.get('since') ?? '');
  return Number.isNaN(at) ? null : at;
}
