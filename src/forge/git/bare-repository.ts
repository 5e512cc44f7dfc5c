import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { readRef, readRefs } from './read-refs.ts';
import { isAboutObjects, RememberedAnswers } from './remembered-answers.ts';
import { GitError, runGit } from './run-git.ts';
import type { GitOptions, GitOutput } from './run-git.ts';

export interface Ref {
  readonly ref: string;
  readonly sha: string;
  readonly type: 'commit' | 'tag' | 'tree' | 'blob';
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  readonly size: number | null;
  readonly path: string;
}

export const ZERO_SHA = '0'.repeat(40);

/** Pushes are checked, `refs/pull` belongs to the forge, and nothing tidies up while tests look. */
const SETTINGS = `[gc]
	auto = 0
[receive]
	autogc = false
	hideRefs = refs/pull
	fsckObjects = true
[http]
	receivepack = true
[uploadpack]
	allowReachableSHA1InWant = true
	allowFilter = true
`;

/** True for a full, lower-case object id. */
export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** One real bare repository on disk. Pushes and the REST API work on the same objects. */
export class BareRepository {
  readonly path: string;
  /** Ids that are known to be commits of this repository: nothing has to be asked about what they are. */
  readonly commits = new Set<string>();
  readonly #answers = new RememberedAnswers();

  constructor(path: string) {
    this.path = path;
  }

