import type { OwnerSet } from './approvals.ts';

/** Where GitHub looks for the file, in its order; the first one found counts alone. */
export const codeownersPaths = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** GitHub reads no larger one. */
export const maximumCodeownersBytes = 3 * 1024 * 1024;

interface Rule {
  readonly segments: readonly string[];
  readonly owners: readonly string[];
}

/** `@login`, `@organisation/team` or an e-mail address, each in lower case. */
const owner = /^(?:@[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)?|[^\s@<>]+@[^\s@<>]+)$/;

/** A look-up of owners by path. */
export type OwnersOf = (path: string) => readonly string[];

/**
 * Reads a CODEOWNERS file. The last rule that takes a path wins, also one that names nobody. Lines that GitHub does not understand
 * (`!`, `[ ]`, an owner that is none) are left out as GitHub leaves them out. Costs at most rules × length for a path.
 */
export function readCodeowners(text: string): OwnersOf {
  const rules = text.split('\n').flatMap((line): readonly Rule[] => ruleOf(line) ?? []).toReversed();
  return (path) => {
    const parts = path.split('/');
    return rules.find(({ segments }) => takes(segments, parts))?.owners ?? [];
  };
}

/** Touched files by their owners; files without owners are left out. Sorted by key, so that equal changes read equally. */
export function ownerSets(ownersOf: OwnersOf, paths: readonly string[]): readonly OwnerSet[] {
  const sets = new Map<string, { files: number; example: string }>();
  for (const path of [...paths].sort()) {
    const key = [...new Set(ownersOf(path))].sort().join(' ');
    if (key === '') continue;
    const known = sets.get(key);
    if (known) known.files += 1;
    else sets.set(key, { files: 1, example: path });
  }
  return [...sets].map(([key, { files, example }]) => ({ key, files, example })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function ruleOf(line: string): readonly [Rule] | null {
  const words = line.replace(/(?:^|[ \t])#.*$/, '').trim().match(/(?:\\.|[^\\ \t])+/g) ?? [];
  const [pattern, ...owners] = words;
  if (pattern === undefined || pattern.startsWith('!') || /[[\]]/.test(pattern) || owners.some((one) => !owner.test(one))) return null;
  return [{ segments: segmentsOf(pattern.replaceAll(/\\(.)/g, '$1')), owners: owners.map((one) => one.toLowerCase()) }];
}

/** A pattern as segments that must take a path's from the first to the last; `**` takes any number of them. */
function segmentsOf(pattern: string): readonly string[] {
  const segments = pattern.split('/');
  const isFolder = segments.length > 1 && segments.at(-1) === '';
  if (isFolder) segments.pop();
  // A pattern with a slash before its end starts at the root; any other one takes names at every depth.
  if (segments[0] === '') segments.shift();
  else if (segments.length === 1 && segments[0] !== '**') segments.unshift('**');
  if (isFolder) segments.push('*', '**');
  // A name may be a folder, with everything in it; a star alone stays in its folder.
  else if (segments.at(-1) !== '*' && segments.at(-1) !== '**') segments.push('**');
  else if (segments.length === 2 && segments[0] === '**') segments.push('**');
  return segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**');
}

/** Which pattern positions can be reached after each part of the path: no backtracking, whatever the pattern. */
function takes(segments: readonly string[], parts: readonly string[]): boolean {
  let reached = closure(segments, new Set([0]));
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reached) {
      const segment = segments[at];
      if (segment === undefined) continue;
      if (segment === '**') next.add(at);
      else if (takesName(segment, part)) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = closure(segments, next);
  }
  return reached.has(segments.length);
}

function closure(segments: readonly string[], positions: Set<number>): Set<number> {
  for (const at of positions) if (segments[at] === '**') positions.add(at + 1);
  return positions;
}

/** `*` takes any letters of a name, `?` one. */
function takesName(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let mark = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p;
      mark = n;
      p += 1;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      mark += 1;
      n = mark;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
