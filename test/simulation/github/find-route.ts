import type { Route } from './route.ts';
import { routes } from './routes.ts';

interface Match {
  readonly route: Route;
  readonly template: string;
  readonly params: readonly string[];
}

const table = Object.entries(routes).map(([key, route]) => {
  const [method = '', template = ''] = key.split(' ');
  return { method, template, route, parts: template.split('/') };
});

/** Ids repeat from one simulated mission to the next, and so do paths. */
const matches = new Map<string, Match>();

/** The route of a call. Throws for one that the product is not known to make. */
export function findRoute(method: string, path: string): Match {
  const key = `${method} ${path}`;
  const known = matches.get(key);
  if (known !== undefined) return known;
  const given = path.split('/');
  const found = table.find((one) => one.method === method && one.parts.length === given.length && one.parts.every((part, at) => part.startsWith('{') || part === given[at]));
  if (found === undefined) throw new Error(`the simulated GitHub does not know ${key}: add it to test/simulation/github/routes.ts if the product calls it`);
  const { route, template, parts } = found;
  const all = parts.flatMap((part, at) => (part.startsWith('{') ? [decodeURIComponent(given[at] ?? '')] : []));
  const match = { route, template, params: template.startsWith('/repos/') ? all.slice(2) : all };
  if (matches.size > 10_000) matches.clear();
  matches.set(key, match);
  return match;
}
