import type { Reply } from './router.ts';
import type { RequestContext } from './request-context.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The page of a list that the caller asked for (`per_page` 1…100, default 30), with the `Link` header. */
export function pageOf<T>(context: RequestContext, all: readonly T[]): Page<T> {
  const size = Math.min(Math.max(wholeNumber(context.query.get('per_page')) ?? 30, 1), 100);
  const page = Math.max(wholeNumber(context.query.get('page')) ?? 1, 1);
  const last = Math.max(Math.ceil(all.length / size), 1);
  const links: string[] = [];
  const link = (to: number, relation: string): void => {
    const query = new URLSearchParams(context.query);
    query.set('page', String(to));
    links.push(`<${context.world.apiUrl}${context.path}?${query.toString()}>; rel="${relation}"`);
  };
  if (page > 1) link(Math.min(page - 1, last), 'prev');
  if (page < last) {
    link(page + 1, 'next');
    link(last, 'last');
  }
  if (page > 1) link(1, 'first');
  return { items: all.slice((page - 1) * size, page * size), headers: links.length === 0 ? {} : { link: links.join(', ') } };
}

/** Answers one page of a list, each item through `show`. */
export async function pageReply<T>(context: RequestContext, all: readonly T[], show: (item: T) => unknown): Promise<Reply> {
  const { items, headers } = pageOf(context, all);
  return { status: 200, body: await Promise.all(items.map(show)), headers };
}

/** As `pageReply`, in an object with `total_count`, as checks and installations answer. */
export async function countedReply<T>(context: RequestContext, name: string, all: readonly T[], show: (item: T) => unknown, more: Record<string, unknown> = {}): Promise<Reply> {
  const { items, headers } = pageOf(context, all);
  return { status: 200, body: { total_count: all.length, ...more, [name]: await Promise.all(items.map(show)) }, headers };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
