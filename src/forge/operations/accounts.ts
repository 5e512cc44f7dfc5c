import { randomBytes } from 'node:crypto';

import type { Account, Team } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** First path segments that pages and the API use themselves. */
const RESERVED = new Set(['_control', '_forge', 'api', 'app', 'app-manifests', 'apps', 'graphql', 'installation', 'login', 'meta', 'orgs', 'organizations', 'rate_limit', 'repos', 'repositories', 'settings', 'user', 'users', 'zen']);

function checkLogin(world: World, login: string): void {
  if (!/^[a-zA-Z0-9](?:[a-zA-Z0-9]|-(?=[a-zA-Z0-9])){0,38}$/.test(login)) throw new TypeError(`"${login}" is not a login that GitHub would allow`);
  if (RESERVED.has(login.toLowerCase())) throw new TypeError(`"${login}" is reserved`);
  if (world.account(login) !== undefined) throw new TypeError(`the account "${login}" exists already`);
}

function addAccount(world: World, given: Pick<Account, 'login' | 'type' | 'name' | 'email' | 'token' | 'appId'>): Account {
  const account: Account = { ...given, id: world.ids.next('account'), createdAt: world.clock.now(), members: new Map() };
  world.accounts.set(account.login.toLowerCase(), account);
  return account;
}

/** A person with a personal access token. */
export function addUser(world: World, given: { login: string; name?: string; email?: string }): Account {
  checkLogin(world, given.login);
  const token = `ghp_${randomBytes(27).toString('base64url').replace(/[-_]/g, 'x')}`;
  return addAccount(world, { login: given.login, type: 'User', name: given.name ?? null, email: given.email ?? `${given.login}@example.com`, token, appId: null });
}

export function addOrganization(world: World, given: { login: string; name?: string; members?: Readonly<Record<string, 'member' | 'admin'>> }): Account {
  checkLogin(world, given.login);
  const organization = addAccount(world, { login: given.login, type: 'Organization', name: given.name ?? null, email: null, token: null, appId: null });
  for (const [login, role] of Object.entries(given.members ?? {})) organization.members.set(login.toLowerCase(), role);
  return organization;
}

export function addTeam(world: World, organization: Account, given: { slug: string; name?: string; members: Readonly<Record<string, 'member' | 'maintainer'>> }): Team {
  const team: Team = { id: world.ids.next('team'), organization, slug: given.slug, name: given.name ?? given.slug, members: new Map() };
  for (const [login, role] of Object.entries(given.members)) team.members.set(login.toLowerCase(), role);
  world.teams.push(team);
  return team;
}

/** The account an App acts as. */
export function addBot(world: World, slug: string, name: string, appId: number): Account {
  return addAccount(world, { login: `${slug}[bot]`, type: 'Bot', name, email: null, token: null, appId });
}
