import { cutBytes, cutPoints, cutUnits } from './cut.ts';

/**
 * Everything the bot writes that holds words of somebody else (people, agents, programs) goes through the ink: redacted
 * first, then freed of hidden characters, then made literal. Guarantee: such words never become a mention, a reference to
 * an issue, a closing keyword, a link, an image, HTML, a table cell of their own or the end of a fence.
 */
export interface Ink {
  /** Literal words within a line of Markdown, table cells included. */
  plain(text: string, maximumPoints?: number): string;
  /** A code span; words that a code span cannot hold safely come out as `plain`. */
  code(text: string, maximumPoints?: number): string;
  /** A fenced block sized to its content, at most `maximumBytes` long with its fences. */
  fence(text: string, maximumBytes: number, keep?: 'head' | 'tail'): string;
  /** Lines that are not Markdown: messages at lines of files. */
  text(text: string, maximumBytes: number): string;
  /** A line that is not Markdown: titles of pull requests and checks, first lines of commits. */
  title(text: string, maximumPoints?: number): string;
  /** A label inside a Mermaid node. */
  label(text: string, maximumPoints?: number): string;
  /** The account's name as a live mention; only for the person who asked. Anything that is no login comes out as code. */
  mention(login: string): string;
}

export type Redact = (text: string) => string;

/** Soft hyphens, fillers, direction marks, zero-width characters and variation selectors; one range after the other. */
const invisible = new RegExp(
  ['00AD', '034F', '061C', '115F-1160', '17B4-17B5', '180B-180F', '200B-200C', '200E-200F', '202A-202E', '2060-206F', '3164', 'FE00-FE0E', 'FEFF', 'FFA0', 'FFF9-FFFB', 'E0000-E0FFF']
    .map((range) => `[${range.replaceAll(/[0-9A-F]+/g, (hex) => `\\u{${hex}}`)}]`)
    .join('|'),
  'gu',
);

/** GitHub's limit for titles of checks and annotations; those of issues and pull requests may be one longer. */
const titleUnits = 255;

/** Breaks what GitHub would turn into a mention or a reference; shown as nothing. */
const breaker = '\u200B';

export function createInk(redact: Redact): Ink {
  const line = (text: string, maximum: number): string => cutPoints(oneLine(visible(redact(text))), maximum);
  const ink: Ink = {
    plain: (text, maximum = 200) => literal(inert(line(text, maximum))),
    code: (text, maximum = 120) => {
      const words = line(text, maximum);
      if (words === '') return '–';
      return /[`|\\]/.test(words) ? literal(inert(words)) : `\`${words}\``;
    },
    fence: (text, maximumBytes, keep = 'head') => fence(visible(redact(text)), maximumBytes, keep),
    text: (text, maximumBytes) => cutBytes(visible(redact(text)).trim(), maximumBytes),
    title: (text, maximum = 200) => cutUnits(inert(line(text, maximum)), titleUnits),
    label: (text, maximum = 40) => noList(line(text, maximum).replaceAll(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic} .,:/+\-_…]/gu, ' ').replaceAll(/ +/g, ' ').trim()) || '–',
    // Managed accounts of an enterprise end with `_` and its short name.
    mention: (login) => (/^[a-z0-9][a-z0-9-]{0,38}(?:_[a-z0-9]{1,20})?$/i.test(login) ? `@${login}` : ink.code(login)),
  };
  return ink;
}

/** Ink for words that need no redaction: tests, help pages. */
export const plainInk: Ink = createInk((text) => text);

/**
 * Takes out what a reader cannot see: control characters, terminal colours, direction marks, zero-width characters and
 * the invisible alphabets that smuggle text to agents. Joiners inside emoji stay.
 */
export function visible(text: string): string {
  return (
    wellFormed(text)
      // oxlint-disable-next-line no-control-regex -- terminal sequences begin with a control character
      .replaceAll(/\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g, '')
      .replaceAll('\r\n', '\n')
      .replaceAll(/[\r\u2028\u2029\u0085]/g, '\n')
      // oxlint-disable-next-line no-control-regex -- that is what is taken out
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '')
      .replaceAll(invisible, '')
      .replaceAll(/(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D|\u200D(?!\p{Extended_Pictographic})/gu, '')
  );
}

/** The text without unpaired surrogates and NUL, which neither JSON nor PostgreSQL can hold. */
export function wellFormed(text: string): string {
  return text.replaceAll(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD').replaceAll('\u0000', '');
}

/** Mermaid takes a label for Markdown, in which `1. one` is a list, and lists it refuses to draw. */
function noList(label: string): string {
  return label.replace(/^(\d+)\. /, '$1 ').replace(/^[-+] /, '');
}

function reference(character: string): string {
  return `&#${character.codePointAt(0) ?? 32};`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Character references: they are decoded after blocks, cells and spans were found, so they cannot be syntax. */
function literal(text: string): string {
  return text.replaceAll(/[&<>`*_[\]|~\\$!{}^]/g, reference).replaceAll(/^(#|[-+=]|\d+[.)](?=\s|$))/g, (start) => Array.from(start, reference).join(''));
}

/** GitHub looks for mentions and references in the rendered text, after character references: only an invisible break stops it. */
function inert(text: string): string {
  return text
    .replaceAll('@', `@${breaker}`)
    .replaceAll(/#(?=\d)/g, `#${breaker}`)
    .replaceAll(/\b(gh-)(?=\d)/gi, `$1${breaker}`)
    .replaceAll('://', `:${breaker}//`)
    .replaceAll(/\b(www)\./gi, `$1${breaker}.`);
}

/** Fences `content` so that no line of it can be the closing fence; cut to fit, saying so. */
function fence(content: string, maximumBytes: number, keep: 'head' | 'tail'): string {
  let longest = 2;
  for (const run of content.matchAll(/`+/g)) longest = Math.max(longest, run[0].length);
  const marks = '`'.repeat(Math.min(longest + 1, 1000));
  const safe = longest >= 1000 ? content.replaceAll('`', "'") : content;
  const frame = 2 * marks.length + '\ntext\n\n'.length;
  const room = maximumBytes - frame;
  if (room < 40) return '';
  const body = cutBytes(safe.replaceAll(/\n+$/g, ''), room, keep);
  return `${marks}text\n${body}\n${marks}`;
}
