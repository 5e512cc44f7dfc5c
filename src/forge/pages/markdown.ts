import { micromark } from 'micromark';
import type { Options } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import type { Nodes } from 'mdast';

import { escapeHtml, html, Html } from '../../kit/html.ts';

/** Tags of people's Markdown that stay tags. They carry no attributes, so they can do nothing but structure text. */
const KEPT_TAGS = new Set(['b', 'br', 'code', 'del', 'details', 'em', 'hr', 'i', 'ins', 'kbd', 'p', 'pre', 's', 'strong', 'sub', 'summary', 'sup']);

/** HTML in Markdown: comments vanish (as on GitHub), harmless tags lose their attributes, the rest is shown as text. */
export function tameHtml(source: string): string {
  const pattern = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>|[\s\S]/g;
  let result = '';
  for (const match of source.matchAll(pattern)) {
    const [whole, slash = '', name] = match;
    if (whole.startsWith('<!--')) continue;
    const tag = name?.toLowerCase();
    result += tag !== undefined && KEPT_TAGS.has(tag) ? `<${slash}${tag}>` : escapeHtml(whole);
  }
  return result;
}

type HtmlExtension = NonNullable<Options['htmlExtensions']>[number];
type Handle = NonNullable<NonNullable<HtmlExtension['exit']>['htmlFlow']>;

const buffered: Handle = function buffered() {
  this.buffer();
};

const tamed: Handle = function tamed(token) {
  this.resume();
  this.raw(tameHtml(this.sliceSerialize(token)));
};

const HTML_AS_TEXT: HtmlExtension = { enter: { htmlFlow: buffered, htmlText: buffered }, exit: { htmlFlow: tamed, htmlText: tamed } };

/** Where tick boxes of a rendered text send their ticks. */
export interface TickForm {
  /** `id` of the form element the boxes belong to. */
  readonly formId: string;
}

/** Renders GitHub-flavoured Markdown safely. With a form, task boxes are buttons that tick. */
export function renderMarkdown(source: string, tick?: TickForm): Html {
  // Single line breaks of comments are line breaks on GitHub; hard breaks come from two spaces in the source.
  const rendered = micromark(source, { extensions: [gfm()], htmlExtensions: [gfmHtml(), HTML_AS_TEXT] });
  const diagrams = rendered.replace(
    /<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g,
    '<figure class="diagram"><figcaption>Mermaid diagram, as text</figcaption><pre><code>$1</code></pre></figure>',
  );
  let item = -1;
  const boxes = diagrams.replace(/<input type="checkbox" disabled=""( checked="")?\s*\/?>/g, (_, checked: string | undefined) => {
    item += 1;
    const mark = checked === undefined ? '☐' : '☑';
    if (tick === undefined) return `<span class="box">${mark}</span>`;
    return html`<button class="box" form="${tick.formId}" name="item" value="${item}" title="${checked === undefined ? 'Tick' : 'Untick'}">${mark}</button>`.text;
  });
  return new Html(`<div class="markdown">${boxes}</div>`);
}

/** The text with its n-th task box turned over, or null when there is none. Boxes in code and quotes of code do not count. */
export function toggleTask(source: string, item: number): string | null {
  const offsets: number[] = [];
  collectTasks(fromMarkdown(source, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }), offsets);
  const start = offsets[item];
  if (start === undefined) return null;
  const box = /\[([ xX\t])\]/.exec(source.slice(start));
  if (box === null) return null;
  const at = start + box.index + 1;
  return `${source.slice(0, at)}${/[xX]/.test(box[1] ?? '') ? ' ' : 'x'}${source.slice(at + 1)}`;
}

function collectTasks(node: Nodes, offsets: number[]): void {
  if (node.type === 'listItem' && typeof node.checked === 'boolean') offsets.push(node.position?.start.offset ?? 0);
  if ('children' in node) for (const child of node.children) collectTasks(child, offsets);
}
