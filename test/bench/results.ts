/** One measured figure, as it stands in the table. */
export interface Row {
  readonly measure: string;
  readonly what: string;
  readonly measured: string;
}

/** A promise about a figure. `value` must be at least (or at most) `limit`; which is written in `goal`. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly kind: 'at least' | 'at most';
}

export interface Results {
  readonly rows: Row[];
  readonly bars: Bar[];
  /** Everything behind the table, for machines. */
  readonly details: Record<string, unknown>;
}

export function emptyResults(): Results {
  return { rows: [], bars: [], details: {} };
}

/** A value that could not be measured (NaN) meets nothing. */
export function isMet({ value, limit, kind }: Bar): boolean {
  return kind === 'at least' ? value >= limit : value <= limit;
}

export function missedBars(bars: readonly Bar[]): readonly Bar[] {
  return bars.filter((bar) => !isMet(bar));
}

export function barText(bar: Bar): string {
  return `${isMet(bar) ? '✔' : '✖'} ${bar.name}: ${number(bar.value)} (${bar.kind} ${number(bar.limit)})`;
}

/** Three significant digits, thousands with a comma. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  return new Intl.NumberFormat('en', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }).format(value);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** `median (smallest–largest)` */
export function withRange(values: readonly number[]): string {
  return values.length === 0 ? '–' : `${number(median(values))} (${number(Math.min(...values))}–${number(Math.max(...values))})`;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Markdown of one measure: its tables, its bars, and on what it was measured. */
export function markdown(results: Results, about: string): string {
  const titles = [...new Set(results.rows.map(({ measure }) => measure))];
  const tables = titles.map((title) => {
    const rows = results.rows.filter(({ measure }) => measure === title);
    return `### ${title}\n\n| what | measured |\n| --- | --- |\n${rows.map(({ what, measured }) => `| ${what} | ${measured} |`).join('\n')}`;
  });
  const bars = results.bars.map((bar) => `| ${bar.name} | ${number(bar.value)} | ${bar.kind} ${number(bar.limit)} | ${isMet(bar) ? 'yes' : '**no**'} |`);
  return [...tables, ...(bars.length === 0 ? [] : [`| bar | value | limit | met |\n| --- | --- | --- | --- |\n${bars.join('\n')}`]), about].join('\n\n');
}

/** The document with the text between the markers of one measure replaced; what was not measured keeps what was measured before. */
export function betweenMarkers(document: string, measure: string, text: string): string {
  const begin = `<!-- bench:${measure}:begin -->`;
  const end = `<!-- bench:${measure}:end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document lacks the markers ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
