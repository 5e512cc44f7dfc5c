import { PATCH_MAX_LINES } from '../model/limits.ts';
import type { BareRepository } from './bare-repository.ts';

export interface FileChange {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  /** Blob id after the change (before it, when removed). */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Absent for binary files and very long patches. */
  readonly patch: string | null;
}

const STATUS: Readonly<Record<string, FileChange['status']>> = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', C: 'copied', T: 'changed' };

/** The empty tree: what a first commit is compared with. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The changes between two trees, with patches, renames found. */
export async function diffFiles(repository: BareRepository, from: string, to: string): Promise<FileChange[]> {
  const common = ['diff-tree', '-r', '-M', '--full-index'];
  const listing = await repository.run([...common, '-z', '--raw', '--numstat', '--end-of-options', from, to]);
  const patches = splitPatches(await repository.run([...common, '-p', '--end-of-options', from, to]));
  return parseListing(listing).map((change, index) => ({ ...change, patch: patches[index] ?? null }));
}

/** The unified diff between two trees, as `git diff` prints it. */
export async function diffText(repository: BareRepository, from: string, to: string): Promise<string> {
  return repository.run(['diff-tree', '-r', '-M', '-p', '--end-of-options', from, to]);
}

function parseListing(listing: string): Omit<FileChange, 'patch'>[] {
  const fields = listing.split('\0');
  const raw: { status: string; sha: string; path: string; previousPath: string | null }[] = [];
  const counts: { additions: number; deletions: number }[] = [];
  let at = 0;
  while (at < fields.length) {
    const field = fields[at] ?? '';
    if (field.startsWith(':')) {
      const [, , before = '', after = '', letter = 'M'] = field.split(' ');
      const twoPaths = letter.startsWith('R') || letter.startsWith('C');
      const first = fields[at + 1] ?? '';
      raw.push({
        status: letter.slice(0, 1),
        sha: letter === 'D' ? before : after,
        path: twoPaths ? (fields[at + 2] ?? '') : first,
        previousPath: twoPaths ? first : null,
      });
      at += twoPaths ? 3 : 2;
    } else if (field === '') {
      at += 1;
    } else {
      const [added = '0', removed = '0', path = ''] = field.split('\t');
      counts.push({ additions: Number(added) || 0, deletions: Number(removed) || 0 });
      // With -z a rename's two names follow in fields of their own.
      at += path === '' ? 3 : 1;
    }
  }
  return raw.map((entry, index) => ({
    path: entry.path,
    previousPath: entry.previousPath,
    sha: entry.sha,
    status: STATUS[entry.status] ?? 'changed',
    additions: counts[index]?.additions ?? 0,
    deletions: counts[index]?.deletions ?? 0,
  }));
}

/** One patch per file, in git's order; null where GitHub shows none. Content lines never begin with `diff --git`. */
function splitPatches(text: string): (string | null)[] {
  return text
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map((part) => {
      const start = part.search(/^@@/m);
      if (start < 0) return null;
      const patch = part.slice(start).replace(/\n$/, '');
      return patch.split('\n').length > PATCH_MAX_LINES ? null : patch;
    });
}
