import type { PermissionLevel, Role } from '../model/records.ts';
import type { RequestContext } from './request-context.ts';

export interface Reply {
  readonly status: number;
  /** JSON; absent for empty answers. */
  readonly body?: unknown;
  /** An answer that is not JSON: raw file content, diffs. */
  readonly raw?: { readonly contentType: string; readonly content: Buffer | string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who may call an endpoint. */
export interface Access {
  /**
   * - `anyone`: no credentials needed beyond seeing the repository
   * - `app`: an App as itself (JSON Web Token)
   * - `installation`: an installation token only
   * - `user`: a person only
   * - `member`: a person or an installation
   */
  readonly by: 'anyone' | 'app' | 'installation' | 'user' | 'member';
  /** Installation permissions, any one of which suffices. */
  readonly permission?: readonly (readonly [name: string, level: PermissionLevel])[];
  /** The least role of a person in the repository; `read` when absent. */
  readonly role?: Role;
}

export type Handler = (context: RequestContext) => Promise<Reply> | Reply;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path as GitHub's description writes it. */
  readonly template: string;
  readonly access: Access;
  readonly handle: Handler;
}

/** Parameters that may hold slashes. */
const MULTI_SEGMENT = new Set(['path', 'ref', 'branch', 'basehead']);

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly rank: string;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the endpoint for a method and path, the most literal template first, as GitHub's own routing does. */
export class Router {
  readonly routes: readonly Route[];
  readonly #compiled: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    this.#compiled = routes.map(compile).toSorted((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank)));
  }

  /** The endpoint, or null. `path` is still percent-encoded. */
  match(method: string, path: string): Match | null {
    for (const { route, pattern, names } of this.#compiled) {
      if (route.method !== method) continue;
      const found = pattern.exec(path);
      if (found === null) continue;
      const params: Record<string, string> = {};
      for (const [index, name] of names.entries()) {
        const value = decode(found[index + 1] ?? '');
        if (value === null) return null;
        params[name] = value;
      }
      return { route, params };
    }
    return null;
  }

  /** True when the path is served with some other method. */
  knows(path: string): boolean {
    return this.#compiled.some(({ pattern }) => pattern.test(path));
  }
}

function compile(route: Route): Compiled {
  const names: string[] = [];
  let rank = '';
  const parts = route.template.split('/').slice(1);
  const source = parts.map((part) => {
    const whole = part.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([^}]+)\}/g, (_, name: string) => {
      names.push(name);
      return MULTI_SEGMENT.has(name) ? '(.+)' : '([^/]+)';
    });
    // Literal segments sort before parameters, parameters before those that swallow slashes.
    const literal = !part.includes('{');
    rank += literal ? '0' : whole.includes('(.+)') ? '2' : '1';
    return whole;
  });
  // Longer templates first among equals: `/commits/{ref}/check-runs` before `/commits/{ref}`.
  return { route, names, pattern: new RegExp(`^/${source.join('/')}$`), rank: `${String(99 - parts.length)}:${rank}` };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
