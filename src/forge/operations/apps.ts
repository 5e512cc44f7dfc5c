import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import type { Account, App, PermissionLevel, Permissions, WebhookConfig } from '../model/records.ts';
import { permits } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { EVENT_PERMISSION } from '../webhooks/dispatcher.ts';
import { addBot } from './accounts.ts';

const makeKeyPair = promisify(generateKeyPair);

/** Events every App gets without asking; GitHub refuses them in the list. */
const ALWAYS_SENT = new Set(['installation', 'installation_repositories', 'github_app_authorization']);

export interface NewApp {
  readonly slug: string;
  readonly name: string;
  readonly owner: Account;
  readonly description: string | null;
  readonly externalUrl: string | null;
  readonly webhook: WebhookConfig | null;
  readonly events: readonly string[];
  readonly permissions: Permissions;
}

/** Registers an App with a fresh RSA key. The private key is returned once and not kept, as on GitHub. */
export async function addApp(world: World, given: NewApp): Promise<{ app: App; privateKey: string }> {
  for (const event of given.events) {
    const permission = EVENT_PERMISSION[event];
    if (ALWAYS_SENT.has(event) || permission === undefined) throw new TypeError(`"${event}" is not an event an App of this forge can subscribe to`);
    const enough = permission === null || permits(given.permissions, permission, 'read') || (event === 'issue_comment' && permits(given.permissions, 'pull_requests', 'read'));
    if (!enough) throw new TypeError(`the event "${event}" needs the permission ${permission}: read`);
  }
  if ([...world.apps.values()].some((app) => app.slug === given.slug)) throw new TypeError(`the App "${given.slug}" exists already`);
  const { privateKey } = await makeKeyPair('rsa', { modulusLength: 2048 });
  const id = world.ids.next('app');
  const app: App = {
    id,
    slug: given.slug,
    name: given.name,
    owner: given.owner,
    bot: addBot(world, given.slug, given.name, id),
    clientId: `Iv23li${randomBytes(10).toString('hex').slice(0, 14)}`,
    clientSecret: randomBytes(20).toString('hex'),
    publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    permissions: given.permissions,
    events: given.events,
    externalUrl: given.externalUrl ?? `${world.webUrl}/apps/${given.slug}`,
    description: given.description,
    createdAt: world.clock.now(),
    hookId: world.ids.next('hook'),
    webhook: given.webhook,
  };
  world.apps.set(id, app);
  // GitHub hands out PKCS#1 ("RSA PRIVATE KEY").
  return { app, privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() };
}

const LEVELS: readonly string[] = ['read', 'write', 'admin'];

/** Reads a permissions object from outside; null when a level is unknown. */
export function readPermissions(value: Readonly<Record<string, unknown>>): Permissions | null {
  const result: Record<string, PermissionLevel> = {};
  for (const [name, level] of Object.entries(value)) {
    if (typeof level !== 'string' || !LEVELS.includes(level)) return null;
    result[name] = level as PermissionLevel;
  }
  return result;
}
