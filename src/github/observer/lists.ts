import { nameAt } from '../webhooks/reading.ts';
import type { ConditionalReader } from './conditional.ts';
import type { ListMark, TalkMark } from './memory.ts';

const perPage = 100;
/** A look reads no more pages of a list than this; the next look goes on. */
const mostPages = 10;
/** A comment may become visible a little after one that was written later. */
const overlapMs = 10_000;

interface Read<Mark> {
  readonly items: readonly unknown[];
  readonly mark: Mark;
  /** Nothing of it had changed. */
  readonly quiet: boolean;
}

/** Reads a list whose entries are only added at its end: the page where the last look stopped, and those after it. */
export async function readList(reader: ConditionalReader, what: string, route: string, parameters: Readonly<Record<string, string | number>>, mark: ListMark): Promise<Read<ListMark>> {
  const items: unknown[] = [];
  let { page, etag } = mark;
  for (let turn = 0; turn < mostPages; turn += 1) {
    const fresh = await reader.get(what, route, { ...parameters, per_page: perPage, page }, etag);
    if (fresh === null) return { items, mark: { page, etag }, quiet: items.length === 0 };
    const entries = Array.isArray(fresh.data) ? (fresh.data as readonly unknown[]) : [];
    items.push(...entries);
    if (entries.length < perPage) return { items, mark: { page, etag: fresh.etag }, quiet: false };
    page += 1;
    etag = null;
  }
  return { items, mark: { page, etag }, quiet: false };
}

/** Reads the comments of a conversation that were written or changed since the last look. */
export async function readTalk(reader: ConditionalReader, route: string, parameters: Readonly<Record<string, string | number>>, mark: TalkMark, start: string): Promise<Read<TalkMark>> {
  const items: unknown[] = [];
  const since = mark.since ?? start;
  let { etag } = mark;
  for (let page = 1; page <= mostPages; page += 1) {
    const fresh = await reader.get('reading the comments', route, { ...parameters, since, per_page: perPage, page }, page === 1 ? mark.etag : null);
    if (fresh === null) return { items, mark, quiet: true };
    if (page === 1) ({ etag } = fresh);
    const entries = Array.isArray(fresh.data) ? (fresh.data as readonly unknown[]) : [];
    items.push(...entries);
    if (entries.length < perPage) break;
  }
  const later = laterSince(items, since);
  // Another `since` is another address, for which no etag is known yet.
  return { items, mark: { since: later, etag: later === since ? etag : null }, quiet: false };
}

function laterSince(comments: readonly unknown[], since: string): string {
  const newest = Math.max(...comments.map((comment) => Date.parse(nameAt(comment, 'updated_at') ?? '')).filter(Number.isFinite), 0);
  const later = newest - overlapMs;
  return later > Date.parse(since) ? `${new Date(later).toISOString().slice(0, 19)}Z` : since;
}
