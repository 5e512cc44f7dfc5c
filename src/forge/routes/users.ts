import type { RateLimiter } from '../rest/rate-limit.ts';
import { rateKey } from '../rest/actor.ts';
import { pageReply } from '../rest/paginate.ts';
import { notAccessible, notFound } from '../rest/problem.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import type { Route } from '../rest/router.ts';
import { serializePrivateUser, serializePublicUser } from '../serialize/accounts.ts';
import { serializeMinimalRepository, serializeRepository } from '../serialize/repositories.ts';

/** People, and what the server says of itself. */
export function userRoutes(limiter: RateLimiter): Route[] {
  return [
    {
      method: 'GET',
      template: '/user',
      access: { by: 'user' },
      handle(context) {
        if (context.actor.kind !== 'user') throw notAccessible();
        return { status: 200, body: serializePrivateUser(context.world, context.account) };
      },
    },
    {
      method: 'GET',
      template: '/user/repos',
      access: { by: 'user' },
      handle(context) {
        const found = [...context.world.repositories.values()].filter((one) => {
          const login = context.account.login.toLowerCase();
          return (one.owner.id === context.account.id || one.roles.has(login) || one.owner.members.has(login)) && roleAtLeast(roleOf(one, context.account), 'read');
        });
        return pageReply(context, found, (repository) => serializeRepository(context.world, repository));
      },
    },
    {
      method: 'GET',
      template: '/users/{username}',
      access: { by: 'anyone' },
      handle(context) {
        const account = context.world.account(context.param('username'));
        if (account === undefined) throw notFound();
        return { status: 200, body: serializePublicUser(context.world, account) };
      },
    },
    {
      method: 'GET',
      template: '/users/{username}/repos',
      access: { by: 'anyone' },
      handle(context) {
        const account = context.world.account(context.param('username'));
        if (account === undefined) throw notFound();
        const found = [...context.world.repositories.values()].filter((one) => one.owner.id === account.id && !one.private);
        return pageReply(context, found, (repository) => serializeMinimalRepository(context.world, repository));
      },
    },
    {
      method: 'GET',
      template: '/rate_limit',
      access: { by: 'anyone' },
      handle(context) {
        const core = limiter.state(rateKey(context.actor));
        return { status: 200, body: { resources: { core, search: { limit: 30, used: 0, remaining: 30, reset: core.reset } }, rate: core } };
      },
    },
    { method: 'GET', template: '/meta', access: { by: 'anyone' }, handle: () => ({ status: 200, body: { verifiable_password_authentication: false } }) },
  ];
}
