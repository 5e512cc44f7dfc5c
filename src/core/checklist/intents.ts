import { viewBody } from './region.ts';
import type { BodyItem } from './region.ts';

/** What a person's edit of the checklist asks for. Whether it is granted is decided elsewhere. */
export type Intent =
  | { readonly kind: 'ticked'; readonly task: string }
  | { readonly kind: 'unticked'; readonly task: string }
  | { readonly kind: 'renamed'; readonly task: string; readonly from: string; readonly title: string }
  | { readonly kind: 'removed'; readonly task: string }
  | { readonly kind: 'moved'; readonly task: string; readonly phaseTitle: string }
  | { readonly kind: 'added'; readonly title: string; readonly phaseTitle: string; readonly checked: boolean; readonly line: number };

export interface RegionItem {
  readonly id: string | null;
  /** Without marker, suffix and comments; white space single. */
  readonly text: string;
  readonly checked: boolean;
  /** 1-based. */
  readonly line: number;
  readonly phaseTitle: string;
}

/** The items of the managed region; `found` is false where there is none (then there are no items). Never throws. */
export function readRegion(body: string | null): { readonly items: readonly RegionItem[]; readonly found: boolean } {
  const view = viewBody(body ?? '');
  if (!view?.region) return { items: [], found: false };
  const { start, end } = view.region;
  const items = view.items.filter((item) => item.line >= start && item.line <= end);
  return { found: true, items: items.map(regionItem) };
}

function regionItem(item: BodyItem): RegionItem {
  return { id: item.parts.id, text: item.title, checked: item.checked, line: item.line + 1, phaseTitle: item.phaseTitle };
}

/**
 * What changed between the body as we last rendered it and as it is now. A body whose region is gone altogether asks for nothing: that is
 * damage (an emptied or replaced text), and `annotate` puts the region back. The order of items within a phase has no meaning.
 */
export function readIntents(base: string | null, theirs: string | null): readonly Intent[] {
  if (base === theirs) return [];
  const before = readRegion(base);
  const after = readRegion(theirs);
  if (!before.found || !after.found) return [];
  const { now, free } = pair(before.items, after.items);
  if (before.items.length > 0 && now.size === 0) return [];
  const intents: Intent[] = [];
  const renamedPhases = renamedHeadings(before.items, now);
  for (const item of before.items) {
    if (item.id === null) continue;
    const current = now.get(item.id);
    if (!current) {
      intents.push({ kind: 'removed', task: item.id });
      continue;
    }
    if (current.text !== item.text && current.text !== '') intents.push({ kind: 'renamed', task: item.id, from: item.text, title: current.text });
    if (current.checked !== item.checked) intents.push({ kind: current.checked ? 'ticked' : 'unticked', task: item.id });
    if (current.phaseTitle !== item.phaseTitle && !renamedPhases.has(item.phaseTitle)) intents.push({ kind: 'moved', task: item.id, phaseTitle: current.phaseTitle });
  }
  for (const item of free) {
    if (item.text !== '') intents.push({ kind: 'added', title: item.text, phaseTitle: item.phaseTitle, checked: item.checked, line: item.line });
  }
  return intents;
}

/** Finds each known task's line now, as `annotate` does: by marker, else by its words. What is left over is new. */
function pair(before: readonly RegionItem[], after: readonly RegionItem[]): { readonly now: ReadonlyMap<string, RegionItem>; readonly free: readonly RegionItem[] } {
  const known = new Map(before.flatMap((item) => (item.id === null ? [] : [[item.id, item] as const])));
  const now = new Map<string, RegionItem>();
  const rest: RegionItem[] = [];
  for (const item of after) {
    const old = item.id === null ? undefined : known.get(item.id);
    // An id we never gave was typed or brought from elsewhere: the line is somebody's own.
    if (!old || item.id === null) {
      rest.push(item);
      continue;
    }
    const taken = now.get(item.id);
    const isBetter = taken !== undefined && taken.text !== old.text && item.text === old.text;
    if (taken === undefined || isBetter) now.set(item.id, item);
    const copy = isBetter ? taken : taken && item;
    // A copy that says the same asks for nothing; one with other words was copied to become a new task.
    if (copy && copy.text !== old.text) rest.push(copy);
  }
  const unmarked = new Map<string, number>();
  for (const item of before) if (item.id === null) unmarked.set(item.text, (unmarked.get(item.text) ?? 0) + 1);
  const lost = new Map<string, string[]>();
  for (const [id, item] of known) {
    if (now.has(id)) continue;
    const list = lost.get(item.text);
    if (list) list.push(id);
    else lost.set(item.text, [id]);
  }
  const free: RegionItem[] = [];
  for (const item of rest) {
    const id = lost.get(item.text)?.shift();
    const count = unmarked.get(item.text) ?? 0;
    if (id !== undefined) now.set(id, item);
    else if (count > 0) unmarked.set(item.text, count - 1);
    else free.push(item);
  }
  return { now, free };
}

/** Headings whose items all stand under one other heading now that was not there before: the heading got another text. */
function renamedHeadings(before: readonly RegionItem[], now: ReadonlyMap<string, RegionItem>): ReadonlySet<string> {
  const titles = new Map<string, Set<string>>();
  for (const item of before) {
    const current = item.id === null ? undefined : now.get(item.id);
    const list = titles.get(item.phaseTitle) ?? new Set<string>();
    titles.set(item.phaseTitle, list);
    if (current) list.add(current.phaseTitle);
  }
  const renamed = new Set<string>();
  for (const [title, current] of titles) {
    const [only] = current;
    if (current.size === 1 && only !== undefined && !titles.has(only)) renamed.add(title);
  }
  return renamed;
}
