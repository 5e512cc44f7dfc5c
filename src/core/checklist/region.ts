import { visibleText } from '../command/hidden-characters.ts';
import { isChecked, itemTitle, parseItemLine, withoutComments } from './item-line.ts';
import type { ItemLine } from './item-line.ts';
import { moreBegin, phaseMarkerPattern, regionBegin, regionEnd, statusBegin, statusEnd } from './markers.ts';
import { scanBlocks } from './scan-blocks.ts';
import type { Block } from './scan-blocks.ts';

/** Something in the body that is not as we left it and had to be understood. */
export interface Conflict {
  readonly kind:
    | 'unreadable'
    | 'unsettled'
    | 'lost-begin'
    | 'lost-end'
    | 'lost-status'
    | 'duplicate-region'
    | 'duplicate-task'
    | 'unknown-task'
    | 'moved-out'
    | 'too-large';
  /** 1-based; 0 for the body as a whole. */
  readonly line: number;
  readonly task: string | null;
}

/** A line and its ending: joined they are the body, byte for byte. */
export interface BodyLine {
  readonly text: string;
  readonly eol: string;
}

/** A task item at the top level of the body. Lines are 0-based here. */
export interface BodyItem {
  readonly line: number;
  /** Last line of what belongs to the item. */
  readonly endLine: number;
  readonly parts: ItemLine;
  readonly title: string;
  readonly checked: boolean;
  /** Heading above it, or ''. */
  readonly phaseTitle: string;
}

export interface BodyHeading {
  readonly line: number;
  readonly endLine: number;
  readonly title: string;
  readonly phaseId: string | null;
}

export interface BodyView {
  readonly lines: readonly BodyLine[];
  readonly items: readonly BodyItem[];
  readonly headings: readonly BodyHeading[];
  /** Lines that are ours as a whole: markers, status block, counts. */
  readonly ours: ReadonlySet<number>;
  /** Somebody left something open in the status block: what stands below it reads differently once the block is ours again. */
  readonly statusLeaks: boolean;
  /** First and last line of the region, markers included; null where there is none. */
  readonly region: { readonly start: number; readonly end: number } | null;
  readonly conflicts: readonly Conflict[];
  /** The body ends inside code, HTML or a comment: what is added below would belong to it. */
  readonly endsOpen: boolean;
}

export function splitLines(body: string): readonly BodyLine[] {
  const lines: BodyLine[] = [];
  const ending = /\r\n|\n|\r/g;
  let start = 0;
  for (let match = ending.exec(body); match; match = ending.exec(body)) {
    lines.push({ text: body.slice(start, match.index), eol: match[0] });
    start = ending.lastIndex;
  }
  if (start < body.length) lines.push({ text: body.slice(start), eol: '' });
  return lines;
}

/** Takes a body apart: where the region is, which lines are ours, which items it has. Null when it nests too deep to be read. */
export function viewBody(body: string): BodyView | null {
  const lines = splitLines(body);
  const texts = lines.map((line) => line.text);
  const first = scanBlocks(texts.join('\n'));
  if (!first.ok) return null;
  const conflicts: Conflict[] = [];
  const ours = new Set<number>();
  const deadAtFirst = deadLines(texts, first.value);
  const status = statusLines(texts, deadAtFirst, conflicts);
  for (const line of status.all) ours.add(line);
  // What stands in the status block is ours and must not decide how the person's text is read.
  const scanned = status.inner.size === 0 ? first : scanBlocks(texts.map((text, line) => (status.inner.has(line) ? '' : text)).join('\n'));
  if (!scanned.ok) return null;
  const dead = scanned === first ? deadAtFirst : deadLines(texts, scanned.value);
  const statusLeaks = dead !== deadAtFirst && texts.some((_, line) => !status.inner.has(line) && deadAtFirst.has(line) !== dead.has(line));
  const { items, headings } = itemsOf(texts, scanned.value);
  const region = findRegion(texts, dead, ours, items, conflicts);
  for (const [line, text] of texts.entries()) {
    if (!dead.has(line) && region && line >= region.start && line <= region.end && text.startsWith(moreBegin)) ours.add(line);
  }
  return { lines, items, headings, ours, statusLeaks, region, conflicts, endsOpen: region === null && endsOpen(texts.filter((_, line) => !ours.has(line))) };
}

/** True when what is added below these lines would belong to code, HTML or a comment that is not closed. */
export function endsOpen(texts: readonly string[]): boolean {
  const probe = scanBlocks([...texts, '', regionBegin].join('\n'));
  const last = probe.ok ? probe.value.at(-1) : undefined;
  return last?.kind !== 'html' || last.parent >= 0 || last.line !== texts.length + 2;
}

/** Lines in code, quotes and multi-line comments: people show markers there, they do not mean them. */
function deadLines(texts: readonly string[], blocks: readonly Block[]): ReadonlySet<number> {
  const dead = new Set<number>();
  for (const block of blocks) {
    const isComment = block.kind === 'html' && block.endLine > block.line && (texts[block.line - 1] ?? '').trimStart().startsWith('<!--');
    if (block.kind !== 'fenced' && block.kind !== 'indented' && block.kind !== 'quote' && !isComment) continue;
    if (block.parent >= 0 && block.kind === 'quote') continue;
    for (let line = block.line; line <= block.endLine; line += 1) dead.add(line - 1);
  }
  return dead;
}

