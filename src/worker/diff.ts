import type { DiffSummary } from '../engine/ports/workspaces.ts';

type ChangedFile = DiffSummary['files'][number];
type Status = ChangedFile['status'];

const STATUS: Readonly<Record<string, Status>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed' };

/**
 * Reads the output of `git diff-tree -r -z --raw --numstat`: first all raw records (`:modes ids S` NUL path NUL, two paths for
 * a rename), then all numstat records (`added TAB deleted TAB path` NUL; for a rename the path is empty and two NUL-ended
 * paths follow; binary files count `-`). The format is in git-diff(1), "raw output format" and "other diff formats".
 */
export function parseRawAndNumstat(output: Buffer): { files: ChangedFile[]; additions: number; deletions: number } {
  const fields = output.toString('utf8').split('\0');
  if (fields.at(-1) === '') fields.pop();
  const statuses = new Map<string, Status>();
  let at = 0;
  while (at < fields.length && fields[at]!.startsWith(':')) {
    const letter = fields[at]!.split(' ')[4]?.[0] ?? 'X';
    const hasTwoPaths = letter === 'R' || letter === 'C';
    const path = fields[at + (hasTwoPaths ? 2 : 1)] ?? '';
    statuses.set(path, STATUS[letter] ?? 'other');
    at += hasTwoPaths ? 3 : 2;
  }
  const files: ChangedFile[] = [];
  let additions = 0;
  let deletions = 0;
  while (at < fields.length) {
    const match = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(fields[at]!);
    if (!match) throw new Error(`git printed a numstat record that is not one: ${JSON.stringify(fields[at]!.slice(0, 80))}`);
    const isRename = match[3] === '';
    const path = isRename ? (fields[at + 2] ?? '') : match[3]!;
    const file: ChangedFile = { path, ...(isRename && statuses.get(path) === 'renamed' ? { from: fields[at + 1] ?? '' } : {}), status: statuses.get(path) ?? 'other', additions: count(match[1]!), deletions: count(match[2]!) };
    files.push(file);
    additions += file.additions;
    deletions += file.deletions;
    at += isRename ? 3 : 1;
  }
  return { files, additions, deletions };
}

/** Binary files have no lines. */
function count(text: string): number {
  return text === '-' ? 0 : Number(text);
}

/** Cuts a patch at the last whole line, so that half a line is never read as a change. */
export function cutAtLine(patch: Buffer, truncated: boolean): string {
  if (!truncated) return patch.toString('utf8');
  const end = patch.lastIndexOf(0x0a);
  return patch.subarray(0, end + 1).toString('utf8');
}
