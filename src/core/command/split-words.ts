import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';

export interface Word {
  /** Without its quotes. */
  readonly text: string;
  /** Offsets in the whole text, quotes included; `end` is the first character behind the word. */
  readonly start: number;
  readonly end: number;
  /** Offset in `text` of the first character that stood in quotes, or -1: `key="a=b"` splits at the first `=` before it. */
  readonly quotedFrom: number;
}

export interface SplitProblem {
  readonly code: 'unclosed-quote' | 'shell-operator';
  readonly offset: number;
  readonly found: string;
}

export interface SplitOptions {
  /** Refuse what only a shell would understand: pipes, redirections, lists, substitutions, variables. */
  readonly refuseShell?: boolean;
  /** Curly quotes, as phones put them, quote as well where a word or its value begins. */
  readonly curlyQuotes?: boolean;
  /** Stop after so many words; the rest of the text is not looked at. */
  readonly maximumWords?: number;
}

/**
 * Splits a line at white space. Single quotes keep everything; in double quotes a backslash keeps `"` and `\`; nothing else is
 * special. Programs are started without a shell, so what needs one is refused rather than passed on as a strange argument.
 * (The splitters on npm were tried: `string-argv` and `shell-quote` accept an unclosed quote, and the latter empties `$X`.)
 */
export function splitWords(text: string, options: SplitOptions = {}): Result<readonly Word[], SplitProblem> {
  const words: Word[] = [];
  const limit = options.maximumWords ?? Number.POSITIVE_INFINITY;
  let at = 0;
  while (words.length < limit) {
    while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
    if (at >= text.length) break;
    const word = readWord(text, at, options);
    if (!word.ok) return word;
    words.push(word.value);
    at = word.value.end;
  }
  return ok(words);
}

function readWord(text: string, start: number, { refuseShell = false, curlyQuotes = false }: SplitOptions): Result<Word, SplitProblem> {
  const parts: string[] = [];
  let length = 0;
  let quotedFrom = -1;
  let at = start;
  const keep = (part: string): void => {
    parts.push(part);
    length += part.length;
  };
  while (at < text.length && !/\s/.test(text.charAt(at))) {
    const letter = text.charAt(at);
    const curly = curlyQuotes && (at === start || text.charAt(at - 1) === '=') ? curlyPairs.get(letter) : undefined;
    if (curly !== undefined) {
      const end = closingOf(text, at + 1, curly);
      if (end < 0) return err({ code: 'unclosed-quote', offset: at, found: letter });
      if (quotedFrom < 0) quotedFrom = length;
      keep(text.slice(at + 1, end));
      at = end + 1;
    } else if (letter === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return err({ code: 'unclosed-quote', offset: at, found: letter });
      if (quotedFrom < 0) quotedFrom = length;
      keep(text.slice(at + 1, end));
      at = end + 1;
    } else if (letter === '"') {
      if (quotedFrom < 0) quotedFrom = length;
      const opening = at;
      at += 1;
      while (at < text.length && text.charAt(at) !== '"') {
        const shell = refuseShell ? expansionAt(text, at) : null;
        if (shell !== null) return err({ code: 'shell-operator', offset: at, found: shell });
        if (text.charAt(at) === '\\' && (text.charAt(at + 1) === '"' || text.charAt(at + 1) === '\\')) at += 1;
        keep(text.charAt(at));
        at += 1;
      }
      if (at >= text.length) return err({ code: 'unclosed-quote', offset: opening, found: letter });
      at += 1;
    } else {
      const shell = refuseShell ? (operatorAt(text, at) ?? expansionAt(text, at)) : null;
      if (shell !== null) return err({ code: 'shell-operator', offset: at, found: shell });
      keep(letter);
      at += 1;
    }
  }
  return ok({ text: parts.join(''), start, end: at, quotedFrom });
}

/** Quotes that keyboards of phones make of `"` and `'`, by the one that opens, with those that close. */
const curlyPairs: ReadonlyMap<string, string> = new Map([
  ['\u201C', '\u201D\u201C"'],
  ['\u201E', '\u201C\u201D"'],
  ['\u201D', '\u201D'],
  ['\u00AB', '\u00BB'],
  ['\u2018', '\u2019'],
  ['\u201A', '\u2018\u2019'],
]);

/** The first closing quote at the end of a word: within one it is an apostrophe. */
function closingOf(text: string, from: number, closing: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (closing.includes(text.charAt(at)) && (at + 1 === text.length || /\s/.test(text.charAt(at + 1)))) return at;
  }
  return -1;
}

function operatorAt(text: string, at: number): string | null {
  return /^(?:&&|\|\||>>|<<|[|&;<>])/.exec(text.slice(at, at + 2))?.[0] ?? null;
}

function expansionAt(text: string, at: number): string | null {
  return /^(?:`|\$[A-Za-z_({])/.exec(text.slice(at, at + 2))?.[0] ?? null;
}
