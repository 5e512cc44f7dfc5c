import { lstat, stat } from 'node:fs/promises';

import type { AttemptWorkspace, CommitIdentity, DiffSummary } from '../engine/ports/workspaces.ts';
import type { Clock } from '../kit/time.ts';
import { StepError, type CommandOutcome } from '../steps/step-type.ts';
import { removeFolders, type AttemptFolders } from './attempt-folders.ts';
import { createAttemptGit, messageWith } from './attempt-git.ts';
import { checkBranchName } from './branch-name.ts';
import { identifyChange } from './change-identity.ts';
import { createCommitFacts } from './commit-facts.ts';
import { runGit, type GitCall, type GitProgram, type GitResult } from './git-command.ts';
import { gitFailure, GitFailure } from './git-errors.ts';
import { checkGitFolder, type GitFolderOptions } from './git-folder.ts';
import { killMarked } from './process-tree.ts';
import { programEnvironment } from './program-environment.ts';
import { pushHead, remoteCommit } from './push.ts';
import type { Remote } from './remote.ts';
import { MARK, runProgram } from './run-program.ts';
import { readWorkspaceFile, removeWorkspaceFile, workspaceFolder, writeWorkspaceFile } from './safe-files.ts';
import { stageAll } from './staging.ts';
import type { TextRedactor, WorkerLog, WorkspaceLimits } from './worker-options.ts';
import { createWorkspaceTree } from './workspace-tree.ts';

export interface AttemptParts {
  readonly folders: AttemptFolders;
  readonly gitFolder: GitFolderOptions;
  readonly baseCommit: string;
  /** Unique to this attempt, unguessable: marks its processes. */
  readonly mark: string;
  readonly remote: Remote;
  readonly signal: AbortSignal;
  readonly git: GitProgram;
  readonly programPath: string;
  readonly limits: WorkspaceLimits;
  readonly clock: Clock;
  readonly redactor: TextRedactor;
  readonly log: WorkerLog;
  /** Makes sure that a commit is in the mirror this attempt reads from. */
  fetchCommit(commit: string): Promise<void>;
  /** Called when git finds the mirror damaged, so that the next attempt gets a new one. */
  mirrorDamaged(): Promise<void>;
}

