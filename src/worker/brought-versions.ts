import type { BroughtVersions } from '../engine/ports/workspaces.ts';
import { StepError } from '../steps/step-type.ts';
import type { GitCall, GitResult } from './git-command.ts';
import type { AttemptGit } from './staging.ts';

/** A branch with more commits, or a longer list of what they changed, is not read to its end. */
const mostCommits = 10_000;
const longestListing = 64 * 1024 * 1024;
/** Renames are looked for among so many files of one commit: comparing each with each takes the square of it. */
const mostRenames = 400;

export interface BroughtParts {
  readonly git: (call: Pick<GitCall, 'args' | 'input' | 'stopAfterBytes'>) => Promise<GitResult>;
  readonly gitOrThrow: AttemptGit;
}

/** What the commits that `head` has and `from` has not brought in, oldest first. Contents that stand in `from` already are left out. */
export async function broughtVersions({ git, gitOrThrow }: BroughtParts, from: string, head: string): Promise<BroughtVersions> {
  const attempted = `list what was committed since ${from}`;
  const listed = (await gitOrThrow(attempted, ['rev-list', '--reverse', '--topo-order', `--max-count=${mostCommits + 1}`, head, `^${from}`, '--'])).toString('utf8').split('\n').filter((line) => line !== '');
  const commits = listed.slice(-mostCommits);
  if (commits.length === 0) return { commits: [], versions: [], isWhole: true };
  const call = { args: ['diff-tree', '--stdin', '-r', '-c', '--root', '--always', '--raw', '-z', '--no-abbrev', '-M', `-l${mostRenames}`, '--no-ext-diff', '--no-textconv'], input: lines(commits) };
  const changed = await git({ ...call, stopAfterBytes: longestListing });
  if (changed.exitCode !== 0 && !changed.truncated) await gitOrThrow(attempted, call.args, call.input);
  const known = await contentsOf(gitOrThrow, from);
  const versions = parseVersions(changed.stdout, changed.truncated).filter(({ id }) => !known.has(id));
  const sizes = await sizesOf(gitOrThrow, new Set([...commits, ...versions.flatMap(({ id, before: replaced }) => [id, ...replaced])]));
  const sized = (id: string) => ({ id, bytes: sizes.get(id) ?? 0 });
  return { commits: commits.map((commit) => ({ commit, bytes: sizes.get(commit) ?? 0 })), versions: versions.map(({ commit, path, id, before: replaced }) => ({ commit, path, ...sized(id), before: replaced.map(sized) })), isWhole: listed.length === commits.length && !changed.truncated };
}

/** The contents of these ids, of files or of commits. The caller sees to it that they fit into memory together. */
export async function readContents(gitOrThrow: AttemptGit, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  if (ids.length === 0) return contents;
  const output = await gitOrThrow('read what was committed', ['cat-file', '--batch'], lines(ids));
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at);
    const { id, bytes } = described(output.toString('utf8', at, end));
    contents.set(id, output.subarray(end + 1, end + 1 + bytes));
    at = end + 1 + bytes + 1;
  }
  return contents;
}

async function sizesOf(gitOrThrow: AttemptGit, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  if (ids.size === 0) return new Map();
  const output = await gitOrThrow('measure what was committed', ['cat-file', '--batch-check'], lines([...ids]));
  return new Map(output.toString('utf8').split('\n').filter((line) => line !== '').map((line) => {
    const { id, bytes } = described(line);
    return [id, bytes];
  }));
}

async function contentsOf(gitOrThrow: AttemptGit, commit: string): Promise<ReadonlySet<string>> {
  const listing = (await gitOrThrow('list the files', ['ls-tree', '-r', '-z', '--end-of-options', commit])).toString('latin1');
  return new Set(Array.from(listing.matchAll(/(?:^|\0)100\d+ blob ([0-9a-f]+)\t/g), ([, id = '']) => id));
}

function lines(ids: readonly string[]): Buffer {
  return Buffer.from(`${ids.join('\n')}\n`);
}

function described(line: string): { readonly id: string; readonly bytes: number } {
  const [, id, bytes] = /^([0-9a-f]+) (?:blob|commit) (\d+)$/.exec(line) ?? [];
  if (id === undefined || bytes === undefined) throw new StepError('environment', `An object of the history cannot be read: git says ${JSON.stringify(line.slice(0, 100))}. It is fetched anew for the next attempt.`);
  return { id, bytes: Number(bytes) };
}

/** A version as `git diff-tree` tells it, without sizes. */
export interface RawVersion {
  readonly commit: string;
  readonly path: string;
  readonly id: string;
  readonly before: readonly string[];
}

/**
 * Reads `git diff-tree --stdin -c --raw -z`: for each commit its id, then records `:modes ids S` with a path, two for a rename; a merge
 * has a colon, a mode and an id more for each parent, and only files that differ from all of them. All parts end with NUL.
 */
export function parseVersions(output: Buffer, isCut = false): readonly RawVersion[] {
  const fields = output.toString('utf8').split('\0');
  // What stands after the last NUL is nothing, or half of something.
  fields.pop();
  const versions: RawVersion[] = [];
  let commit = '';
  for (let at = 0; at < fields.length; ) {
    const record = /^(:+)([^]*)$/.exec(fields[at] ?? '');
    if (record === null) {
      commit = fields[at] ?? '';
      at += 1;
      continue;
    }
    const parents = record[1]!.length;
    const parts = record[2]!.split(' ');
    const mode = parts[parents];
    const ids = parts.slice(parents + 1, 2 * parents + 2);
    // A merge names a file once, whatever it was called before.
    const paths = parents === 1 && /^[RC]/.test(parts.at(-1) ?? '') ? 2 : 1;
    const path = fields[at + paths];
    const id = ids.at(-1);
    if (path === undefined && isCut) break;
    if (path === undefined || id === undefined) throw new Error(`git printed a raw record that is not one: ${JSON.stringify(fields[at]?.slice(0, 80))}`);
    // Links and submodules are no files: what stood in one was not looked at there.
    const before = ids.slice(0, -1).filter((_, index) => isFile(parts[index]));
    if (isFile(mode) && !before.includes(id)) versions.push({ commit, path, id, before: [...new Set(before)] });
    at += paths + 1;
  }
  return versions;
}

function isFile(mode: string | undefined): boolean {
  return mode?.startsWith('100') ?? false;
}
