import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import type { Drawing } from './document.ts';
import { shown } from './words.ts';

/** Colours that are read on paper; a page in the dark replaces them by class. */
export const colours = { ink: '#1f2328', dim: '#59636e', line: '#d1d9e0', soft: '#f6f8fa', good: '#1a7f37', bad: '#d1242f', wait: '#9a6700', link: '#0969da' } as const;
export type Colour = keyof typeof colours;

export const colourOf: { readonly [state in Verdict['state']]: Colour } = { passed: 'good', failed: 'bad', waived: 'wait', waiting: 'wait', pending: 'dim' };

/** Width of a drawing that spans the page, in its own units. */
export const pageWidth = 960;

export function drawing(width: number, height: number, caption: string, parts: readonly Html[]): Drawing {
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${caption}">${parts}</svg>`;
  return { svg: svg.text, width, height };
}

export function box(x: number, y: number, width: number, height: number, colour: Colour, options: { readonly outline?: Colour; readonly radius?: number } = {}): Html {
  const { outline, radius = 3 } = options;
  const stroke = outline === undefined ? null : html` stroke="${colours[outline]}"`;
  return html`<rect class="f-${colour}${outline !== undefined && ` s-${outline}`}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${height}" rx="${radius}" fill="${colours[colour]}"${stroke}/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: Colour = 'line', width = 1): Html {
  return html`<line class="s-${colour}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colours[colour]}" stroke-width="${width}"/>`;
}

export function curve(x1: number, y1: number, x2: number, y2: number): Html {
  const middle = round((x1 + x2) / 2);
  return html`<path class="s-dim" d="M ${round(x1)} ${round(y1)} C ${middle} ${round(y1)} ${middle} ${round(y2)} ${round(x2)} ${round(y2)}" fill="none" stroke="${colours.dim}" stroke-width="1"/>`;
}

export interface LabelOptions {
  readonly size?: number;
  readonly colour?: Colour;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  /** Longest it may be; what is longer is cut. */
  readonly width?: number;
}

export function label(x: number, y: number, words: string, { size = 12, colour = 'ink', anchor = 'start', bold = false, width = pageWidth }: LabelOptions = {}): Html {
  return html`<text class="f-${colour}" x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${colours[colour]}" text-anchor="${anchor}"${bold && html` font-weight="bold"`}>${fit(words, width, size)}</text>`;
}

/** A diamond: the moment of a decision. */
export function diamond(x: number, y: number, colour: Colour, title: string): Html {
  return html`<path class="f-${colour} s-soft" d="M ${round(x)} ${y - 6} L ${round(x + 6)} ${y} L ${round(x)} ${y + 6} L ${round(x - 6)} ${y} Z" fill="${colours[colour]}" stroke="${colours.soft}"><title>${shown(title, 200)}</title></path>`;
}

/** A sign that needs no font: a tick, a cross, or a dot. */
export function sign(x: number, y: number, state: Verdict['state']): Html {
  const colour = colourOf[state];
  const path = state === 'passed' ? `M ${x - 4} ${y} L ${x - 1} ${y + 3.5} L ${x + 5} ${y - 4}` : state === 'failed' ? `M ${x - 4} ${y - 4} L ${x + 4} ${y + 4} M ${x + 4} ${y - 4} L ${x - 4} ${y + 4}` : null;
  if (path === null) return html`<circle class="f-${colour}" cx="${x}" cy="${y}" r="3.5" fill="${colours[colour]}"/>`;
  return html`<path class="s-${colour}" d="${path}" fill="none" stroke="${colours[colour]}" stroke-width="2"/>`;
}

/** As much of a text as fits, by the usual width of letters; what is as wide as it is high counts twice, and what may have to be written as its number seven times. */
export function fit(words: string, width: number, size: number): string {
  const room = Math.max(1, Math.floor(width / (size * 0.54)));
  const all = [...shown(words, 400).replaceAll(/\s+/g, ' ')];
  // Where to cut so that the sign of it fits as well.
  let end = 0;
  let taken = 0;
  for (const letter of all) {
    taken += wide.test(letter) ? 2 : rare.test(letter) ? 7 : 1;
    if (taken < room) end += 1;
  }
  return taken <= room ? all.join('') : `${all.slice(0, end).join('')}…`;
}

/** Scripts of India and South-East Asia and their neighbours, for which a PDF has no font. */
const rare = /[\u0700-\u109F\u1100-\u1CFF]/;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]/u;

export function round(at: number): number {
  return Math.round(at * 10) / 10;
}
