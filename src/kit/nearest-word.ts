import { closestMatch } from 'leven';

/** Longer words are not compared: the distance costs the product of both lengths. */
const longestWord = 64;

/**
 * The known word a person probably meant, or null when none is near. Case, and `_` for `-`, do not count. "Near" is at most
 * two edits, and fewer than half of the word's letters, so that `x` is not taken for `id`.
 */
export function nearestWord(word: string, known: readonly string[], maximumDistance = 2): string | null {
  if (word.length > longestWord) return null;
  const distance = Math.min(maximumDistance, Math.ceil(word.length / 2) - 1);
  // leven wants candidates as they are compared; the answer is given as it is spelt.
  const spelling = new Map(known.map((candidate) => [plainWord(candidate), candidate]));
  const exact = spelling.get(plainWord(word));
  if (exact !== undefined) return exact;
  if (distance < 1) return null;
  const found = closestMatch(plainWord(word), [...spelling.keys()], { maxDistance: distance });
  return found === undefined ? null : (spelling.get(found) ?? null);
}

/** ` Did you mean "x"?`, or nothing: the end of a sentence about an unknown word. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === null ? '' : ` Did you mean "${near}"?`;
}

function plainWord(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}
