import type { RepositoryPaths } from './repository-paths.ts';

/** Lines and words of a failure's text that are looked at: a stack begins near the top. */
const mostLines = 60;
const longestLine = 1_000;

/**
 * Where a failure happened, by the first `path:line` or `path:line:column` of a stack that is a file of the repository; else the
 * file that is known already, without a line.
 */
export function placeInText(text: string, paths: RepositoryPaths, known: string | null): { readonly path: string | null; readonly line: number | null } {
  let first: { path: string; line: number } | null = null;
  for (const line of text.split('\n', mostLines)) {
    for (const word of line.slice(0, longestLine).split(/[\s()[\]"'`<>,]+/)) {
      const end = /:(\d{1,8})(?::\d{1,8})?:?$/.exec(word);
      if (!end?.[1]) continue;
      const written = word.slice(0, end.index);
      if (!written.includes('.') || !paths.has(written)) continue;
      const path = paths.find(written);
      if (path === null || path.includes('node_modules/')) continue;
      if (known === null || path === known) return { path, line: Number(end[1]) };
      first ??= { path, line: Number(end[1]) };
    }
  }
  return known !== null ? { path: known, line: null } : (first ?? { path: null, line: null });
}
