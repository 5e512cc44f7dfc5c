/*
 * What a change is known by: `<patch>-<before>-<after>`. `patch` leaves out where in a file its lines stand, so that it survives a rebase;
 * `before` and `after` are the contents of the touched files. (One word alone is compared as it is.)
 */

/** Names a change by the digests of its patch and of the touched files before and after it. */
export function changeId(patch: string, before: string, after: string): string {
  return `${patch}-${before}-${after}`;
}

/**
 * True when two changes do the same. A patch that looks the same may go to another place of a file, where the lines around it are the
 * same too: over the same files before it must give the same files after it.
 */
export function isSameChange(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [one.split('-'), other.split('-')];
  return a.length === 3 && b.length === 3 && a[0] === b[0] && a[1] !== b[1];
}
