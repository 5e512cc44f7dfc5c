/** Recognisers for the beginnings of CommonMark 0.31 blocks; `rest` is a line from its first non-blank character on. */

export interface ListMarker {
  /** Characters of the marker itself: `-` is 1, `10.` is 3. */
  readonly width: number;
  readonly isBullet: boolean;
  readonly startsAtOne: boolean;
}

export function listMarker(rest: string): ListMarker | null {
  const match = /^(?:[-*+]|(\d{1,9})[.)])(?=[ \t]|$)/.exec(rest);
  if (!match) return null;
  return { width: match[0].length, isBullet: match[1] === undefined, startsAtOne: match[1] === undefined || Number(match[1]) === 1 };
}

export interface Fence {
  readonly mark: string;
  readonly length: number;
  readonly info: string;
}

export function fenceStart(rest: string): Fence | null {
  const match = /^(`{3,}|~{3,})(.*)$/.exec(rest);
  const [, run = '', info = ''] = match ?? [];
  if (!match || (run.startsWith('`') && info.includes('`'))) return null;
  return { mark: run.charAt(0), length: run.length, info: info.trim() };
}

export function closesFence(rest: string, fence: Fence): boolean {
  const match = /^(`{3,}|~{3,})[ \t]*$/.exec(rest);
  return match?.[1] !== undefined && match[1].startsWith(fence.mark) && match[1].length >= fence.length;
}

export function isThematicBreak(rest: string): boolean {
  const mark = rest.charAt(0);
  if (mark !== '*' && mark !== '-' && mark !== '_') return false;
  let marks = 0;
  for (const letter of rest) {
    if (letter === mark) marks += 1;
    else if (letter !== ' ' && letter !== '\t') return false;
  }
  return marks >= 3;
}

export function atxHeading(rest: string): { readonly level: number; readonly text: string } | null {
  const match = /^(#{1,6})(?:[ \t]|$)/.exec(rest);
  if (match?.[1] === undefined) return null;
  return { level: match[1].length, text: withoutClosingMarks(rest.slice(match[1].length).trim()) };
}

/** `Title ##` → `Title`; a `#` that touches the text belongs to it. */
function withoutClosingMarks(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === '#') end -= 1;
  if (end === 0) return '';
  return end < text.length && (text.charAt(end - 1) === ' ' || text.charAt(end - 1) === '\t') ? text.slice(0, end).trimEnd() : text;
}

export function setextLevel(rest: string): 1 | 2 | null {
  if (/^=+[ \t]*$/.test(rest)) return 1;
  return /^-+[ \t]*$/.test(rest) ? 2 : null;
}

/** `[^note]: text`, GFM's footnote definition: the width of its marker, or null. */
export function footnoteMarker(rest: string): number | null {
  const match = /^\[\^[^\]\s[]{1,999}\]:/.exec(rest);
  return match ? match[0].length : null;
}

/** The seven ways an HTML block begins (CommonMark 4.6). */
export type HtmlKind = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const blockTags =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul';
const blockTag = new RegExp(`^</?(?:${blockTags})(?:[ \\t]|/?>|$)`, 'i');
const closingTag = /^<\/[A-Za-z][A-Za-z0-9-]*[ \t]*>[ \t]*$/;
/** Attributes are checked roughly: quotes must pair and no `<` or `>` stands outside of them. */
const openTag = /^<[A-Za-z][A-Za-z0-9-]*(?:[ \t]+[A-Za-z_:][A-Za-z0-9_.:-]*(?:[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|[^ \t"'=<>`]+))?)*[ \t]*\/?>[ \t]*$/;
/** Longer lines are not examined for a tag that fills the line: the expression above may cost the square of its length. */
const longestTagLine = 1000;

export function htmlStart(rest: string): HtmlKind | null {
  if (!rest.startsWith('<')) return null;
  if (/^<(?:script|pre|textarea|style)(?:[ \t>]|$)/i.test(rest)) return 1;
  if (rest.startsWith('<!--')) return 2;
  if (rest.startsWith('<?')) return 3;
  if (/^<![A-Za-z]/.test(rest)) return 4;
  if (rest.startsWith('<![CDATA[')) return 5;
  if (blockTag.test(rest)) return 6;
  return rest.length <= longestTagLine && (closingTag.test(rest) || openTag.test(rest)) ? 7 : null;
}

/** True when this line ends an HTML block of the kind; kinds 6 and 7 end at a blank line instead. */
export function endsHtml(line: string, kind: HtmlKind): boolean {
  switch (kind) {
    case 1:
      return /<\/(?:script|pre|textarea|style)>/i.test(line);
    case 2:
      return line.includes('-->');
    case 3:
      return line.includes('?>');
    case 4:
      return line.includes('>');
    case 5:
      return line.includes(']]>');
    default:
      return false;
  }
}
