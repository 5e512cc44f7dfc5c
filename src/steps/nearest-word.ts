import leven from 'leven';

/** The word within two typing errors (one for short words), or null. Letter case and `_` for `-` are no error at all. */
export function nearestWord(word: string, words: readonly string[]): string | null {
  if (word.length > 100) return null;
  const plain = plainWord(word);
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of words) {
    const distance = leven(plain, plainWord(candidate), { maxDistance: 3 });
    if (distance <= (candidate.length <= 4 ? 1 : 2) && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}

function plainWord(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}
