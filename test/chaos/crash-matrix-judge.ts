/** What a run left behind, compared with what a calm run leaves: one line for each thing, as often as it is there. */
export interface Verdict {
  /** There in the calm run, missing or fewer here. */
  readonly lost: readonly string[];
  /** More often here than in the calm run, or not there at all in the calm run. */
  readonly doubled: readonly string[];
}

/** Compares as multisets: the order in which things came about may differ. */
export function judge(calm: readonly string[], found: readonly string[]): Verdict {
  const expected = countOf(calm);
  const there = countOf(found);
  return { lost: surplus(expected, there), doubled: surplus(there, expected) };
}

function countOf(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function surplus(these: ReadonlyMap<string, number>, those: ReadonlyMap<string, number>): readonly string[] {
  return [...these].flatMap(([line, times]) => Array.from({ length: Math.max(0, times - (those.get(line) ?? 0)) }, () => line));
}
