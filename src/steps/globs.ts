import picomatch from 'picomatch';

import type { ParameterProblem } from './step-type.ts';

/** Bounds that keep a pattern's regular expression from backtracking for long on any path. */
const mostStars = 10;
const mostGlobstars = 3;

/** True for paths that one of the globs takes, and none that begins with `!`. `*` stays within a folder, `**` crosses them, dots are like other letters. */
export function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const options = { dot: true, noextglob: true, nonegate: true } as const;
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map((glob) => picomatch(glob, options));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => picomatch(glob.slice(1), options));
  return (path) => (wanted.length === 0 || wanted.some((matches) => matches(path))) && !unwanted.some((matches) => matches(path));
}

/** What is wrong with globs of a parameter. */
export function globProblems(name: string, globs: readonly string[]): readonly ParameterProblem[] {
  return globs.flatMap((glob, index) => {
    const reason = globProblem(glob.replace(/^!/, ''));
    return reason === null ? [] : [{ path: [name, index], message: `with.${name}.${index} ${reason}.`, found: JSON.stringify(glob.slice(0, 80)), expected: 'a glob like src/**/*.ts, relative to the root of the repository', nearest: null }];
  });
}

function globProblem(glob: string): string | null {
  if (glob === '') return 'is empty';
  if (glob.startsWith('/')) return 'is absolute';
  if (glob.split('/').includes('..')) return 'leaves the repository';
  if ((glob.match(/\*\*/g)?.length ?? 0) > mostGlobstars || (glob.match(/\*/g)?.length ?? 0) > mostStars) return `has more than ${mostStars} stars or ${mostGlobstars} double stars`;
  // Alternatives multiply: {a,b}{a,b}… grows without bound.
  if ((glob.match(/\{/g)?.length ?? 0) > 3 || /\{[^}]*\.\./.test(glob)) return 'has more than three {…} or a range';
  return null;
}
