import { StepError, type FileChange, type GitDiff, type WorkspaceGit } from '../steps/step-type.ts';
import { checkBranchName, isCommitId } from './branch-name.ts';
import type { GitCall, GitResult } from './git-command.ts';
import { gitFailure } from './git-errors.ts';
import { createRemoteBranch, remoteCommit } from './push.ts';
import type { Remote } from './remote.ts';
import { removeWorkspaceFile, workspaceFileFacts, writeWorkspaceFile } from './safe-files.ts';
import { pathComponents } from './safe-path.ts';
import { splitZ, stageAll, type AttemptGit } from './staging.ts';

export interface AttemptGitParts {
  readonly root: string;
  readonly baseCommit: string;
  readonly remote: Remote;
  readonly fileBytes: number;
  readonly networkMs: number;
  readonly git: (call: Pick<GitCall, 'args' | 'env' | 'input'> & { readonly timeoutMs?: number }) => Promise<GitResult>;
  readonly gitOrThrow: AttemptGit;
  readonly scrub: (text: string) => string;
  readonly fetchCommit: (commit: string) => Promise<void>;
  readonly diff: (from: string, to?: string) => Promise<GitDiff>;
}

/** What the steps of an attempt asked of the commit that the worker will make. */
export interface WantedCommit {
  readonly message: string | null;
  readonly evenIfEmpty: boolean;
  /** Commits that were merged in. */
  readonly parents: readonly string[];
}

/** Branches that the product makes itself; a step that made one would stand in its way. */
const OWN_BRANCHES = /^(?:mission|gate|missiongate)\//;

const STATUS: Readonly<Record<string, FileChange['status']>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed' };

