/** How an end is written: a time from now, or a day in UTC, which counts in full. */
export const untilPattern = /^(?:\d{1,4}[mhdw]|\d{4}-\d{2}-\d{2})$/;

export const untilWords = 'a time like 7d or 12h, or a day like 2026-12-01';

const unitMs: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** The moment that `7d`, `12h` or `2026-12-01` means; null for a day that no calendar has. Milliseconds since the epoch. */
export function readUntil(text: string, now: number): number | null {
  if (!untilPattern.test(text)) return null;
  const unit = unitMs[text.at(-1) ?? ''];
  if (unit !== undefined) return now + Number(text.slice(0, -1)) * unit;
  const day = Date.parse(`${text}T00:00:00Z`);
  const exists = Number.isFinite(day) && new Date(day).toISOString().startsWith(text);
  return exists ? day + 86_400_000 : null;
}
