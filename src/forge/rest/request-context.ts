import { isJsonObject } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import { roleAtLeast, roleOf, permits } from '../model/roles.ts';
import type { Account, PermissionLevel, Repository, Role } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { accountOf } from './actor.ts';
import type { Actor } from './actor.ts';
import { BodyReader } from './body-reader.ts';
import { notAccessible, notFound, Problem, requiresAuthentication } from './problem.ts';

/** One request as a handler sees it: already authenticated, its repository found and its access checked. */
export class RequestContext {
  readonly world: World;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** The path asked for, without prefix: what `Link` headers repeat. */
  readonly path: string;
  readonly #body: unknown;
  readonly #repository: Repository | null;

  constructor(init: {
    world: World;
    actor: Actor;
    params: Readonly<Record<string, string>>;
    query: URLSearchParams;
    accept: string;
    path: string;
    body: unknown;
    repository: Repository | null;
  }) {
    this.world = init.world;
    this.actor = init.actor;
    this.params = init.params;
    this.query = init.query;
    this.accept = init.accept;
    this.path = init.path;
    this.#body = init.body;
    this.#repository = init.repository;
  }

  get now(): Millis {
    return this.world.clock.now();
  }

  /** The repository named in the path. */
  get repository(): Repository {
    if (this.#repository === null) throw notFound();
    return this.#repository;
  }

  /** The body as an object whose fields are read with checks. A missing body counts as empty. */
  get body(): BodyReader {
    const value = this.#body ?? {};
    if (!isJsonObject(value)) throw new Problem(400, 'Body should be a JSON object');
    return new BodyReader(value);
  }

  /** The body as sent. */
  get rawBody(): unknown {
    return this.#body;
  }

  /** The account that acts. Throws 401 for anonymous callers. */
  get account(): Account {
    const account = accountOf(this.actor);
    if (account === null) throw requiresAuthentication();
    return account;
  }

  /** A path parameter; the router guarantees it. */
  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** A numeric path parameter; anything else is a 404, as on GitHub. */
  numberParam(name: string): number {
    const text = this.param(name);
    if (!/^\d{1,15}$/.test(text)) throw notFound();
    return Number(text);
  }

  /** The caller's role: a person's own, or `write` for an installation (whose limits are its permissions). */
  get role(): Role {
    return this.actor.kind === 'installation' ? 'write' : roleOf(this.repository, accountOf(this.actor));
  }

  /** True for an installation with the permission, or a person with at least the role. */
  may(permission: string, level: PermissionLevel, role: Role): boolean {
    if (this.actor.kind === 'installation') return permits(this.actor.permissions, permission, level);
    return roleAtLeast(this.role, role);
  }

  /** Throws GitHub's 403 unless `may`. */
  demand(permission: string, level: PermissionLevel, role: Role): void {
    if (this.may(permission, level, role)) return;
    throw this.actor.kind === 'installation' ? notAccessible() : lacksRole(role);
  }
}

/** The 403 a person gets whose role is too low. */
export function lacksRole(role: Role): Problem {
  if (role === 'admin') return new Problem(403, 'Must have admin rights to Repository.');
  if (role === 'write' || role === 'maintain') return new Problem(403, 'Must have push access to repository');
  return new Problem(403, `Must have ${role} access to repository`);
}