function statusLines(texts: readonly string[], dead: ReadonlySet<number>, conflicts: Conflict[]): { readonly all: ReadonlySet<number>; readonly inner: ReadonlySet<number> } {
  const all = new Set<number>();
  const inner = new Set<number>();
  let start = -1;
  const lose = (line: number): void => {
    all.add(line);
    conflicts.push({ kind: 'lost-status', line: line + 1, task: null });
  };
  for (const [line, raw] of texts.entries()) {
    const text = raw.trim();
    const isOther = text === regionBegin || text === regionEnd || (text.includes('<!-- mg:task ') && parseItemLine(raw) !== null);
    if (text === statusBegin && !(dead.has(line) && start < 0)) {
      if (start >= 0) lose(start);
      start = line;
    } else if (isOther && start >= 0) {
      lose(start);
      start = -1;
    } else if (text === statusEnd && start >= 0) {
      for (let at = start; at <= line; at += 1) all.add(at);
      for (let at = start + 1; at < line; at += 1) inner.add(at);
      start = -1;
    } else if (text === statusEnd && !dead.has(line)) lose(line);
  }
  if (start >= 0) lose(start);
  return { all, inner };
}

function itemsOf(texts: readonly string[], blocks: readonly Block[]): { readonly items: readonly BodyItem[]; readonly headings: readonly BodyHeading[] } {
  const items: BodyItem[] = [];
  const headings: BodyHeading[] = [];
  let phaseTitle = '';
  for (const [index, block] of blocks.entries()) {
    if (block.parent >= 0) continue;
    if (block.kind === 'heading') {
      const text = block.lines.map((line) => line.text).join(' ');
      phaseTitle = visibleText(withoutComments(text)).replace(/\s+/g, ' ').trim();
      headings.push({ line: block.line - 1, endLine: block.endLine - 1, title: phaseTitle, phaseId: phaseMarkerPattern.exec(text)?.[1] ?? null });
    }
    const inner = blocks[index + 1];
    if (block.kind !== 'item' || inner?.parent !== index || inner.kind !== 'paragraph' || inner.line !== block.line) continue;
    const parts = parseItemLine(texts[block.line - 1] ?? '');
    if (!parts || !/^\[[ xX]\]/.test(inner.lines[0]?.text ?? '')) continue;
    items.push({ line: block.line - 1, endLine: block.endLine - 1, parts, title: visibleText(itemTitle(parts)).trim(), checked: isChecked(parts.box), phaseTitle });
  }
  return { items, headings };
}

/** From the first begin marker to the last end marker, grown so that no item we marked is left outside. Markers join `ours`. */
function findRegion(texts: readonly string[], dead: ReadonlySet<number>, ours: Set<number>, items: readonly BodyItem[], conflicts: Conflict[]): BodyView['region'] {
  const found = (marker: string): number[] => texts.flatMap((text, line) => (text.trim() === marker && !dead.has(line) ? [line] : []));
  const begins = found(regionBegin);
  const ends = found(regionEnd);
  const status = [...ours];
  for (const line of [...begins, ...ends]) ours.add(line);
  if (begins.length > 1 || ends.length > 1) conflicts.push({ kind: 'duplicate-region', line: (begins[1] ?? ends[1] ?? 0) + 1, task: null });
  const marked = items.filter((item) => item.parts.id !== null);
  if (begins.length === 0 && ends.length === 0 && marked.length === 0) {
    return status.length === 0 ? null : { start: Math.min(...bounds(status)), end: Math.max(...bounds(status)) };
  }
  if (begins.length === 0) conflicts.push({ kind: 'lost-begin', line: (ends[0] ?? marked[0]?.line ?? 0) + 1, task: null });
  if (ends.length === 0) conflicts.push({ kind: 'lost-end', line: (begins[0] ?? marked[0]?.line ?? 0) + 1, task: null });
  const firstOwn = Math.min(...bounds([...(marked[0] ? [marked[0].line] : []), ...status, ...ends]));
  const lastMarked = marked.at(-1);
  const lastOwn = Math.max(...bounds([...(lastMarked ? [lastMarked.endLine] : []), ...status, ...begins]));
  let start = begins[0] ?? firstOwn;
  let end = ends.at(-1) ?? lastOwn;
  if (end < start) [start, end] = [end, start];
  const inside = new Set(marked.filter((item) => item.line >= start && item.line <= end).map((item) => item.parts.id));
  for (const item of marked) {
    if ((item.line >= start && item.line <= end) || inside.has(item.parts.id)) continue;
    inside.add(item.parts.id);
    conflicts.push({ kind: 'moved-out', line: item.line + 1, task: item.parts.id });
    start = Math.min(start, item.line);
    end = Math.max(end, item.endLine);
  }
  return { start, end };
}

/** First and last of a list that may be long: spreading thousands of numbers into `Math.min` can exceed the stack. */
function bounds(lines: readonly number[]): readonly number[] {
  if (lines.length < 2) return lines;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    low = Math.min(low, line);
    high = Math.max(high, line);
  }
  return [low, high];
}
