import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Where refs point, read from the files in which git keeps them: asking git is a process, and every request asks. Git moves a ref by
 * renaming a finished file over it, so a file that is read is whole. Loose files count before `packed-refs`, and are read first, as git does it.
 */

/** The object id a ref points at, or null. */
export async function readRef(repository: string, ref: string): Promise<string | null> {
  return (await looseRef(repository, ref)) ?? (await packedRefs(repository)).get(ref) ?? null;
}

/** Every ref with the object id it points at, sorted by name. */
export async function readRefs(repository: string): Promise<readonly (readonly [ref: string, sha: string])[]> {
  const entries = await readdir(join(repository, 'refs'), { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map((entry) => relative(repository, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  const loose = await Promise.all(names.map(async (name) => [name, await looseRef(repository, name)] as const));
  const found = new Map(await packedRefs(repository));
  for (const [name, sha] of loose) if (sha !== null) found.set(name, sha);
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

async function looseRef(repository: string, ref: string): Promise<string | null> {
  const text = await textOf(join(repository, ref));
  return text === null ? null : (/^[0-9a-f]{40}(?=\n?$)/.exec(text)?.[0] ?? null);
}

async function packedRefs(repository: string): Promise<ReadonlyMap<string, string>> {
  const text = (await textOf(join(repository, 'packed-refs'))) ?? '';
  return new Map([...text.matchAll(/^([0-9a-f]{40}) (\S+)$/gm)].map(([, sha = '', ref = '']) => [ref, sha]));
}

/** Null when there is no such file: it was never there, is a folder, or was deleted just now. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
