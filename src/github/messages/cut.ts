/** Length on the wire: GitHub's limits are bytes of UTF-8, not characters. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** At most `maximum` code points, the last one an ellipsis when something was cut. */
export function cutPoints(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const points = Array.from(text);
  return points.length <= maximum ? text : `${points.slice(0, maximum - 1).join('').trimEnd()}…`;
}

/**
 * At most `maximum` bytes, never cutting a code point; the cut is marked with how much is missing. `tail` keeps the end,
 * which is where programs say what went wrong, and a third of the beginning.
 */
export function cutBytes(text: string, maximum: number, keep: 'head' | 'tail' = 'head'): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maximum) return text;
  const room = maximum - byteLength(note(bytes.length));
  if (room <= 0) return '';
  const head = keep === 'head' ? room : Math.floor(room / 3);
  const first = bytes.subarray(0, backToStart(bytes, head));
  const from = forwardToStart(bytes, bytes.length - (room - head));
  const last = keep === 'head' ? bytes.subarray(bytes.length) : bytes.subarray(from);
  return `${first.toString('utf8')}${note(bytes.length - first.length - last.length)}${last.toString('utf8')}`;
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