/** The handle on one worktree. Its git commands read and write only the private git folder; the decoy in the tree is never read. */
export async function createAttemptWorkspace(parts: AttemptParts): Promise<AttemptWorkspace> {
  const { folders, limits, redactor, signal, log } = parts;
  const root = folders.tree;
  const rootFacts = await stat(root);
  let head = parts.baseCommit;
  let disposed = false;
  const scrub = (text: string): string => redactor.redact(text).text;

  async function git(call: Pick<GitCall, 'args' | 'input' | 'env' | 'stopAfterBytes'> & { readonly timeoutMs?: number }): Promise<GitResult> {
    await checkGitFolder(folders.gitDir, parts.gitFolder);
    const facts = await lstat(root).catch(() => null);
    if (!facts?.isDirectory() || facts.ino !== rootFacts.ino || facts.dev !== rootFacts.dev) {
      throw new StepError('work', 'The workspace folder was removed or replaced by the task’s program. Nothing was committed or pushed. Programs must leave the folder they work in where it is.');
    }
    return runGit(parts.git, { timeoutMs: limits.gitMs, ...call, gitDir: folders.gitDir, workTree: root, signal });
  }

  async function gitOrThrow(attempted: string, args: readonly string[], input?: Buffer | string, env?: Record<string, string>): Promise<Buffer> {
    const result = await git({ args, ...(input === undefined ? {} : { input }), ...(env ? { env } : {}) });
    if (result.exitCode !== 0) throw gitFailure(attempted, result, scrub);
    return result.stdout;
  }

  async function reportingDamage<T>(work: Promise<T>): Promise<T> {
    return work.catch(async (error: unknown) => {
      if (error instanceof GitFailure && error.damaged) await parts.mirrorDamaged();
      throw error;
    });
  }

  const forSteps = createAttemptGit({
    root, baseCommit: parts.baseCommit, remote: parts.remote, fileBytes: limits.fileBytes, networkMs: limits.gitNetworkMs, git, gitOrThrow, scrub,
    fetchCommit: (commit) => parts.fetchCommit(commit),
    diff: (from, to) => reportingDamage(diffFrom(from, to)),
  });

  async function commitAll(message: string, author: CommitIdentity, at: Date): Promise<{ commit: string; diff: DiffSummary } | null> {
    const staged = await stageAll(root, gitOrThrow, limits.fileBytes);
    if (staged.leftOut.length > 0) log.warn({ workspace: folders.name, leftOut: staged.leftOut.slice(0, 20), count: staged.leftOut.length }, 'changed paths were not committed');
    const before = head;
    const commit = await commitTree(messageWith(forSteps.wanted().message, message), author, at);
    if (commit === null) return null;
    head = commit;
    return { commit, diff: await diffFrom(before) };
  }

  async function commitTree(message: string, author: CommitIdentity, at: Date): Promise<string | null> {
    const tree = (await gitOrThrow('write the tree', ['write-tree'])).toString().trim();
    const headTree = (await gitOrThrow('read the head commit', ['rev-parse', '--verify', '--end-of-options', `${head}^{tree}`])).toString().trim();
    const { parents, evenIfEmpty } = forSteps.wanted();
    const isFirst = head === parts.baseCommit;
    if (tree === headTree && !(isFirst && (evenIfEmpty || parents.length > 0))) return null;
    const name = identityPart(author.name, 'name');
    const email = identityPart(author.email, 'email');
    // "@": without it git takes small numbers for something else than seconds.
    const date = `@${Math.floor(at.getTime() / 1000)} +0000`;
    const env = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date };
    const text = message.replaceAll('\0', '').trim();
    if (text === '') throw new StepError('input', 'A commit needs a message.');
    const commit = (await gitOrThrow('write the commit', ['commit-tree', tree, '-p', head, ...(isFirst ? parents.flatMap((parent) => ['-p', parent]) : []), '-F', '-'], `${text}\n`, env)).toString().trim();
    await gitOrThrow('move the head', ['update-ref', '--no-deref', 'HEAD', commit, head]);
    return commit;
  }

  const facts = createCommitFacts({
    git, gitOrThrow, scrub,
    patchBytes: limits.patchBytes,
    async bring(commit) {
      const known = await git({ args: ['cat-file', '-e', `${commit}^{commit}`] });
      if (known.exitCode !== 0) await parts.fetchCommit(commit);
    },
  });
  const diffFrom = (from: string, to = head): Promise<DiffSummary> => facts.diff(from, to);

  return {
    root,
    baseCommit: parts.baseCommit,
    readFile: (path) => readWorkspaceFile(root, path, limits.fileBytes),
    writeFile: (path, content, options) => writeWorkspaceFile(root, path, content, options?.executable),
    removeFile: (path) => removeWorkspaceFile(root, path),
    async run(request): Promise<CommandOutcome> {
      return runProgram({
        argv: request.argv,
        cwd: await workspaceFolder(root, request.cwd ?? '.'),
        env: programEnvironment({ path: parts.programPath, home: folders.home, temporary: folders.temporary }, request.env),
        mark: parts.mark,
        timeoutMs: Math.min(request.timeoutMs ?? limits.programMs, MAXIMUM_TIMER_MS),
        graceMs: limits.graceMs,
        keptBytes: limits.outputKeptBytes,
        maximumBytes: limits.outputMaximumBytes,
        signal,
        redactor,
        clock: parts.clock,
      });
    },
    commitAll: (message, author, at) => reportingDamage(commitAll(message, author, at)),
    digests: () => reportingDamage(facts.digests(parts.baseCommit)),
    commitsSince: (from) => reportingDamage(facts.commitsSince(from, parts.baseCommit)),
    history: { versionsSince: (from) => reportingDamage(facts.versionsSince(from, parts.baseCommit)), read: (ids) => reportingDamage(facts.contents(ids)) },
    diffFrom: (from) => reportingDamage(diffFrom(from)),
    async identifyChange(branch) {
      try {
        checkBranchName(branch);
        const baseCommit = await remoteCommit({ remote: parts.remote, git, timeoutMs: limits.gitNetworkMs }, branch);
        return await reportingDamage(identifyChange({ git, gitOrThrow, fetchCommit: (commit) => parts.fetchCommit(commit), baseCommit, head }));
      } catch (error) {
        // A branch that cannot be or is gone: then nobody can tell. What may pass is tried again with the whole attempt.
        if (error instanceof StepError && (error.failure === 'input' || error.failure === 'conflict' || error.failure === 'permission')) return null;
        throw error;
      }
    },
    tree: createWorkspaceTree(root, gitOrThrow, limits.fileBytes),
    git: forSteps.git,
    async push(branch, confirm) {
      checkBranchName(branch);
      return reportingDamage(pushHead({ branch, head, remote: parts.remote, confirm, git, timeoutMs: limits.gitNetworkMs }));
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await killMarked(`${MARK}=${parts.mark}`);
      await removeFolders(folders);
    },
  };
}

/** Largest delay of a Node timer; a longer one would fire at once. */
const MAXIMUM_TIMER_MS = 2_147_483_647;

/** Git drops these characters from names silently (ident.c); an identity that is empty afterwards is refused here, in words. */
function identityPart(text: string, what: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const clean = text.replace(/[\u0000-\u001f\u007f<>]/g, '').trim();
  if (clean === '') throw new StepError('input', `The commit author's ${what} is empty.`);
  return clean;
}
