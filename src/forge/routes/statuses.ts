import { createStatus, latestStatuses } from '../operations/statuses.ts';
import { pageReply } from '../rest/paginate.ts';
import { invalidRequest } from '../rest/problem.ts';
import type { Route } from '../rest/router.ts';
import { serializeCombinedStatus, serializeStatus } from '../serialize/commits.ts';
import { commitIn } from './finders.ts';

const BASE = '/repos/{owner}/{repo}';
const READ = [['statuses', 'read']] as const;

export const statusRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: `${BASE}/statuses/{sha}`,
    access: { by: 'member', permission: [['statuses', 'write']], role: 'write' },
    async handle(context) {
      const { body, world, repository } = context;
      const state = body.oneOf('state', ['error', 'failure', 'pending', 'success'] as const);
      if (state === undefined) throw invalidRequest('"state" wasn\'t supplied.');
      const status = await createStatus(world, repository, context.account, {
        sha: context.param('sha'),
        state,
        context: body.text('context') ?? 'default',
        description: body.text('description') ?? null,
        targetUrl: body.text('target_url') ?? null,
      });
      const shown = serializeStatus(world, repository, status);
      return { status: 201, body: shown, headers: { location: String(shown['url']) } };
    },
  },
  {
    method: 'GET',
    template: `${BASE}/commits/{ref}/statuses`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const sha = await commitIn(context, context.param('ref'));
      const found = context.repository.statuses.filter((status) => status.sha === sha).toReversed();
      return pageReply(context, found, (status) => serializeStatus(context.world, context.repository, status));
    },
  },
  {
    method: 'GET',
    template: `${BASE}/commits/{ref}/status`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const sha = await commitIn(context, context.param('ref'));
      return { status: 200, body: serializeCombinedStatus(context.world, context.repository, sha, latestStatuses(context.repository, sha)) };
    },
  },
];
