import { REACTIONS } from '../model/records.ts';
import type { PermissionLevel, Reaction } from '../model/records.ts';
import { react } from '../operations/comments.ts';
import { pageReply } from '../rest/paginate.ts';
import { notFound, validationFailed } from '../rest/problem.ts';
import { lacksRole } from '../rest/request-context.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';
import { serializeReaction } from '../serialize/issues.ts';
import { commentIn, isAuthor, ISSUES_READ, ISSUES_WRITE, issueIn } from './finders.ts';

type Find = (context: RequestContext, level: PermissionLevel) => { readonly reactions: Reaction[] };

/** The three endpoints of one reactable thing. */
function reactionRoutesOf(template: string, find: Find): Route[] {
  return [
    {
      method: 'GET',
      template,
      access: { by: 'anyone', permission: ISSUES_READ },
      handle(context) {
        const content = context.query.get('content');
        const found = find(context, 'read').reactions.filter((one) => content === null || one.content === content);
        return pageReply(context, found, (reaction) => serializeReaction(context.world, reaction));
      },
    },
    {
      method: 'POST',
      template,
      access: { by: 'member', permission: ISSUES_WRITE },
      handle(context) {
        const content = REACTIONS.find((one) => one === context.body.value['content']);
        if (content === undefined) throw validationFailed({ resource: 'Reaction', field: 'content', code: 'invalid' });
        const { reaction, created } = react(context.world, find(context, 'write').reactions, context.account, content);
        return { status: created ? 201 : 200, body: serializeReaction(context.world, reaction) };
      },
    },
    {
      method: 'DELETE',
      template: `${template}/{reaction_id}`,
      access: { by: 'member', permission: ISSUES_WRITE },
      handle(context) {
        const { reactions } = find(context, 'write');
        const at = reactions.findIndex((one) => one.id === context.numberParam('reaction_id'));
        const reaction = reactions[at];
        if (reaction === undefined) throw notFound();
        if (!isAuthor(context, reaction.user)) throw lacksRole('admin');
        reactions.splice(at, 1);
        return { status: 204 };
      },
    },
  ];
}

export const reactionRoutes: readonly Route[] = [
  ...reactionRoutesOf('/repos/{owner}/{repo}/issues/{issue_number}/reactions', issueIn),
  ...reactionRoutesOf('/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', commentIn),
];
