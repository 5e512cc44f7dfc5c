import type { Verdict } from '../../core/gate/verdict.ts';

/*
 * A dossier as something to be read: sections of a few kinds of blocks, with every word and every choice of what to show in place.
 * What makes a page of it, and what makes a PDF, only know these kinds; so both say the same. All texts are data, never markup.
 */

/** A piece of a line; a bare text is plain. */
export type Span =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  | { readonly dim: string }
  /** A verdict in its colour, with its sign. */
  | { readonly state: Verdict['state']; readonly text: string };

export type Spans = readonly Span[];

export interface Column {
  readonly title: string;
  /** Share of the width, relative to the other columns. */
  readonly width: number;
}

/** A picture: SVG without scripts, styles or references, in which every text is escaped. */
export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export type Block =
  | { readonly kind: 'text'; readonly spans: Spans }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'note'; readonly state: Verdict['state']; readonly spans: Spans }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [name: string, value: Spans])[] }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly Spans[])[]; /** Rows beyond those that are shown. */ readonly leftOut: number }
  | { readonly kind: 'drawing'; readonly drawing: Drawing; /** What it shows, also for those who do not see it. */ readonly caption: string }
  | { readonly kind: 'preformatted'; readonly text: string };

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface DossierDocument {
  readonly title: string;
  /** Repository and issue. */
  readonly place: string;
  readonly mission: string;
  /** SHA-256 of the dossier. */
  readonly digest: string;
  readonly at: string;
  readonly opening: readonly Block[];
  readonly sections: readonly Section[];
}

/** Most rows of one table in a page or a PDF; all of them stand in the JSON. */
const mostRows = 400;

export function table(columns: readonly (readonly [title: string, width: number])[], rows: readonly (readonly Spans[])[]): Block {
  return { kind: 'table', columns: columns.map(([title, width]) => ({ title, width })), rows: rows.slice(0, mostRows), leftOut: Math.max(0, rows.length - mostRows) };
}

export function text(...spans: Spans): Block {
  return { kind: 'text', spans };
}

export function heading(title: string): Block {
  return { kind: 'heading', text: title };
}
