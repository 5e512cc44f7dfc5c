import type { Verdict } from '../../core/gate/verdict.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';

const width = 140;
const height = 12;

/** A measured number against its threshold; null where there is nothing to draw. */
export function thresholdBar({ measured, expected, state }: Verdict): Html | null {
  const value = number(measured);
  const limits = limitsOf(expected);
  if (value === null || limits.length === 0 || value < 0 || limits.some((limit) => limit < 0)) return null;
  const top = Math.max(value, ...limits) <= 1 ? 1 : Math.max(value, ...limits) * 1.2;
  const at = (one: number): number => round((one / top) * width);
  const words = `${measured ?? ''}, asked ${expected ?? ''}`;
  return html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}"><title>${words}</title><rect class="track" width="${width}" height="${height}" rx="3"/><rect class="${state === 'failed' ? 'bad' : 'good'}" width="${at(value)}" height="${height}" rx="3"/>${limits.map((limit) => html`<line class="tick" x1="${clamp(at(limit))}" x2="${clamp(at(limit))}" y1="0" y2="${height}"/>`)}</svg>`;
}

/** Parts of a whole, such as tests that passed, failed and were skipped. */
export function sharesBar(title: string, parts: readonly { readonly kind: 'good' | 'bad' | 'skip'; readonly value: number; readonly name: string }[]): Html | null {
  const shown = parts.filter(({ value }) => value > 0);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  if (total === 0) return null;
  const wide = 320;
  const words = shown.map(({ value, name }) => `${value.toLocaleString('en')} ${name}`).join(', ');
  let from = 0;
  const rects = shown.map(({ kind, value }) => {
    const size = (value / total) * wide;
    const rect = html`<rect class="${kind}" x="${round(from)}" width="${round(size)}" height="16"/>`;
    from += size;
    return rect;
  });
  return html`<figure><figcaption>${title}: ${words}</figcaption><svg width="${wide}" height="16" viewBox="0 0 ${wide} 16" role="img" aria-label="${title}: ${words}"><rect class="track" width="${wide}" height="16"/>${rects}</svg></figure>`;
}

function limitsOf(expected: string | null): readonly number[] {
  const bound = /^[≤≥] (\S+)$/.exec(expected ?? '')?.[1];
  const range = /^(\S+) … (\S+)$/.exec(expected ?? '');
  return [bound, range?.[1], range?.[2]].flatMap((text) => number(text ?? null) ?? []);
}

function number(text: string | null): number | null {
  if (text === null || !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The whole tick is seen, also at the ends. */
function clamp(at: number): number {
  return Math.min(width - 1, Math.max(1, at));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