/** Git for steps: reads and merges through the private git folder, notes what the worker's own commit shall be. */
export function createAttemptGit(parts: AttemptGitParts): { readonly git: WorkspaceGit; wanted(): WantedCommit } {
  const { root, gitOrThrow } = parts;
  let message: string | null = null;
  let evenIfEmpty = false;
  const parents: string[] = [];

  async function resolve(ref: string): Promise<string> {
    if (/^HEAD\^*$/.test(ref)) {
      const result = await parts.git({ args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`] });
      if (result.exitCode === 0) return result.stdout.toString().trim();
      throw new StepError('input', `There is no commit ${ref}: the history ends before it.`);
    }
    if (isCommitId(ref)) {
      await has(ref);
      return ref;
    }
    checkBranchName(ref);
    const commit = await remoteCommit({ remote: parts.remote, git: (call) => parts.git(call), timeoutMs: parts.networkMs }, ref);
    if (commit === null) throw new StepError('conflict', `There is no branch or tag ${JSON.stringify(ref)} in ${parts.remote.shown}. Name one that is there, or a full commit id.`);
    await has(commit);
    return commit;
  }

  async function has(commit: string): Promise<void> {
    const known = await parts.git({ args: ['cat-file', '-e', `${commit}^{commit}`] });
    if (known.exitCode !== 0) await parts.fetchCommit(commit);
  }

  async function merge(commit: string): Promise<readonly FileChange[] | null> {
    await has(commit);
    const contained = await parts.git({ args: ['merge-base', '--is-ancestor', commit, 'HEAD'] });
    if (contained.exitCode === 0) return null;
    const before = await status();
    if (before.length > 0) throw new StepError('conflict', `The workspace holds changes of this attempt (${shown(before.map(({ path }) => path))}), so nothing can be merged into it. Merge in a task of its own.`);
    const merged = await parts.git({ args: ['merge-tree', '--write-tree', '-z', '--name-only', '--end-of-options', 'HEAD', commit] });
    if (merged.exitCode === 1) {
      const fields = splitZ(merged.stdout).map(String);
      const files = fields.slice(1, fields.indexOf('', 1));
      throw new StepError('conflict', `Merging ${commit.slice(0, 12)} meets conflicts in ${shown(files)}. Nothing was changed. Resolve them in a task that edits these files, or bring the branch up to date first.`);
    }
    if (merged.exitCode === 129) throw new StepError('environment', 'git.merge needs git 2.38 or newer on this worker. Update it.');
    if (merged.exitCode !== 0) throw gitFailure(`merge ${commit}`, merged, parts.scrub);
    const tree = splitZ(merged.stdout)[0]!.toString();
    await gitOrThrow('check out what was merged', ['read-tree', '-m', '-u', '--end-of-options', 'HEAD', tree]);
    parents.push(commit);
    return changesOf(await gitOrThrow('list what was merged', ['diff-index', '--cached', '-z', '--name-status', '--no-renames', '--end-of-options', 'HEAD']));
  }

  async function status(): Promise<readonly FileChange[]> {
    await stageAll(root, gitOrThrow, parts.fileBytes);
    return changesOf(await gitOrThrow('list changes', ['diff-index', '--cached', '-z', '--name-status', '--no-renames', '--end-of-options', 'HEAD']));
  }

  async function restore(commit: string, paths: readonly string[]): Promise<void> {
    if (!isCommitId(commit)) throw new StepError('input', `${JSON.stringify(commit.slice(0, 100))} is not a full commit id.`);
    await has(commit);
    for (const path of paths) {
      const clean = pathComponents(path).join('/');
      const listed = (await gitOrThrow(`look for ${path} at ${commit}`, ['ls-tree', '-z', '--end-of-options', commit, clean])).toString('utf8');
      const mode = listed.slice(0, 6);
      if (listed === '') await removeIfThere(clean);
      else if (mode === '100644' || mode === '100755') await writeWorkspaceFile(root, clean, await gitOrThrow(`read ${path} at ${commit}`, ['cat-file', '--filters', `${commit}:${clean}`]), mode === '100755');
      else throw new StepError('input', `${JSON.stringify(path)} is no regular file at ${commit.slice(0, 12)} and is not restored.`);
    }
  }

  async function removeIfThere(path: string): Promise<void> {
    if ((await workspaceFileFacts(root, path))?.kind === 'file') await removeWorkspaceFile(root, path);
  }

  const git: WorkspaceGit = {
    baseCommit: parts.baseCommit,
    status,
    resolve,
    diff: (from, to) => parts.diff(from, to),
    describeCommit(text, options) {
      message = text;
      evenIfEmpty = options?.evenIfEmpty ?? false;
    },
    merge,
    async createBranch(name, commit) {
      checkBranchName(name);
      if (OWN_BRANCHES.test(name)) throw new StepError('input', `The branch name ${JSON.stringify(name)} is refused: branches below "${name.split('/')[0]}/" are made by the product itself. Choose another name.`);
      if (!isCommitId(commit)) throw new StepError('input', `${JSON.stringify(commit.slice(0, 100))} is not a full commit id.`);
      return createRemoteBranch({ remote: parts.remote, branch: name, head: commit, git: (call) => parts.git(call), timeoutMs: parts.networkMs });
    },
    restore,
  };
  return { git, wanted: () => ({ message, evenIfEmpty, parents }) };
}

function changesOf(output: Buffer): FileChange[] {
  const fields = splitZ(output).map((field) => field.toString('utf8'));
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) changes.push({ path: fields[at + 1]!, status: STATUS[fields[at]![0] ?? ''] ?? 'other' });
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function shown(paths: readonly string[]): string {
  const some = paths.slice(0, 20).map((path) => JSON.stringify(path)).join(', ');
  return paths.length > 20 ? `${some} and ${paths.length - 20} more` : some;
}

/** The message that a step asked for, with the trailers of the worker's own: they say which attempt made the commit. */
export function messageWith(wanted: string | null, own: string): string {
  if (wanted === null) return own;
  const paragraphs = own.trim().split('\n\n');
  const trailers = paragraphs.at(-1) ?? '';
  const areTrailers = trailers.split('\n').every((line) => /^[A-Za-z][A-Za-z-]*: /.test(line));
  return areTrailers ? `${wanted.trim()}\n\n${trailers}` : wanted;
}
