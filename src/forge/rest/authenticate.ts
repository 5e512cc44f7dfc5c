import type { Account } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { Actor } from './actor.ts';
import { verifyAppJwt } from './app-jwt.ts';
import { badCredentials, Problem } from './problem.ts';

/** Who the `Authorization` header says the caller is. Throws 401 for anything unknown, expired or malformed. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (header === undefined || header === '') return { kind: 'anonymous' };
  const [scheme = '', ...rest] = header.trim().split(/\s+/);
  const credential = rest.join(' ');
  if (/^basic$/i.test(scheme)) {
    // git and old clients: the token is the password, whatever the user name.
    const [name, password] = splitOnce(Buffer.from(credential, 'base64').toString('utf8'), ':');
    const token = password === '' || password === 'x-oauth-basic' ? name : password;
    return actorOfToken(world, token);
  }
  if (!/^(token|bearer)$/i.test(scheme)) throw badCredentials();
  if (credential.split('.').length === 3) return { kind: 'app', app: verifyAppJwt(credential, world.apps, world.clock.now()) };
  return actorOfToken(world, credential);
}

function actorOfToken(world: World, token: string): Actor {
  const installationToken = world.installationTokens.get(token);
  if (installationToken !== undefined) {
    const { installation, permissions, repositoryIds, expiresAt } = installationToken;
    if (expiresAt <= world.clock.now() || !world.installations.has(installation.id)) throw badCredentials();
    if (installation.suspendedAt !== null) throw new Problem(403, 'This installation has been suspended');
    return { kind: 'installation', app: installation.app, installation, account: installation.app.bot, permissions, repositoryIds, token };
  }
  const account = userOfToken(world, token);
  if (account === undefined) throw badCredentials();
  return { kind: 'user', account };
}

function userOfToken(world: World, token: string): Account | undefined {
  if (token === '') return undefined;
  for (const account of world.accounts.values()) if (account.token === token) return account;
  return undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
