/** The lexical rules of CEL that matter before it is parsed: where texts and comments end. */

/** Where the text literal that begins with a quote at `start` ends (the offset behind it); the length of the text when it does not. */
export function endOfLiteral(text: string, start: number): number {
  const quote = text.charAt(start);
  const raw = /[rR]/.test(text.charAt(start - 1)) && !/\w/.test(text.charAt(start - 2));
  const delimiter = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let at = start + delimiter.length; at < text.length; at += 1) {
    if (text.startsWith(delimiter, at)) return at + delimiter.length;
    if (text.charAt(at) === '\\' && !raw) at += 1;
  }
  return text.length;
}

export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/**
 * The expression with `-` inside member names replaced by `_`, so that CEL reads `tasks.build-api` as one name; every character
 * stays in its place. As in GitHub Actions, a hyphen between two letters of a member name belongs to the name: a subtraction has spaces.
 */
export function withPlainNames(source: string): string {
  if (!source.includes('-')) return source;
  let plain = '';
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    let end = at + 1;
    if (isQuote(character)) end = endOfLiteral(source, at);
    else if (source.startsWith('//', at)) end = endOfLine(source, at);
    else if (/\w/.test(character)) end = endOfWord(source, at);
    else if (character === '.') {
      const name = /^\s*[A-Za-z_]\w*(?:-+\w+)+/.exec(source.slice(at + 1, at + 400))?.[0];
      if (name !== undefined) {
        plain += `.${name.replaceAll('-', '_')}`;
        at += 1 + name.length;
        continue;
      }
    }
    plain += source.slice(at, end);
    at = end;
  }
  return plain;
}

/** A word, or a number with its point: the point of `1.5` is no member access. */
function endOfWord(source: string, start: number): number {
  let end = start;
  while (/\w/.test(source.charAt(end))) end += 1;
  if (/^\d+$/.test(source.slice(start, end)) && /^\.\d/.test(source.slice(end, end + 2))) {
    end += 1;
    while (/\w/.test(source.charAt(end))) end += 1;
  }
  return end;
}

function endOfLine(source: string, start: number): number {
  const end = source.indexOf('\n', start);
  return end < 0 ? source.length : end;
}

/**
 * Where the expression that begins at `start` (behind `${{`) ends: the offset of its `}}`, or -1. Braces of the expression's own
 * maps, and `}}` inside its texts, do not end it.
 */
export function endOfTemplate(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuote(character)) at = endOfLiteral(text, at) - 1;
    else if (character === '{') open += 1;
    else if (character === '}') {
      if (open === 0 && text.charAt(at + 1) === '}') return at;
      open -= 1;
      if (open < 0) return -1;
    }
  }
  return -1;
}
