import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { BareRepository } from './bare-repository.ts';

export async function writeBlob(repository: BareRepository, content: string | Uint8Array): Promise<string> {
  return (await repository.run(['hash-object', '-w', '--stdin'], { input: content })).trim();
}

export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  /** Null removes the path. */
  readonly sha: string | null;
}

/** Writes the tree that results from changes to a base tree (null: from nothing), through a private index. */
export async function writeTree(repository: BareRepository, base: string | null, changes: readonly TreeChange[]): Promise<string> {
  const folder = await mkdtemp(join(repository.path, 'index-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index'), GIT_DIR: repository.path };
  try {
    if (base !== null) await repository.run(['read-tree', base], { env });
    for (const change of changes.filter((one) => one.mode === '040000' && one.sha !== null)) {
      await repository.run(['rm', '-r', '--cached', '--quiet', '--ignore-unmatch', '--', change.path], { env: { ...env, GIT_WORK_TREE: folder } });
      await repository.run(['read-tree', `--prefix=${change.path}/`, change.sha ?? ''], { env });
    }
    const lines = changes
      .filter((change) => change.mode !== '040000' || change.sha === null)
      .map((change) => (change.sha === null ? `0 ${'0'.repeat(40)}\t${change.path}\0` : `${change.mode} ${change.sha}\t${change.path}\0`));
    await repository.run(['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    return (await repository.run(['write-tree'], { env })).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** False for what must never be in a tree: absolute, `..`, `.git`, empty parts. */
export function isSafeTreePath(path: string): boolean {
  if (path === '' || path.includes('\0')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}
