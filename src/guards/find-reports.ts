import picomatch from 'picomatch';

import { matcherOf } from '../steps/globs.ts';
import type { WorkspaceTree } from '../steps/step-type.ts';
import type { GuardContext, KeptArtifact } from './guard-type.ts';

/** A report that was found, not yet read. */
export interface FoundReport {
  readonly path: string;
  readonly bytes: number;
  /** The task that kept it as evidence; null for a file of the trunk. */
  readonly keptBy: string | null;
  readonly read: (maximumBytes: number) => Promise<Buffer | null>;
}

/** Names that are looked at when a glob is searched for, in all folders together: a search ends. */
const mostEntries = 200_000;
const deepest = 30;
/** Folders that are searched only when a glob names them. */
const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules']);

export type Search = { readonly found: readonly FoundReport[]; readonly isCut: boolean };

/**
 * Files that globs name: those of the trunk, ignored ones included (reports usually are), then those that tasks of the phase kept.
 * A file of the trunk hides a kept one of the same path. In order of path.
 */
export async function findReports(context: GuardContext, globs: readonly string[]): Promise<Search> {
  const matches = matcherOf(globs);
  const found = new Map<string, FoundReport>();
  const { tree } = context;
  const search = { left: mostEntries };
  if (tree) {
    const bases = new Set(globs.filter((glob) => !glob.startsWith('!')).map(folderOf));
    for (const base of bases) await searchFolder(tree, base, 0, matches, found, search);
  }
  const kept = context.kept.filter(({ name }) => matches(name) && !found.has(name)).map(keptReport);
  return { found: [...found.values(), ...kept].toSorted((a, b) => (a.path < b.path ? -1 : 1)), isCut: search.left <= 0 };
}

function keptReport(artifact: KeptArtifact): FoundReport {
  return {
    path: artifact.name,
    bytes: artifact.bytes,
    keptBy: artifact.task,
    read: async () => {
      const text = await artifact.read();
      return text === null ? null : Buffer.from(text);
    },
  };
}

/** The folder in which everything lies that a glob may match. */
function folderOf(glob: string): string {
  const { base, isGlob } = picomatch.scan(glob);
  if (!isGlob) return base.includes('/') ? base.slice(0, base.lastIndexOf('/')) : '.';
  return base === '' ? '.' : base;
}

async function searchFolder(tree: WorkspaceTree, folder: string, depth: number, matches: (path: string) => boolean, found: Map<string, FoundReport>, search: { left: number }): Promise<void> {
  if (depth > deepest) return;
  for (const entry of await tree.entries(folder)) {
    if (search.left <= 0) return;
    search.left -= 1;
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.kind === 'folder') {
      if (!skipped.has(entry.name)) await searchFolder(tree, path, depth + 1, matches, found, search);
    } else if (entry.kind === 'file' && matches(path)) {
      const facts = await tree.facts(path);
      if (facts?.kind === 'file') found.set(path, { path, bytes: facts.bytes, keptBy: null, read: (maximumBytes) => tree.readBytes(path, maximumBytes) });
    }
  }
}
