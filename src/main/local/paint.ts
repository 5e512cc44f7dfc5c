/** Colours and glyphs for people at a terminal; plain text for everybody else. */
export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  tone(tone: Tone, text: string): string;
}

/** What a line is about, whatever its colour. */
export type Tone = 'good' | 'bad' | 'waits' | 'busy' | 'plain';

const codes: { readonly [tone in Tone]: readonly [string, string] } = {
  good: ['32', '39'],
  bad: ['31', '39'],
  waits: ['33', '39'],
  busy: ['36', '39'],
  plain: ['', ''],
};

/** `NO_COLOR` (https://no-color.org) counts whenever it is set to something; so does `TERM=dumb`. */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false;
  return isTerminal || ((env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0');
}

export function createPaint(colour: boolean): Paint {
  const wrap = (from: string, to: string, text: string) => (colour && from !== '' && text !== '' ? `\u001B[${from}m${text}\u001B[${to}m` : text);
  return {
    dim: (text) => wrap('2', '22', text),
    bold: (text) => wrap('1', '22', text),
    tone: (tone, text) => wrap(...codes[tone], text),
  };
}

/**
 * Text from files, programs and agents on one line, without anything that moves a cursor, changes colours or turns the direction
 * of writing.
 */
export function plain(text: string, longest = 300): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a terminal
  const flat = text.replaceAll(/[\s\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]+/gu, ' ').trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1).trimEnd()}…`.toWellFormed() : flat.toWellFormed();
}

/** Several lines, each of them plain. */
export function plainLines(text: string): readonly string[] {
  return text.split('\n').map((line) => line.match(/^ */)?.[0] + plain(line, 2_000));
}

/** `0:07`, `12:41`, `1:02:03` */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `0.3 s`, `12 s`, `4 min 10 s` */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
