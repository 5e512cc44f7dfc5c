/*
 * One line of the checklist in its annotated form:
 *
 *     - [ ] Build the API <!-- mg:task build-api --> — ⏳ running <!-- mg:s --> a note
 *     └────┘└───────────┘└───────────────────────┘└──────────────────────────┘└─────┘
 *     prefix    text       marker                   suffix                     tail
 *
 * Prefix, text and tail are the person's, byte for byte; only the letter in the box, the marker and the suffix are ours.
 */

export interface ItemLine {
  /** Indentation and list mark, up to the opening bracket. */
  readonly lead: string;
  /** The letter in the box. */
  readonly box: string;
  readonly text: string;
  readonly id: string | null;
  /** What stands between the marker and the suffix marker, without the spaces we put around it. */
  readonly suffix: string | null;
  readonly tail: string;
}

const item = /^([ \t]{0,3}(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})\[([ xX])\]([ \t].*)$/;
const taskMarker = / ?<!-- mg:task ([a-z0-9][a-z0-9._-]{0,62}) -->/;
const suffixMarker = '<!-- mg:s -->';

/** The parts of a line that is a task item at the top level, or null. `line` has no line ending. */
export function parseItemLine(line: string): ItemLine | null {
  const match = item.exec(line);
  if (!match) return null;
  const [, lead = '', box = ' ', rest = ''] = match;
  if (rest.trim() === '') return null;
  return { lead, box, ...parseItemText(rest) };
}

/** The same for what stands behind the box (`- [ ]`). */
export function parseItemText(rest: string): Pick<ItemLine, 'text' | 'id' | 'suffix' | 'tail'> {
  const marker = taskMarker.exec(rest);
  if (!marker) return { text: rest, id: null, suffix: null, tail: '' };
  const text = rest.slice(0, marker.index);
  const after = rest.slice(marker.index + marker[0].length);
  const end = after.indexOf(suffixMarker);
  const suffix = end < 0 ? null : after.slice(0, end).trim();
  // A suffix that holds a comment is not one of ours: somebody moved the marker.
  if (suffix === null || suffix.includes('<!--')) return { text, id: marker[1] ?? null, suffix: null, tail: after };
  return { text, id: marker[1] ?? null, suffix, tail: after.slice(end + suffixMarker.length) };
}

export function formatItemLine(parts: ItemLine): string {
  const marker = parts.id === null ? '' : ` <!-- mg:task ${parts.id} -->`;
  const suffix = parts.id === null || parts.suffix === null || parts.suffix === '' ? '' : ` ${parts.suffix} ${suffixMarker}`;
  return `${parts.lead}[${parts.box}]${parts.text}${marker}${suffix}${parts.tail}`;
}

export function isChecked(box: string): boolean {
  return box === 'x' || box === 'X';
}

/** What an item says, for a title and for comparing: no comments, white space single, nothing invisible at the ends. */
export function itemTitle(parts: Pick<ItemLine, 'text' | 'tail'>): string {
  return withoutComments(`${parts.text} ${parts.tail}`).replace(/\s+/g, ' ').trim();
}

/** Without `<!-- … -->`; a comment that is not closed hides the rest from readers, so the rest goes too. Linear. */
export function withoutComments(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('<!--', at);
    if (start < 0) break;
    parts.push(text.slice(at, start));
    const end = text.indexOf('-->', start + 4);
    if (end < 0) return parts.join('');
    at = end + 3;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
