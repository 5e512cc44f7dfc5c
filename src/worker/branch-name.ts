import { StepError } from '../steps/step-type.ts';

/** Longest branch name we push: the server stores it as a file name below refs/heads. */
const BRANCH_BYTES = 244;

/**
 * Checks a branch name by the rules of `git check-ref-format --branch` (git's refs.c), and a little more: no leading `-`, no
 * `@` alone, no name that looks like a full ref. Throws `StepError('input')`.
 */
export function checkBranchName(branch: string): void {
  const reason = branchProblem(branch);
  if (reason) throw new StepError('input', `The branch name ${JSON.stringify(branch.slice(0, 200))} is refused: ${reason}. Use letters, digits, "-", "_", "." and "/".`);
}

function branchProblem(branch: string): string | null {
  if (branch === '') return 'it is empty';
  if (Buffer.byteLength(branch) > BRANCH_BYTES) return `it is longer than ${BRANCH_BYTES} bytes`;
  if (/\p{Surrogate}/u.test(branch)) return 'it is not valid Unicode';
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(branch)) return 'it holds a space, a control character or one of ~ ^ : ? * [ \\';
  if (branch.startsWith('-')) return 'it begins with "-"';
  if (branch.startsWith('refs/')) return 'it begins with "refs/"';
  if (branch === '@' || branch === 'HEAD') return 'it is a name git uses itself';
  if (branch.includes('..') || branch.includes('@{')) return 'it holds ".." or "@{"';
  if (branch.endsWith('.')) return 'it ends with "."';
  for (const part of branch.split('/')) {
    if (part === '') return 'it has an empty part (a "/" at the start or end, or "//")';
    if (part.startsWith('.')) return 'a part of it begins with "."';
    if (part.endsWith('.lock')) return 'a part of it ends with ".lock"';
  }
  return null;
}

/** Whether a text is a full commit id (SHA-1 or SHA-256, lower case). */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
