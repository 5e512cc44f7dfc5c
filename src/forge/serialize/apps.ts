import { gitHubTime, gitHubTimeOrNull } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { App, Installation } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serializeAccount, serializeAccountOrNull } from './accounts.ts';

/** GitHub's `integration`: an App, as checks and comments name it. */
export function serializeApp(world: World, app: App): Record<string, unknown> {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: serializeAccount(world, app.owner),
    name: app.name,
    description: app.description,
    external_url: app.externalUrl,
    html_url: `${world.webUrl}/apps/${app.slug}`,
    created_at: gitHubTime(app.createdAt),
    updated_at: gitHubTime(app.createdAt),
    permissions: { ...app.permissions, metadata: 'read' },
    events: app.events,
  };
}

export function serializeAppOrNull(world: World, app: App | null): Record<string, unknown> | null {
  return app === null ? null : serializeApp(world, app);
}

export function serializeInstallation(world: World, installation: Installation): Record<string, unknown> {
  const { account, app } = installation;
  const page = account.type === 'Organization' ? `organizations/${account.login}/settings` : 'settings';
  return {
    id: installation.id,
    account: serializeAccount(world, account),
    repository_selection: installation.repositoryIds === null ? 'all' : 'selected',
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.webUrl}/${page}/installations/${installation.id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: { ...installation.permissions, metadata: 'read' },
    events: installation.events,
    created_at: gitHubTime(installation.createdAt),
    updated_at: gitHubTime(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: serializeAccountOrNull(world, installation.suspendedBy),
    suspended_at: gitHubTimeOrNull(installation.suspendedAt),
  };
}
