import { randomBytes } from 'node:crypto';

import { INSTALLATION_TOKEN_LIFETIME_MS } from '../model/limits.ts';
import type { Account, App, Installation, InstallationToken, Permissions, Repository } from '../model/records.ts';
import { permits } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { Problem } from '../rest/problem.ts';
import { serializeInstallation } from '../serialize/apps.ts';
import { serializeRepositoryName } from '../serialize/repositories.ts';

/** Installs an App on an account and tells it (`installation.created`). */
export function addInstallation(world: World, app: App, account: Account, repositories: readonly Repository[] | 'all'): Installation {
  const now = world.clock.now();
  const installation: Installation = {
    id: world.ids.next('installation'),
    app,
    account,
    permissions: app.permissions,
    events: app.events,
    createdAt: now,
    updatedAt: now,
    repositoryIds: repositories === 'all' ? null : new Set(repositories.map((one) => one.id)),
    suspendedAt: null,
    suspendedBy: null,
  };
  world.installations.set(installation.id, installation);
  announce(world, installation, 'installation', 'created', { repositories: names(world.repositoriesOf(installation)), requester: null });
  return installation;
}

/** Uninstalls an App; its tokens stop working at once. */
export function removeInstallation(world: World, installation: Installation): void {
  announce(world, installation, 'installation', 'deleted', { repositories: names(world.repositoriesOf(installation)), requester: null });
  world.installations.delete(installation.id);
}

export function suspendInstallation(world: World, installation: Installation, suspended: boolean): void {
  installation.suspendedAt = suspended ? world.clock.now() : null;
  installation.suspendedBy = suspended ? installation.account : null;
  installation.updatedAt = world.clock.now();
  announce(world, installation, 'installation', suspended ? 'suspend' : 'unsuspend', { repositories: names(world.repositoriesOf(installation)) });
}

/** Adds repositories to an installation, or takes them away. */
export function changeInstallationRepositories(world: World, installation: Installation, change: { add?: readonly Repository[]; remove?: readonly Repository[] }): void {
  const { add = [], remove = [] } = change;
  installation.repositoryIds ??= new Set(world.repositoriesOf(installation).map((one) => one.id));
  for (const one of add) installation.repositoryIds.add(one.id);
  for (const one of remove) installation.repositoryIds.delete(one.id);
  installation.updatedAt = world.clock.now();
  const shared = { repository_selection: 'selected', requester: null };
  if (add.length > 0) announce(world, installation, 'installation_repositories', 'added', { ...shared, repositories_added: names(add), repositories_removed: [] });
  if (remove.length > 0) announce(world, installation, 'installation_repositories', 'removed', { ...shared, repositories_added: [], repositories_removed: names(remove) });
}

function names(repositories: readonly Repository[]): Record<string, unknown>[] {
  return repositories.map(serializeRepositoryName);
}

function announce(world: World, installation: Installation, event: string, action: string, extra: Readonly<Record<string, unknown>>): void {
  world.emit({
    event,
    action,
    repository: null,
    // The person who installs; organisations have no hands, so their name stands for whoever it was.
    sender: installation.account,
    unconditional: true,
    installation,
    payload: { installation: serializeInstallation(world, installation), ...extra },
  });
}

/** Issues an installation token, narrowed to repositories and permissions when asked. */
export function issueToken(
  world: World,
  installation: Installation,
  narrowing: { repositories?: readonly string[] | undefined; repositoryIds?: readonly number[] | undefined; permissions?: Permissions | undefined },
): InstallationToken {
  if (installation.suspendedAt !== null) throw new Problem(403, 'This installation has been suspended');
  const covered = world.repositoriesOf(installation);
  let repositoryIds: ReadonlySet<number> | null = null;
  if (narrowing.repositories !== undefined || narrowing.repositoryIds !== undefined) {
    const byName = (narrowing.repositories ?? []).map((name) => covered.find((one) => one.name.toLowerCase() === name.toLowerCase())?.id);
    const byId = (narrowing.repositoryIds ?? []).map((id) => covered.find((one) => one.id === id)?.id);
    const chosen = [...byName, ...byId];
    if (chosen.length === 0 || chosen.includes(undefined)) {
      throw new Problem(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
    }
    repositoryIds = new Set(chosen as number[]);
  }
  for (const [name, level] of Object.entries(narrowing.permissions ?? {})) {
    if (!permits(installation.permissions, name, level)) throw new Problem(422, 'The permissions requested are not granted to this installation.');
  }
  const token: InstallationToken = {
    token: `ghs_${randomBytes(27).toString('base64url').replace(/[-_]/g, 'x')}`,
    installation,
    permissions: narrowing.permissions ?? installation.permissions,
    repositoryIds,
    expiresAt: world.clock.now() + INSTALLATION_TOKEN_LIFETIME_MS,
  };
  world.installationTokens.set(token.token, token);
  return token;
}
