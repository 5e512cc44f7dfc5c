import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { AttemptWorkspace, WorkspaceRequest, Workspaces } from '../engine/ports/workspaces.ts';
import type { Clock } from '../kit/time.ts';
import { StepError } from '../steps/step-type.ts';
import { attemptFolders, claimFolders, removeFolders, sweepFolders } from './attempt-folders.ts';
import { createAttemptWorkspace } from './attempt-workspace.ts';
import { isCommitId } from './branch-name.ts';
import { createFolderLock } from './folder-lock.ts';
import { runGit, type GitProgram } from './git-command.ts';
import { GitFailure, gitFailure, looksDamaged } from './git-errors.ts';
import { createDecoy, createGitFolder } from './git-folder.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { createRemote } from './remote.ts';
import { DEFAULT_LIMITS, type TextRedactor, type WorkerLog, type WorkspaceLimits } from './worker-options.ts';

export interface GitWorkspacesOptions {
  /** Folder of this machine for mirrors and attempts. Several worker processes may share it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly redactor: TextRedactor;
  readonly log: WorkerLog;
  /** Git 2.32 or newer; found on the PATH when absent. */
  readonly gitPath?: string;
  /** PATH of git and of the tasks' programs; the system's folders and that of the running Node when absent. */
  readonly path?: string;
  /** What git needs to reach servers from here: `HTTPS_PROXY`, `NO_PROXY`, `GIT_SSL_CAINFO`, … Programs do not get it. */
  readonly gitEnv?: Readonly<Record<string, string>>;
  readonly limits?: Partial<WorkspaceLimits>;
  /** The repository is one of this machine, named by a `file:` address. */
  readonly localRepository?: boolean;
}

/** In a container the repository often belongs to somebody else, and its user has been asked already. Our branches concern no hook. */
const LOCAL_REPOSITORY_CONFIG = '[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n';

/** GIT_CONFIG_GLOBAL came with 2.32; without it the worker would read its user's configuration. */
const OLDEST_GIT = [2, 32] as const;

/**
 * Workspaces on git: a bare mirror per repository, and per attempt a private git folder (own index, objects read from
 * the mirror) that is out of the programs' reach, plus a worktree with a decoy `.git`.
 */
