import { html, Html } from '../../kit/html.ts';
import type { Block, DossierDocument, Span, Spans } from './document.ts';
import { style } from './style.ts';
import { time } from './words.ts';

/** A dossier as one page that needs nothing else: no script, no picture from elsewhere; it prints. */
export function dossierPage(document: DossierDocument): Html {
  const { title, place, mission, digest, at, opening, sections } = document;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="generator" content="Missiongate"><title>Release dossier · ${title}</title><style>${new Html(style)}</style></head><body><main>
<p class="crumbs">Release dossier · ${place}</p>
<h1>${title}</h1>
<p class="dim small">mission <code>${mission}</code> · as of ${time(at)} · dossier <code>${digest}</code></p>
${opening.map(block)}
<nav aria-label="Contents"><strong>Contents</strong><ol>${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ol></nav>
${sections.map((section) => html`<section id="${section.id}"><h2>${section.title}</h2>${section.blocks.map(block)}</section>`)}
<footer>Made by Missiongate from the mission's ledger and evidence. The SHA-256 of dossier.json is <code>${digest}</code>.</footer>
</main></body></html>
`;
}

function block(one: Block): Html {
  switch (one.kind) {
    case 'text':
      return html`<p>${spans(one.spans)}</p>`;
    case 'heading':
      return html`<h3>${one.text}</h3>`;
    case 'note':
      return html`<div class="note-box ${one.state}">${spans(one.spans)}</div>`;
    case 'facts':
      return html`<dl>${one.rows.map(([name, value]) => html`<dt>${name}</dt><dd>${spans(value)}</dd>`)}</dl>`;
    case 'preformatted':
      return html`<pre>${one.text}</pre>`;
    case 'drawing':
      return html`<figure>${new Html(one.drawing.svg)}<figcaption>${one.caption}</figcaption></figure>`;
    case 'table': {
      const total = one.columns.reduce((sum, { width }) => sum + width, 0);
      return html`<table><colgroup>${one.columns.map(({ width }) => html`<col width="${Math.round((width / total) * 100)}%">`)}</colgroup><thead><tr>${one.columns.map((column) => html`<th scope="col">${column.title}</th>`)}</tr></thead><tbody>${one.rows.map((row) => html`<tr>${row.map((cell) => html`<td>${spans(cell)}</td>`)}</tr>`)}</tbody></table>${one.leftOut > 0 && html`<p class="dim">… and ${one.leftOut} more rows; the JSON holds them all.</p>`}`;
    }
  }
}

function spans(all: Spans): Html {
  return html`${all.map(span)}`;
}

const marks = { passed: '✓', failed: '✗', waived: '⚠', waiting: '…', pending: '○' } as const;

function span(one: Span): Html {
  if (typeof one === 'string') return html`${one}`;
  if ('code' in one) return html`<code>${one.code}</code>`;
  if ('strong' in one) return html`<strong>${one.strong}</strong>`;
  if ('dim' in one) return html`<span class="dim">${one.dim}</span>`;
  return html`<span class="${one.state}-ink">${marks[one.state]} ${one.text}</span>`;
}
