import picomatch from 'picomatch';

import { StepError } from '../steps/step-type.ts';
import type { DiffSummary } from './ports/workspaces.ts';

/** Longest list of files in a message. */
const shownFiles = 10;

/** The files that no glob allows. As in a workflow's `paths`, a later pattern wins, and `!` takes away what earlier ones allowed. */
export function outsideScope(paths: readonly string[], globs: readonly string[]): readonly string[] {
  const rules = globs.map((glob) => ({ allows: !glob.startsWith('!'), matches: picomatch(glob.replace(/^!/, ''), { dot: true, nonegate: true }) }));
  return paths.filter((path) => rules.findLast(({ matches }) => matches(path))?.allows !== true);
}

/** Fails an attempt whose commit touches what its task may not touch, before anything is pushed. */
export function refuseOutsideScope(scope: readonly string[] | undefined, diff: DiffSummary): void {
  if (scope === undefined) return;
  const outside = outsideScope(diff.files.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path])), scope);
  if (outside.length === 0) return;
  const named = `${outside.slice(0, shownFiles).join(', ')}${outside.length > shownFiles ? ` and ${outside.length - shownFiles} more` : ''}`;
  throw new StepError('work', `it changed what its scope (${scope.join(', ').slice(0, 300)}) does not allow: ${named}. Nothing was pushed. Widen "scope", or describe the task so that these files stay as they are.`);
}
