import { createHash } from 'node:crypto';

/** Whole files by path. */
export type Files = ReadonlyMap<string, string>;

export interface Signer {
  readonly name: string;
  readonly email: string;
}

export interface NewCommit {
  readonly parents: readonly string[];
  readonly files: Files;
  readonly message: string;
  readonly author: Signer;
  readonly committer: Signer;
  readonly at: number;
}

export interface Commit extends NewCommit {
  readonly sha: string;
  /** Longest way to a first commit; an ancestor's is always smaller. */
  readonly generation: number;
  /** False while only a worker has it: GitHub does not know commits that nobody pushed. */
  known: boolean;
}

/** Commits in memory. Ids are hashes of the content, as in git: equal commits are one. Merges are made file by file, not line by line. */
export class CommitGraph {
  readonly #commits = new Map<string, Commit>();

  write(made: NewCommit, known: boolean): Commit {
    const { parents, files, message, author, committer, at } = made;
    const sha = createHash('sha1').update(JSON.stringify([parents, treeOf(files), message, author, committer, Math.floor(at / 1000)])).digest('hex');
    const existing = this.#commits.get(sha);
    if (existing !== undefined) {
      existing.known ||= known;
      return existing;
    }
    const commit: Commit = { ...made, sha, known, generation: 1 + Math.max(0, ...parents.map((parent) => this.get(parent).generation)) };
    this.#commits.set(sha, commit);
    return commit;
  }

  get(sha: string): Commit {
    const commit = this.#commits.get(sha);
    if (commit === undefined) throw new Error(`there is no commit ${sha}`);
    return commit;
  }

  /** The commit as GitHub knows it. */
  known(sha: string): Commit | null {
    const commit = this.#commits.get(sha);
    return commit?.known === true ? commit : null;
  }

  /** The commit and what it stands on have reached GitHub. */
  publish(sha: string): void {
    const commit = this.get(sha);
    if (commit.known) return;
    commit.known = true;
    for (const parent of commit.parents) this.publish(parent);
  }

  isAncestor(ancestor: string, of: string): boolean {
    const { generation } = this.get(ancestor);
    const seen = new Set<string>();
    const open = [of];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (sha === ancestor) return true;
      const commit = this.get(sha);
      if (seen.has(sha) || commit.generation <= generation) continue;
      seen.add(sha);
      open.push(...commit.parents);
    }
    return false;
  }

  /** Everything the commits stand on, themselves included. */
  history(heads: readonly string[]): Set<string> {
    const found = new Set<string>();
    const open = [...heads];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (found.has(sha)) continue;
      found.add(sha);
      open.push(...this.get(sha).parents);
    }
    return found;
  }

  mergeBase(one: string, other: string): Commit | null {
    const common = this.history([one]);
    let best: Commit | null = null;
    for (const sha of this.history([other])) {
      const commit = this.get(sha);
      if (common.has(sha) && commit.generation > (best?.generation ?? 0)) best = commit;
    }
    return best;
  }

  /** What `head` has and `base` lacks, oldest first. */
  between(base: readonly string[], head: string): readonly Commit[] {
    const left = this.history(base);
    return [...this.history([head])].filter((sha) => !left.has(sha)).map((sha) => this.get(sha)).toSorted((one, other) => one.at - other.at || one.generation - other.generation);
  }

  /** The files of a merge, or null when both sides changed a file differently. */
  merge(ours: string, theirs: string): Files | null {
    const base = this.mergeBase(ours, theirs)?.files;
    if (base === undefined) return null;
    const [our, their] = [this.get(ours).files, this.get(theirs).files];
    const merged = new Map(our);
    for (const path of new Set([...base.keys(), ...their.keys()])) {
      const [was, mine, yours] = [base.get(path), our.get(path), their.get(path)];
      if (yours === was || yours === mine) continue;
      if (mine !== was) return null;
      if (yours === undefined) merged.delete(path);
      else merged.set(path, yours);
    }
    return merged;
  }
}

const trees = new WeakMap<Files, string>();

/** Names what the files hold: equal files, equal name. */
export function treeOf(files: Files): string {
  let tree = trees.get(files);
  if (tree === undefined) {
    tree = createHash('sha1').update(JSON.stringify([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))).digest('hex');
    trees.set(files, tree);
  }
  return tree;
}

/** The files with some written (or removed, where null). */
export function changed(files: Files, changes: Readonly<Record<string, string | null>>): Files {
  const next = new Map(files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) next.delete(path);
    else next.set(path, content);
  }
  return next;
}
