import type { CapturedOutput } from '../steps/step-type.ts';
import type { TextRedactor } from './worker-options.ts';

/**
 * Bytes kept beyond each cut, only to be redacted and then dropped: a secret that straddles the cut is seen whole, so no half
 * of it is shown. Longer than any credential with a known form (an RSA-8192 key in PEM has about 6,500 bytes).
 */
const MARGIN_BYTES = 16 * 1024;

/** Collects what a program prints: the beginning and the end, in order of arrival. */
export interface OutputCapture {
  /** Returns the number of bytes seen so far. */
  add(chunk: Buffer): number;
  /** The text for people: redacted, decoded, with control characters made visible. */
  finish(redactor: TextRedactor): CapturedOutput;
}

export function createOutputCapture(keptBytes: number): OutputCapture {
  const half = Math.floor(keptBytes / 2);
  const headRoom = half + MARGIN_BYTES;
  const tailRoom = half + MARGIN_BYTES;
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let seen = 0;

  function add(chunk: Buffer): number {
    seen += chunk.length;
    const forHead = Math.min(chunk.length, headRoom - headBytes);
    if (forHead > 0) {
      head.push(Buffer.from(chunk.subarray(0, forHead)));
      headBytes += forHead;
    }
    const rest = chunk.subarray(forHead);
    if (rest.length > 0) {
      tail.push(Buffer.from(rest.length > tailRoom ? rest.subarray(rest.length - tailRoom) : rest));
      tailBytes += tail.at(-1)!.length;
      // Joined now and then, so that neither many small chunks nor much dropped text is held.
      if (tailBytes > 2 * tailRoom || tail.length > 4096) {
        const joined = Buffer.concat(tail);
        tail = [joined.subarray(Math.max(0, joined.length - tailRoom))];
        tailBytes = tail[0]!.length;
      }
    }
    return seen;
  }

  function finish(redactor: TextRedactor): CapturedOutput {
    const first = Buffer.concat(head);
    const last = Buffer.concat(tail);
    const safe = (bytes: Buffer): string => redactor.redact(readable(bytes.toString('utf8'))).text;
    if (seen <= keptBytes) return { text: safe(Buffer.concat([first, last])), truncatedBytes: 0 };
    // While nothing was dropped yet, the margin of one part lies in the other.
    const whole = seen === first.length + last.length ? Buffer.concat([first, last]) : null;
    const headPart = (whole ?? first).subarray(0, headRoom);
    const tailPart = (whole ?? last).subarray(-tailRoom);
    const headKept = cutCharacter(headPart.subarray(0, half), 'end');
    const tailKept = cutCharacter(tailPart.subarray(-half), 'start');
    const headText = commonStart(safe(headKept), safe(headPart));
    const tailText = commonEnd(safe(tailKept), safe(tailPart));
    const truncatedBytes = seen - headKept.length - tailKept.length;
    return { text: `${headText}\n[… ${truncatedBytes} bytes left out …]\n${tailText}`, truncatedBytes };
  }

  return { add, finish };
}

/**
 * What both texts begin with. `part` is redacted without, `whole` with what follows the cut: they differ from the place on
 * where a secret runs across the cut, and what stands before that place is redacted in both.
 */
function commonStart(part: string, whole: string): string {
  let end = 0;
  while (end < part.length && part[end] === whole[end]) end += 1;
  return part.slice(0, end);
}

function commonEnd(part: string, whole: string): string {
  let length = 0;
  while (length < part.length && part[part.length - 1 - length] === whole[whole.length - 1 - length]) length += 1;
  return part.slice(part.length - length);
}

/** Drops the half character that a cut through UTF-8 leaves. */
function cutCharacter(bytes: Buffer, side: 'start' | 'end'): Buffer {
  if (side === 'start') {
    let at = 0;
    while (at < Math.min(4, bytes.length) && (bytes[at]! & 0xc0) === 0x80) at += 1;
    return bytes.subarray(at);
  }
  let last = bytes.length - 1;
  while (last > 0 && bytes.length - last < 4 && (bytes[last]! & 0xc0) === 0x80) last -= 1;
  return bytes.length > 0 && (bytes[last]! & 0xc0) === 0xc0 ? bytes.subarray(0, last) : bytes;
}

/** Terminal sequences: CSI, OSC (title, links) and the two-character ones (ECMA-48 5.4, 8.3). Bounded, so linear. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const TERMINAL_SEQUENCE = /\u001b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const OTHER_CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text that is safe to show: colours and cursor movements removed, a carriage return becomes a new line, every other
 * control character (and every one that reverses the direction of text) is shown as `<U+XXXX>`.
 */
export function readable(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, '')
    .replace(/\r\n?/g, '\n')
    .replace(OTHER_CONTROL, (character) => `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
}
