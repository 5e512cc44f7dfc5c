import type { Comment } from '../model/records.ts';
import { createComment, deleteComment, editComment } from '../operations/comments.ts';
import { pageReply } from '../rest/paginate.ts';
import { Problem } from '../rest/problem.ts';
import type { Route } from '../rest/router.ts';
import { commentsOf, serializeComment } from '../serialize/issues.ts';
import { commentIn, demandRole, isAuthor, ISSUES_READ, ISSUES_WRITE, issueIn, personMay, sinceOf, viaApp } from './finders.ts';

const BASE = '/repos/{owner}/{repo}/issues';

export const commentRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: `${BASE}/{issue_number}/comments`,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle(context) {
      const since = sinceOf(context);
      const found = commentsOf(context.repository, issueIn(context, 'read')).filter((comment) => since === null || comment.updatedAt >= since);
      return pageReply(context, found, (comment) => serializeComment(context.world, context.repository, comment));
    },
  },
  {
    method: 'POST',
    template: `${BASE}/{issue_number}/comments`,
    access: { by: 'member', permission: ISSUES_WRITE },
    handle(context) {
      const issue = issueIn(context, 'write');
      if (issue.locked && !personMay(context, 'write')) throw new Problem(403, 'Unable to create comment because issue is locked.');
      const comment = createComment(context.world, context.repository, issue, context.account, viaApp(context), context.body.text('body'));
      const shown = serializeComment(context.world, context.repository, comment);
      return { status: 201, body: shown, headers: { location: String(shown['url']) } };
    },
  },
  {
    method: 'GET',
    template: `${BASE}/comments`,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle(context) {
      const since = sinceOf(context);
      const by = context.query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
      const direction = context.query.get('direction') === 'desc' ? -1 : 1;
      const found = [...context.repository.comments.values()]
        .filter((comment) => since === null || comment.updatedAt >= since)
        .toSorted((one: Comment, other: Comment) => direction * (one[by] - other[by] || one.id - other.id));
      return pageReply(context, found, (comment) => serializeComment(context.world, context.repository, comment));
    },
  },
  {
    method: 'GET',
    template: `${BASE}/comments/{comment_id}`,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => ({ status: 200, body: serializeComment(context.world, context.repository, commentIn(context, 'read')) }),
  },
  {
    method: 'PATCH',
    template: `${BASE}/comments/{comment_id}`,
    access: { by: 'member', permission: ISSUES_WRITE },
    handle(context) {
      const comment = commentIn(context, 'write');
      if (!isAuthor(context, comment.user)) demandRole(context, 'write');
      editComment(context.world, context.repository, comment, context.account, context.body.text('body'));
      return { status: 200, body: serializeComment(context.world, context.repository, comment) };
    },
  },
  {
    method: 'DELETE',
    template: `${BASE}/comments/{comment_id}`,
    access: { by: 'member', permission: ISSUES_WRITE },
    handle(context) {
      const comment = commentIn(context, 'write');
      if (!isAuthor(context, comment.user)) demandRole(context, 'write');
      deleteComment(context.world, context.repository, comment, context.account);
      return { status: 204 };
    },
  },
];
