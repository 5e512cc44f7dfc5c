import type { JsonObject } from '../kit/json.ts';
import type { StepContext, StepType } from './step-type.ts';

/** What a step that changed files says about the state before, for its inverse. */
export function before(context: StepContext): { readonly commit?: string } {
  const commit = context.workspace?.git?.baseCommit;
  return commit === undefined ? {} : { commit };
}

/** Most files that one step undoes. */
const mostPaths = 1000;

/** The inverse of a step that changed files: they become what they were at the commit it started from. */
export function restoring(...outputNames: readonly string[]): NonNullable<StepType['inverse']> {
  return (_parameters: JsonObject, outputs: JsonObject) => {
    const { commit } = outputs;
    const paths = outputNames.flatMap((name) => outputs[name]).filter((path) => typeof path === 'string');
    if (typeof commit !== 'string' || paths.length === 0 || paths.length > mostPaths) return null;
    return { uses: 'git.restore', with: { commit, paths } };
  };
}
