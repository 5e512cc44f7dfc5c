import type { WorkspaceTree } from '../steps/step-type.ts';

/** Longest path that is looked at. */
const longestPath = 4_096;

/** Turns the paths that tools write into paths of the repository, so that annotations land on the right lines. */
export class RepositoryPaths {
  readonly #root: string | null;
  readonly #files: ReadonlySet<string>;
  /** Files by their last component; to find a path that was told from a folder below the root. */
  readonly #byName = new Map<string, string[]>();
  /** Tools tell the same few paths many times. */
  readonly #answers = new Map<string, string | null>();

  constructor(root: string | null, files: Iterable<string>) {
    this.#root = root === null ? null : root.replaceAll('\\', '/').replace(/\/+$/, '');
    this.#files = new Set(files);
    for (const file of this.#files) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      const same = this.#byName.get(name);
      if (same) same.push(file);
      else this.#byName.set(name, [file]);
    }
  }

  static async of(root: string | null, tree: WorkspaceTree | null): Promise<RepositoryPaths> {
    return new RepositoryPaths(root, tree === null ? [] : (await tree.list()).map(({ path }) => path));
  }

  /**
   * The path in the repository with `/`, or null: absolute ones elsewhere (a report made on another machine) are matched by their
   * longest end that is a file of the repository, relative ones may be told from a sub folder (`base`, or any when only one fits).
   */
  find(written: string | null, base: string | null = null): string | null {
    if (written === null || written === '' || written.length > longestPath || written.includes('\0')) return null;
    const key = `${base ?? ''}\0${written}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#find(written, base);
      if (this.#answers.size < 100_000) this.#answers.set(key, answer);
    }
    return answer;
  }

  /** Whether a written path leads to a file that is there. */
  has(written: string): boolean {
    const path = this.find(written);
    return path !== null && this.#files.has(path);
  }

  #find(written: string, base: string | null): string | null {
    const path = slashed(written);
    if (path === null) return null;
    const isAbsolute = path.startsWith('/') || /^[A-Za-z]:\//.test(path);
    if (!isAbsolute) {
      const plain = resolved(path);
      if (plain === null || plain === '') return null;
      if (this.#files.has(plain)) return plain;
      const from = base === null ? null : this.#insideRoot(base);
      const below = from === null ? null : resolved(`${from}/${path}`);
      if (below !== null && this.#files.has(below)) return below;
      return this.#onlyEnd(plain) ?? below ?? plain;
    }
    const inside = this.#insideRoot(path);
    if (inside !== null) return inside === '' ? null : inside;
    const parts = (resolved(path.replace(/^[A-Za-z]:/, '').replace(/^\/+/, '')) ?? '').split('/');
    for (let start = 0; start < parts.length; start += 1) {
      const end = parts.slice(start).join('/');
      if (this.#files.has(end)) return end;
    }
    return null;
  }

  /** A folder or file below the root, told absolutely or from the root; null when it is elsewhere. */
  #insideRoot(written: string): string | null {
    const path = slashed(written);
    if (path === null) return null;
    if (!path.startsWith('/') && !/^[A-Za-z]:\//.test(path)) return resolved(path);
    if (this.#root === null || this.#root === '') return null;
    if (path === this.#root) return '';
    return path.startsWith(`${this.#root}/`) ? resolved(path.slice(this.#root.length + 1)) : null;
  }

  /** The one file that ends with the path; null when none does, or several. */
  #onlyEnd(path: string): string | null {
    const same = this.#byName.get(path.slice(path.lastIndexOf('/') + 1)) ?? [];
    const fitting = same.filter((file) => file.endsWith(`/${path}`));
    return fitting.length === 1 ? (fitting[0] ?? null) : null;
  }
}

/** `file:` addresses decoded, backslashes turned; null for addresses of other kinds. */
function slashed(written: string): string | null {
  let path = written.trim();
  if (/^file:/i.test(path)) {
    try {
      path = decodeURIComponent(path.replace(/^file:(?:\/\/[^/]*)?/i, '')).replace(/^\/([A-Za-z]:)/, '$1');
    } catch {
      return null;
    }
  } else if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(path)) return null;
  return path.replaceAll('\\', '/');
}

/** Without `.` and `..`; null when it leaves where it began, or leads into a git folder. */
function resolved(path: string): string | null {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else parts.push(part);
  }
  return parts.some((part) => part.toLowerCase() === '.git') ? null : parts.join('/');
}
