import type { App, Installation } from '../model/records.ts';
import { gitHubTime } from '../model/github-time.ts';
import { readPermissions } from '../operations/apps.ts';
import { issueToken, removeInstallation, suspendInstallation } from '../operations/installations.ts';
import type { ManifestRegistry } from '../operations/manifests.ts';
import { countedReply, pageReply } from '../rest/paginate.ts';
import { invalidRequest, notAccessible, notFound, requiresAuthentication } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeApp, serializeInstallation } from '../serialize/apps.ts';
import { serializeRepository } from '../serialize/repositories.ts';

function appOf(context: RequestContext): App {
  if (context.actor.kind !== 'app') throw requiresAuthentication();
  return context.actor.app;
}

function installationIn(context: RequestContext): Installation {
  const installation = context.world.installations.get(context.numberParam('installation_id'));
  if (installation === undefined || installation.app.id !== appOf(context).id) throw notFound();
  return installation;
}

/** Endpoints of an App as itself, of its installations, and the end of the manifest flow. */
export function appRoutes(manifests: ManifestRegistry): Route[] {
  return [
    {
      method: 'GET',
      template: '/app',
      access: { by: 'app' },
      handle(context) {
        const app = appOf(context);
        const installations = [...context.world.installations.values()].filter((one) => one.app.id === app.id);
        return { status: 200, body: { ...serializeApp(context.world, app), installations_count: installations.length } };
      },
    },
    {
      method: 'GET',
      template: '/app/installations',
      access: { by: 'app' },
      handle(context) {
        const app = appOf(context);
        const found = [...context.world.installations.values()].filter((one) => one.app.id === app.id);
        return pageReply(context, found, (installation) => serializeInstallation(context.world, installation));
      },
    },
    {
      method: 'GET',
      template: '/app/installations/{installation_id}',
      access: { by: 'app' },
      handle: (context) => ({ status: 200, body: serializeInstallation(context.world, installationIn(context)) }),
    },
    {
      method: 'DELETE',
      template: '/app/installations/{installation_id}',
      access: { by: 'app' },
      handle(context) {
        removeInstallation(context.world, installationIn(context));
        return { status: 204 };
      },
    },
    {
      method: 'PUT',
      template: '/app/installations/{installation_id}/suspended',
      access: { by: 'app' },
      handle(context) {
        suspendInstallation(context.world, installationIn(context), true);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      template: '/app/installations/{installation_id}/suspended',
      access: { by: 'app' },
      handle(context) {
        suspendInstallation(context.world, installationIn(context), false);
        return { status: 204 };
      },
    },
    { method: 'POST', template: '/app/installations/{installation_id}/access_tokens', access: { by: 'app' }, handle: createToken },
    {
      method: 'GET',
      template: '/installation/repositories',
      access: { by: 'installation' },
      handle(context) {
        const { actor, world } = context;
        if (actor.kind !== 'installation') throw notAccessible();
        const found = world.repositoriesOf(actor.installation).filter((one) => actor.repositoryIds === null || actor.repositoryIds.has(one.id));
        const selection = actor.installation.repositoryIds === null && actor.repositoryIds === null ? 'all' : 'selected';
        return countedReply(context, 'repositories', found, (repository) => serializeRepository(world, repository), { repository_selection: selection });
      },
    },
    {
      method: 'DELETE',
      template: '/installation/token',
      access: { by: 'installation' },
      handle(context) {
        if (context.actor.kind === 'installation') context.world.installationTokens.delete(context.actor.token);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      template: '/apps/{app_slug}',
      access: { by: 'anyone' },
      handle(context) {
        const app = [...context.world.apps.values()].find((one) => one.slug === context.param('app_slug'));
        if (app === undefined) throw notFound();
        return { status: 200, body: serializeApp(context.world, app) };
      },
    },
    {
      method: 'POST',
      template: '/app-manifests/{code}/conversions',
      access: { by: 'anyone' },
      handle(context) {
        const conversion = manifests.take(context.param('code'));
        if (conversion === null) throw notFound();
        const { app, privateKey, webhookSecret } = conversion;
        return {
          status: 201,
          body: { ...serializeApp(context.world, app), client_id: app.clientId, client_secret: app.clientSecret, webhook_secret: webhookSecret, pem: privateKey },
        };
      },
    },
  ];
}

function createToken(context: RequestContext): Reply {
  const { body, world } = context;
  const given = body.object('permissions');
  const permissions = given === undefined ? undefined : readPermissions(given.value);
  if (permissions === null) throw invalidRequest('permissions hold a level that is not read, write or admin.');
  const issued = issueToken(world, installationIn(context), { repositories: body.texts('repositories'), repositoryIds: body.integers('repository_ids'), permissions });
  const chosen = issued.repositoryIds;
  const repositories = chosen === null ? null : world.repositoriesOf(issued.installation).filter((one) => chosen.has(one.id));
  return {
    status: 201,
    body: {
      token: issued.token,
      expires_at: gitHubTime(issued.expiresAt),
      permissions: { ...issued.permissions, metadata: 'read' },
      repository_selection: repositories === null && issued.installation.repositoryIds === null ? 'all' : 'selected',
      ...(repositories === null ? {} : { repositories: repositories.map((repository) => serializeRepository(world, repository)) }),
    },
  };
}
