import { gitHubTime } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { Account, Team } from '../model/records.ts';
import { legacyPermission, roleAtLeast } from '../model/roles.ts';
import type { Role } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** An account as it appears inside other objects. */
export function serializeAccount(world: World, account: Account): Record<string, unknown> {
  const login = encodeURIComponent(account.login);
  const api = `${world.apiUrl}/users/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'Bot' ? 'BOT' : account.type === 'Organization' ? 'O' : 'U', account.id),
    avatar_url: `${world.webUrl}/_forge/avatars/${account.id}.svg`,
    gravatar_id: '',
    url: api,
    html_url: account.type === 'Bot' ? `${world.webUrl}/apps/${account.login.replace(/\[bot\]$/, '')}` : `${world.webUrl}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

export function serializeAccountOrNull(world: World, account: Account | null): Record<string, unknown> | null {
  return account === null ? null : serializeAccount(world, account);
}

/** `GET /users/{username}`. */
export function serializePublicUser(world: World, account: Account): Record<string, unknown> {
  return {
    ...serializeAccount(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: [...world.repositories.values()].filter((one) => one.owner.id === account.id && !one.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: gitHubTime(account.createdAt),
    updated_at: gitHubTime(account.createdAt),
  };
}

/** `GET /user`. */
export function serializePrivateUser(world: World, account: Account): Record<string, unknown> {
  const owned = [...world.repositories.values()].filter((one) => one.owner.id === account.id && one.private).length;
  return {
    ...serializePublicUser(world, account),
    notification_email: account.email,
    private_gists: 0,
    total_private_repos: owned,
    owned_private_repos: owned,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  };
}

/** A person with their role in a repository, as the collaborator endpoints answer. */
export function serializeCollaborator(world: World, account: Account, role: Role): Record<string, unknown> {
  return { ...serializeAccount(world, account), permissions: serializePermissions(role), role_name: role };
}

/** What a role allows, in GitHub's five words. */
export function serializePermissions(role: Role): Record<string, boolean> {
  return {
    admin: roleAtLeast(role, 'admin'),
    maintain: roleAtLeast(role, 'maintain'),
    push: roleAtLeast(role, 'write'),
    triage: roleAtLeast(role, 'triage'),
    pull: roleAtLeast(role, 'read'),
  };
}

/** `GET …/collaborators/{username}/permission`. */
export function serializeCollaboratorPermission(world: World, account: Account, role: Role): Record<string, unknown> {
  return { permission: legacyPermission(role), role_name: role, user: serializeCollaborator(world, account, role) };
}

export function serializeTeam(world: World, team: Team): Record<string, unknown> {
  const api = `${world.apiUrl}/organizations/${team.organization.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId('T', team.id),
    name: team.name,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    url: api,
    html_url: `${world.webUrl}/orgs/${team.organization.login}/teams/${team.slug}`,
    members_url: `${api}/members{/member}`,
    repositories_url: `${api}/repos`,
    type: 'organization',
    organization_id: team.organization.id,
    parent: null,
  };
}
