/** Length on the wire: GitHub's limits are bytes of UTF-8, not characters. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** What a reader sees as one letter: an emoji with its joiners and colours, a letter with its marks. */
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `maximum` code points, no visible letter cut in half, the last one an ellipsis when something was cut. */
export function cutPoints(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const points = Array.from(text);
  if (points.length <= maximum) return text;
  const room = points.slice(0, maximum - 1).join('').length;
  return `${text.slice(0, wholeUntil(text, room)).trimEnd()}…`;
}

/** At most `maximum` UTF-16 code units, by which limits in "characters" may be meant; no visible letter cut in half. */
export function cutUnits(text: string, maximum: number): string {
  return text.length <= maximum ? text : `${text.slice(0, wholeUntil(text, maximum - 1)).trimEnd()}…`;
}

/**
 * At most `maximum` bytes, never cutting a visible letter; the cut is marked with how much is missing. `tail` keeps the end,
 * which is where programs say what went wrong, and a third of the beginning.
 */
export function cutBytes(text: string, maximum: number, keep: 'head' | 'tail' = 'head'): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maximum) return text;
  const room = maximum - byteLength(note(bytes.length));
  if (room <= 0) return '';
  const head = keep === 'head' ? room : Math.floor(room / 3);
  const before = bytes.subarray(0, backToStart(bytes, head)).toString('utf8');
  const first = text.slice(0, wholeUntil(text, before.length));
  if (keep === 'head') return `${first}${note(bytes.length - byteLength(first))}`;
  const from = forwardToStart(bytes, bytes.length - (room - head));
  const last = text.slice(wholeFrom(text, text.length - bytes.subarray(from).toString('utf8').length));
  return `${first}${note(bytes.length - byteLength(first) - byteLength(last))}${last}`;
}

/** How far a visible letter is looked for on both sides of a cut; what is longer is no letter of any script. */
const reach = 64;

/** The last place at or before `at` where no visible letter is cut. */
function wholeUntil(text: string, at: number): number {
  return boundaries(text, at).findLast((place) => place <= at) ?? at;
}

/** The first place at or after `at` where no visible letter is cut. */
function wholeFrom(text: string, at: number): number {
  return boundaries(text, at).find((place) => place >= at) ?? at;
}

function boundaries(text: string, at: number): readonly number[] {
  const from = Math.max(0, at - reach);
  const to = Math.min(text.length, at + reach);
  const places = Array.from(graphemes.segment(text.slice(from, to)), ({ index }) => from + index);
  return [...places, to];
}

/**
 * A page that turned out too long, as whole blocks: fences, tables and folded parts stay whole, the beginning and the last block stay,
 * and what is left out in between is said. The last resort behind `page`, which makes pages that fit.
 */
export function cutBlocks(markdown: string, maximum: number): string {
  if (byteLength(markdown) <= maximum) return markdown;
  const blocks = blocksOf(markdown);
  const last = blocks.pop() ?? '';
  const said = '_… some of this page is left out, because GitHub takes no more …_';
  const kept: string[] = [];
  let room = maximum - byteLength(said) - 2 - (byteLength(last) + 2);
  const keepsLast = room >= 0;
  if (!keepsLast) room = maximum - byteLength(said) - 2;
  for (const block of blocks) {
    const size = byteLength(block) + 2;
    if (size > room) continue;
    kept.push(block);
    room -= size;
  }
  return [...kept, said, ...(keepsLast ? [last] : [])].join('\n\n');
}

/** Parts between empty lines; what stands in a fence or is folded belongs together. */
function blocksOf(markdown: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence = '';
  let folded = 0;
  for (const line of markdown.split('\n')) {
    const marks = /^(`{3,})/.exec(line)?.[1] ?? '';
    if (fence === '' && marks !== '') fence = marks;
    else if (fence !== '' && marks.length >= fence.length && line.trim() === marks) fence = '';
    if (fence === '') folded += (line.match(/<details>/g)?.length ?? 0) - (line.match(/<\/details>/g)?.length ?? 0);
    if (line === '' && fence === '' && folded <= 0) {
      if (lines.length > 0) blocks.push(lines.join('\n'));
      lines = [];
    } else lines.push(line);
  }
  if (lines.length > 0) blocks.push(lines.join('\n'));
  return blocks;
}

function note(missing: number): string {
  return `\n… ${missing} bytes left out …\n`;
}

function backToStart(bytes: Buffer, at: number): number {
  let position = at;
  while (position > 0 && isContinuation(bytes[position])) position -= 1;
  return position;
}

function forwardToStart(bytes: Buffer, at: number): number {
  let position = at;
  while (position < bytes.length && isContinuation(bytes[position])) position += 1;
  return position;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