  /** Creates an empty bare repository without hooks or templates. */
  static async create(path: string, defaultBranch: string): Promise<BareRepository> {
    await mkdir(path, { recursive: true });
    await runGit(['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, '.'], { cwd: path });
    await appendFile(join(path, 'config'), SETTINGS);
    return new BareRepository(path);
  }

  /** Runs git here and returns its standard output as text. */
  async run(args: readonly string[], options: Omit<GitOptions, 'cwd'> = {}): Promise<string> {
    return (await this.runBytes(args, options)).toString('utf8');
  }

  async runBytes(args: readonly string[], options: Omit<GitOptions, 'cwd'> = {}): Promise<Buffer> {
    return (await this.git(args, options)).stdout;
  }

  /** Runs git here, unless it was asked the same about the same objects before. */
  async git(args: readonly string[], options: Omit<GitOptions, 'cwd'> = {}): Promise<GitOutput> {
    const run = (): Promise<GitOutput> => runGit(args, { ...options, cwd: this.path });
    return options.env === undefined && options.input === undefined && isAboutObjects(args) ? this.#answers.ask(args, run) : run();
  }

  /** Runs git for its exit code: true for 0, false for 1. */
  async ask(args: readonly string[]): Promise<boolean> {
    return (await this.git(args, { accept: [1] })).exitCode === 0;
  }

  /** The refs below a prefix (`refs/heads/`), sorted by name. `refs/pull/…` are the forge's own and left out. */
  async refs(prefix = 'refs/'): Promise<Ref[]> {
    const found = (await readRefs(this.path)).filter(([ref]) => ref.startsWith(prefix) && !ref.startsWith('refs/pull/'));
    return Promise.all(found.map(async ([ref, sha]) => ({ ref, sha, type: await this.#typeBehind(ref, sha) })));
  }

  /** What a full ref points at, or null. */
  async ref(ref: string): Promise<Ref | null> {
    if (!isSafeRefName(ref) || ref.startsWith('refs/pull/')) return null;
    const sha = await readRef(this.path, ref);
    return sha === null ? null : { ref, sha, type: await this.#typeBehind(ref, sha) };
  }

  /** Git lets branches point at commits only. */
  async #typeBehind(ref: string, sha: string): Promise<Ref['type']> {
    return ref.startsWith('refs/heads/') ? 'commit' : ((await this.objectType(sha)) ?? 'commit');
  }

  /** The commit id of a branch, or null. */
  async branch(name: string): Promise<string | null> {
    return (await this.ref(`refs/heads/${name}`))?.sha ?? null;
  }

  /** The commit a sha, branch or tag means (in GitHub's order: branch and tag names, full refs, then object ids), or null. */
  async resolveCommit(name: string): Promise<string | null> {
    // A branch could be named like a full commit id; GitHub refuses such names, so the id is meant.
    if (isSha(name)) return this.commits.has(name) ? name : this.#revParse(`${name}^{commit}`);
    const candidates = [`refs/heads/${name}`, `refs/tags/${name}`];
    if (/^(heads|tags)\//.test(name)) candidates.push(`refs/${name}`);
    if (name === 'HEAD' || name.startsWith('refs/')) candidates.push(name);
    if (/^[0-9a-fA-F]{4,40}$/.test(name)) candidates.push(name.toLowerCase());
    for (const candidate of candidates) {
      if (candidate.startsWith('refs/') && !isSafeRefName(candidate)) continue;
      const pointed = candidate.startsWith('refs/') ? await readRef(this.path, candidate) : candidate;
      if (pointed !== null && candidate.startsWith('refs/heads/')) return pointed;
      const sha = pointed === null ? null : await this.#revParse(`${pointed}^{commit}`);
      if (sha !== null) return sha;
    }
    return null;
  }

  async #revParse(expression: string): Promise<string | null> {
    const { exitCode, stdout } = await this.git(['rev-parse', '--verify', '--quiet', '--end-of-options', expression], { accept: [1, 128] });
    const sha = stdout.toString('utf8').trim();
    return exitCode === 0 && isSha(sha) ? sha : null;
  }

  /** The type of an object, or null when there is none with this id. */
  async objectType(sha: string): Promise<'commit' | 'tree' | 'blob' | 'tag' | null> {
    if (!isSha(sha)) return null;
    if (this.commits.has(sha)) return 'commit';
    const { exitCode, stdout } = await this.git(['cat-file', '-t', sha], { accept: [1, 128] });
    return exitCode === 0 ? (stdout.toString('utf8').trim() as 'commit') : null;
  }

  async blob(sha: string): Promise<Buffer> {
    return this.runBytes(['cat-file', 'blob', sha]);
  }

  /** Entries of a tree or a commit's tree. */
  async tree(treeish: string, options: { recursive: boolean }): Promise<TreeEntry[]> {
    const flags = options.recursive ? ['-r', '-t'] : [];
    const text = await this.run(['ls-tree', '-z', '-l', '--full-tree', ...flags, '--end-of-options', treeish]);
    return text
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const tab = line.indexOf('\t');
        const [mode = '', type = 'blob', sha = '', size = '-'] = line.slice(0, tab).split(/ +/);
        return { mode, type: type as TreeEntry['type'], sha, size: size === '-' ? null : Number(size), path: line.slice(tab + 1) };
      });
  }

  /** The entry at a path of a commit; null when there is none. The root is a tree with an empty path. */
  async entryAt(commit: string, path: string): Promise<TreeEntry | null> {
    if (path === '') {
      const sha = await this.#revParse(`${commit}^{tree}`);
      return sha === null ? null : { mode: '040000', type: 'tree', sha, size: null, path: '' };
    }
    const text = await this.run(['--literal-pathspecs', 'ls-tree', '-z', '-l', '--full-tree', commit, '--', path]);
    const line = text.split('\0').find((entry) => entry.slice(entry.indexOf('\t') + 1) === path);
    if (line === undefined || line === '') return null;
    const [mode = '', type = 'blob', sha = '', size = '-'] = line.slice(0, line.indexOf('\t')).split(/ +/);
    return { mode, type: type as TreeEntry['type'], sha, size: size === '-' ? null : Number(size), path };
  }

  /**
   * Moves a ref atomically: `before` is what it must point at now (`ZERO_SHA`: must not exist), `after` the new value
   * (`ZERO_SHA`: delete). False when somebody else moved it first or the name clashes with another ref.
   */
  async moveRef(ref: string, before: string, after: string): Promise<boolean> {
    const args = after === ZERO_SHA ? ['update-ref', '-d', ref, before] : ['update-ref', ref, after, before];
    try {
      await this.run(args);
      return true;
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return this.ask(['merge-base', '--is-ancestor', ancestor, descendant]);
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    const { exitCode, stdout } = await this.git(['merge-base', one, other], { accept: [1] });
    return exitCode === 0 ? stdout.toString('utf8').trim() : null;
  }

  /** Brings another repository's branch in (for pull requests from forks). */
  async fetchFrom(other: BareRepository, sourceRef: string, targetRef: string): Promise<void> {
    await this.run(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', other.path, `+${sourceRef}:${targetRef}`]);
  }

  /** `git fsck --full --strict`: the problems found, none when sound. */
  async fsck(): Promise<string[]> {
    const { stdout } = await runGit(['fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { cwd: this.path, accept: [1, 2, 3, 4, 8] });
    return stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('notice:'));
  }
}

/** What `git check-ref-format` accepts, decided without a process, plus nothing outside `refs/`. */
export function isSafeRefName(ref: string): boolean {
  if (!ref.startsWith('refs/') || ref.split('/').length < 3) return false;
  // eslint-disable-next-line no-control-regex -- control characters are what must be refused
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/.test(ref)) return false;
  return ref.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