export function createGitWorkspaces(options: GitWorkspacesOptions): Workspaces {
  const { clock, redactor, log } = options;
  const dataDir = resolve(options.dataDir);
  const limits: WorkspaceLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const path = options.path ?? `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const emptyHome = join(dataDir, 'git-home');
  const git: GitProgram = { path: options.gitPath ?? 'git', env: { PATH: path, HOME: emptyHome, XDG_CONFIG_HOME: emptyHome, ...options.gitEnv } };
  const localGit = options.localRepository === true ? { configFile: join(emptyHome, 'local-repository.gitconfig') } : null;
  const lock = createFolderLock();
  const mirrors = new Map<string, Mirror>();
  let ready: Promise<void> | null = null;

  function mirrorOf(key: string): Mirror {
    const mirror = mirrors.get(key) ?? createMirror(join(dataDir, 'mirrors', key), { git, lock, limits, log });
    mirrors.set(key, mirror);
    return mirror;
  }

  async function prepare(): Promise<void> {
    await mkdir(emptyHome, { recursive: true, mode: 0o700 });
    if (localGit !== null) await writeFile(localGit.configFile, LOCAL_REPOSITORY_CONFIG);
    const { stdout } = await runGit(git, { args: ['version'], gitDir: emptyHome, timeoutMs: limits.gitMs });
    const [major, minor] = /(\d+)\.(\d+)/.exec(stdout.toString())?.slice(1).map(Number) ?? [0, 0];
    if (major! > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor! >= OLDEST_GIT[1])) return;
    throw new StepError('environment', `This worker has ${stdout.toString().trim() || 'no usable git'}; git ${OLDEST_GIT.join('.')} or newer is needed. Update it.`);
  }

  async function open(request: WorkspaceRequest): Promise<AttemptWorkspace> {
    checkRequest(request);
    const remote = createRemote(request.repository.cloneUrl, request.credentials, redactor, localGit);
    ready ??= prepare().catch((error: unknown) => {
      ready = null;
      throw error;
    });
    await ready;
    const folders = attemptFolders(dataDir, request.name);
    await claimFolders(dataDir, folders);
    try {
      const mark = randomUUID();
      await writeFile(join(folders.hidden, 'mark'), mark);
      const mirror = mirrorOf(request.repository.key);
      const generation = await layTree(mirror, request, remote, folders.gitDir, folders.tree, folders.hidden);
      const gitFolder = { bare: false, commitId: request.baseCommit, alternate: join(generation, 'objects'), head: request.baseCommit };
      await createDecoy(folders.tree, gitFolder, join(folders.gitDir, 'index'));
      return await createAttemptWorkspace({
        folders, gitFolder, baseCommit: request.baseCommit, mark, remote, signal: request.signal, git, programPath: path, limits, clock, redactor, log,
        mirrorDamaged: () => mirror.abandon(generation),
        async fetchCommit(commit) {
          const into = await mirror.fetchCommit(commit, remote, request.signal);
          if (into !== generation) throw new StepError('conflict', `The mirror of ${remote.shown} was replaced while this attempt ran. Start the attempt again.`);
        },
      });
    } catch (error) {
      await removeFolders(folders).catch((failure: unknown) => log.warn({ workspace: request.name, reason: String(failure) }, 'a workspace that could not be opened was not removed'));
      throw error;
    }
  }

  /** Fetches and checks out. When the mirror turns out to be damaged it is cloned anew, once. Returns the mirror's generation. */
  async function layTree(mirror: Mirror, request: WorkspaceRequest, remote: ReturnType<typeof createRemote>, gitDir: string, tree: string, hidden: string): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      const generation = await mirror.fetchCommit(request.baseCommit, remote, request.signal);
      await writeFile(join(hidden, 'generation'), generation);
      try {
        await createGitFolder(gitDir, { bare: false, commitId: request.baseCommit, alternate: join(generation, 'objects'), head: request.baseCommit });
        const result = await runGit(git, { args: ['read-tree', '--reset', '-u', request.baseCommit], gitDir, workTree: tree, timeoutMs: limits.gitMs, signal: request.signal });
        if (result.exitCode === 0) return generation;
        const failure = gitFailure(`check out commit ${request.baseCommit}`, result, (text) => redactor.redact(text).text);
        if (/invalid path/i.test(result.stderr)) {
          throw new StepError('input', `${failure.message} The commit holds a path that git refuses because it could harm other checkouts. Remove that path from the repository.`);
        }
        throw new GitFailure(failure.failure, failure.message, looksDamaged(result.stderr));
      } catch (error) {
        if (attempt > 0 || !(error instanceof GitFailure && error.damaged)) throw error;
        await mirror.abandon(generation);
        await rm(gitDir, { recursive: true, force: true });
        await rm(tree, { recursive: true, force: true });
        await mkdir(tree, { mode: 0o700 });
      }
    }
  }

  async function sweep(): Promise<void> {
    const removed = await sweepFolders(dataDir);
    if (removed.length > 0) log.info({ workspaces: removed }, 'removed workspaces of dead workers');
    const inUse = new Set<string>();
    for (const name of await readdir(join(dataDir, 'private')).catch(() => [])) {
      inUse.add(await readFile(join(dataDir, 'private', name, 'generation'), 'utf8').catch(() => ''));
    }
    for (const key of await readdir(join(dataDir, 'mirrors')).catch(() => [])) await mirrorOf(key).sweep(inUse);
  }

  return { open, sweep };
}

/** Names become folder names, and a commit id an argument: both are checked before anything is touched. */
function checkRequest(request: WorkspaceRequest): void {
  if (request.signal.aborted) throw new StepError('cancelled', 'The workspace was not opened because the attempt was cancelled.');
  for (const [what, name] of [['workspace name', request.name], ['repository key', request.repository.key]] as const) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name)) throw new StepError('input', `${JSON.stringify(name.slice(0, 100))} is no ${what}. Use up to 200 letters, digits, "-", "_" and ".", beginning with a letter or digit.`);
  }
  if (!isCommitId(request.baseCommit)) throw new StepError('input', `${JSON.stringify(request.baseCommit.slice(0, 100))} is not a full commit id. Give 40 (or 64) lower-case hex digits.`);
}
