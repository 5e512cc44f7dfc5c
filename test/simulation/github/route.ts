import { BodyReader } from '../../../src/forge/rest/body-reader.ts';
import type { World } from './world.ts';

export interface Call {
  readonly world: World;
  /** What the template's names stand for, in their order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: BodyReader;
  readonly path: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** The App's permission that is needed (one of them), or `app` for the App itself. */
  readonly needs: readonly string[] | 'app';
  /** Another one whenever the answer to the same query is another one; makes the ETag. Missing where nobody asks for changes only. */
  readonly version?: (world: World, params: readonly string[], query: URLSearchParams) => string;
  readonly work: (call: Call) => Reply;
}

/** The page of a list that was asked for, with the `Link` header by which clients find the next one. */
export function page<T>({ query, path }: Call, all: readonly T[]): { readonly items: readonly T[]; readonly headers: Readonly<Record<string, string>> } {
  const number = pageNumber(query);
  return { items: pageOf(query, all), headers: number * pageSize(query) >= all.length ? {} : linkToNext(path, query, 'page', String(number + 1)) };
}

export function pageOf<T>(query: URLSearchParams, all: readonly T[]): readonly T[] {
  const size = pageSize(query);
  const number = pageNumber(query);
  return all.slice((number - 1) * size, number * size);
}

function pageNumber(query: URLSearchParams): number {
  return Number(query.get('page') ?? 1);
}

export function pageSize(query: URLSearchParams): number {
  return Math.min(Number(query.get('per_page') ?? 30), 100);
}

/** The same query with one name changed is the next page. */
export function linkToNext(path: string, query: URLSearchParams, name: string, value: string): Readonly<Record<string, string>> {
  const next = new URLSearchParams(query);
  next.set(name, value);
  return { link: `<https://github.sim.example/api/v3${path}?${next.toString()}>; rel="next"` };
}

export const emptyBody = new BodyReader({});
