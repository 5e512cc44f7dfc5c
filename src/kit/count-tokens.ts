import type { countTokens as CountTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** A run of one kind of characters longer than this is counted in parts: the library needs the square of a run's length. */
const longestRun = 200;

/** What the library keeps together as one piece: letters with their marks, spaces, signs, and line ends with slashes. */
const longRuns = new RegExp(['[\\p{L}\\p{M}]', '\\s', '[^\\s\\p{L}\\p{N}]', '[\\r\\n/]'].map((kind) => `${kind}{${longestRun + 1},}`).join('|'), 'gu');
const parts = new RegExp(`[^]{1,${longestRun}}`, 'gu');

let loading: Promise<typeof CountTokens> | null = null;

/**
 * Tokens of a text as present models count them (o200k_base), in time that grows with its length alone, whatever it holds. The
 * same number as the library's, but for runs of more than 200 like characters, where it may be a little higher. `<|endoftext|>` and
 * its like are text. Loads the vocabulary (some 70 MB) at its first call.
 */
export async function countTokens(text: string): Promise<number> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then((library) => library.countTokens);
  const count = await loading;
  const asText = { disallowedSpecial: new Set<string>() };
  let tokens = 0;
  for (const part of cutLongRuns(text)) tokens += count(part, asText);
  return tokens;
}

/** The text in parts that make it up again, cut within long runs only: no part holds one. */
export function cutLongRuns(text: string): readonly string[] {
  const cut: string[] = [];
  let from = 0;
  for (const { 0: run, index } of text.matchAll(longRuns)) {
    cut.push(text.slice(from, index), ...(run.match(parts) ?? []));
    from = index + run.length;
  }
  cut.push(text.slice(from));
  return cut.filter((part) => part !== '');
}
