import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { Account } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** A browser that has been here before, and who it acts as. */
export interface Session {
  readonly id: string;
  account: Account | null;
  /** Shown once on the next page: why something was refused. */
  flash: string | null;
}

const COOKIE = 'forge_session';

/** Browser sessions, each with a token its forms must carry: other sites can send requests to loopback, but not read it. */
export class Sessions {
  readonly #world: World;
  readonly #secret = randomBytes(32);
  readonly #sessions = new Map<string, Session>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The people one can act as, in the order they came. */
  cast(): Account[] {
    return [...this.#world.accounts.values()].filter((account) => account.type === 'User');
  }

  /** The request's session, or a new one acting as the first of the cast, with the cookie to set. */
  open(request: IncomingMessage): { session: Session; cookie: string | null } {
    const id = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    const known = id === undefined ? undefined : this.#sessions.get(id);
    if (known !== undefined) return { session: known, cookie: null };
    const session: Session = { id: randomBytes(24).toString('base64url'), account: this.cast()[0] ?? null, flash: null };
    this.#sessions.set(session.id, session);
    return { session, cookie: `${COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Strict` };
  }

  /** The token forms of this session carry. */
  csrf(session: Session): string {
    return createHmac('sha256', this.#secret).update(session.id).digest('base64url');
  }

  /** True when a form carries its session's token. */
  trusts(session: Session, given: string | null): boolean {
    const expected = Buffer.from(this.csrf(session));
    const actual = Buffer.from(given ?? '');
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}
