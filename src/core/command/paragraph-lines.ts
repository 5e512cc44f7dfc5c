import type { Block, BlockLine } from '../checklist/scan-blocks.ts';

/**
 * The lines of a paragraph whose beginning is plain text: not inside a code span, an HTML tag or comment, a link, or a table.
 * Where telling exactly would need the whole inline grammar, a line counts as inside: a command is rather overlooked than carried out
 * from text that nobody sees as one. Linear in the paragraph's length.
 */
export function plainLineStarts(paragraph: Block): readonly BlockLine[] {
  const { lines } = paragraph;
  const starts: number[] = [];
  let length = 0;
  for (const line of lines) {
    starts.push(length);
    length += line.text.length + 1;
  }
  const text = lines.map((line) => line.text).join('\n');
  const covered = [...codeSpans(text), ...openMarks(text)];
  // How many spans hold each line's start: count openings and closings on the way through.
  const events = covered.flatMap(([from, to]) => [
    { at: from + 1, step: 1 },
    { at: to, step: -1 },
  ]);
  events.sort((a, b) => a.at - b.at);
  let depth = 0;
  let next = 0;
  const plain: BlockLine[] = [];
  for (const [index, line] of lines.entries()) {
    for (let event = events[next]; event && event.at <= (starts[index] ?? 0); event = events[next]) {
      depth += event.step;
      next += 1;
    }
    const below = lines[index + 1];
    // A row of `---|---` makes the line above a table head and all lines below its rows.
    if (isDelimiterRow(line.text) || (below && isDelimiterRow(below.text))) return plain;
    if (depth === 0) plain.push(line);
  }
  return plain;
}

function isDelimiterRow(text: string): boolean {
  return text.includes('-') && /^[|:\- \t]+$/.test(text);
}

type Span = readonly [from: number, to: number];

/** Code spans: a run of back-ticks and the next run of the same length. */
function codeSpans(text: string): readonly Span[] {
  const runs = Array.from(text.matchAll(/`+/g), (match) => ({ at: match.index, length: match[0].length }));
  const following = new Map<number, number[]>();
  for (const [index, run] of runs.entries()) {
    const list = following.get(run.length);
    if (list) list.push(index);
    else following.set(run.length, [index]);
  }
  const spans: Span[] = [];
  for (let index = 0; index < runs.length; index += 1) {
    const run = runs[index];
    if (!run) break;
    const list = following.get(run.length) ?? [];
    while (list[0] !== undefined && list[0] <= index) list.shift();
    const closing = list[0];
    const end = closing === undefined ? undefined : runs[closing];
    if (closing === undefined || !end) continue;
    spans.push([run.at, end.at + end.length]);
    index = closing;
  }
  return spans;
}

/** From `<` that may begin a tag or comment to the next closing of it; from `[` to the last `]`, with what is in `(…)` behind. */
function openMarks(text: string): readonly Span[] {
  const spans: Span[] = [];
  const lastBracket = text.lastIndexOf(']');
  const firstBracket = text.indexOf('[');
  if (firstBracket >= 0 && lastBracket > firstBracket) {
    const closing = text.indexOf('](') >= 0 ? text.lastIndexOf(')') : -1;
    spans.push(...splitAtBalance(text, firstBracket, Math.max(lastBracket, closing) + 1));
  }
  let at = 0;
  for (;;) {
    const from = text.slice(at).search(/<[A-Za-z/!?]/);
    if (from < 0) break;
    const start = at + from;
    const end = text.startsWith('<!--', start) ? text.indexOf('-->', start + 4) : text.indexOf('>', start);
    if (end < 0) break;
    spans.push([start, end + 1]);
    at = end + 1;
  }
  return spans;
}

/** Parts of the range in which a bracket or a link's parenthesis is open; a bracket that never closes covers the rest. */
function splitAtBalance(text: string, from: number, to: number): readonly Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < to; at += 1) {
    const letter = text.charAt(at);
    if (letter === '[' || (letter === '(' && (depth > 0 || text.charAt(at - 1) === ']'))) {
      if (depth === 0) start = at;
      depth += 1;
    } else if ((letter === ']' || letter === ')') && depth > 0) {
      depth -= 1;
      if (depth === 0) spans.push([start, at + 1]);
    }
  }
  if (depth > 0) spans.push([start, to]);
  return spans;
}
