import { randomBytes } from 'node:crypto';

import { isJsonObject } from '../../kit/json.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import type { Account, App } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { addApp, readPermissions } from './apps.ts';

/** A registered App whose secrets wait to be fetched once, by the code in the redirect. */
export interface Conversion {
  readonly app: App;
  readonly privateKey: string;
  readonly webhookSecret: string | null;
  readonly expiresAt: Millis;
}

/** GitHub keeps a code for an hour, and it works once. */
const CODE_LIFETIME_MS = 60 * 60 * 1000;

/** Apps being registered from a manifest. */
export class ManifestRegistry {
  readonly #world: World;
  readonly #conversions = new Map<string, Conversion>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Registers the App a manifest describes. Returns the code for `POST /app-manifests/{code}/conversions`. */
  async register(owner: Account, manifest: JsonObject): Promise<{ code: string; redirectUrl: string | null }> {
    const hook = isJsonObject(manifest['hook_attributes']) ? manifest['hook_attributes'] : {};
    const permissions = readPermissions(isJsonObject(manifest['default_permissions']) ? manifest['default_permissions'] : {});
    if (permissions === null) throw new TypeError('default_permissions holds a level that is not read, write or admin');
    const name = text(manifest['name']) ?? 'Missiongate';
    const hookUrl = text(hook['url']);
    const webhookSecret = hookUrl === null ? null : randomBytes(20).toString('hex');
    const events = Array.isArray(manifest['default_events']) ? manifest['default_events'].filter((event): event is string => typeof event === 'string') : [];
    const { app, privateKey } = await addApp(this.#world, {
      slug: name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''),
      name,
      owner,
      description: text(manifest['description']),
      externalUrl: text(manifest['url']),
      webhook: hookUrl === null ? null : { url: hookUrl, secret: webhookSecret ?? '' },
      events,
      permissions,
    });
    const code = randomBytes(20).toString('hex');
    this.#conversions.set(code, { app, privateKey, webhookSecret, expiresAt: this.#world.clock.now() + CODE_LIFETIME_MS });
    return { code, redirectUrl: text(manifest['redirect_url']) };
  }

  /** Hands the secrets out, once; null for an unknown, used or expired code. */
  take(code: string): Conversion | null {
    const conversion = this.#conversions.get(code);
    this.#conversions.delete(code);
    return conversion === undefined || conversion.expiresAt <= this.#world.clock.now() ? null : conversion;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
