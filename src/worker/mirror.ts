import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { StepError } from '../steps/step-type.ts';
import type { FolderLock } from './folder-lock.ts';
import { runGit, type GitProgram, type GitResult } from './git-command.ts';
import { gitFailure, GitFailure, looksDamaged } from './git-errors.ts';
import { createGitFolder } from './git-folder.ts';
import type { Remote } from './remote.ts';
import type { WorkerLog, WorkspaceLimits } from './worker-options.ts';

/** Each fetch leaves one pack; above this many they are rolled up. */
const PACKS_BEFORE_REPACK = 40;

/** What a fetch is asked for when the server does not give commits by id: everything a branch reaches. */
const ALL_BRANCHES = '+refs/heads/*:refs/missiongate/heads/*';

export interface MirrorDependencies {
  readonly git: GitProgram;
  readonly lock: FolderLock;
  readonly limits: WorkspaceLimits;
  readonly log: WorkerLog;
}

/**
 * The bare copy of one repository that all attempts on this machine read from.
 *
 * It holds what was fetched, and one ref `refs/missiongate/base/<commit>` per commit that was fetched whole: the ref, not the presence
 * of an object, says that everything below it is there. A damaged copy is not repaired but left: the next generation is
 * cloned beside it, so that attempts which still read the old one are not disturbed; `sweep` removes it later.
 */
export interface Mirror {
  /** Makes sure the commit and all it reaches are there, and returns the git folder of the present generation. */
  fetchCommit(commit: string, remote: Remote, signal: AbortSignal): Promise<string>;
  /** Gives up a damaged generation. Harmless when it was given up already. */
  abandon(generation: string): Promise<void>;
  /** Removes generations that are neither present nor `inUse`. */
  sweep(inUse: ReadonlySet<string>): Promise<void>;
}

export function createMirror(folder: string, dependencies: MirrorDependencies): Mirror {
  const { git, lock, limits, log } = dependencies;
  const currentFile = join(folder, 'current');

  async function currentGeneration(): Promise<string | null> {
    const name = (await readFile(currentFile, 'utf8').catch(() => '')).trim();
    return /^generation-[0-9a-f-]{36}$/.test(name) ? join(folder, name) : null;
  }

  async function beginGeneration(commit: string): Promise<string> {
    const name = `generation-${randomUUID()}`;
    await createGitFolder(join(folder, name), { bare: true, commitId: commit });
    await writeFile(`${currentFile}.new`, `${name}\n`);
    await rename(`${currentFile}.new`, currentFile);
    return join(folder, name);
  }

  async function abandon(generation: string): Promise<void> {
    if ((await currentGeneration()) === generation) await rm(currentFile, { force: true });
    log.warn({ generation }, 'the mirror is damaged; the next fetch clones a new one');
  }

  function local(gitDir: string, args: readonly string[], signal: AbortSignal): Promise<GitResult> {
    return runGit(git, { args, gitDir, timeoutMs: limits.gitMs, signal });
  }

  async function isWhole(gitDir: string, commit: string, signal: AbortSignal): Promise<boolean> {
    const result = await local(gitDir, ['rev-parse', '--verify', '--quiet', `refs/missiongate/base/${commit}^{commit}`], signal);
    if (result.exitCode === 0) return true;
    if (result.exitCode !== 1 || result.stderr !== '') throw localFailure(result, gitDir);
    return false;
  }

  async function fetch(gitDir: string, refspec: string, remote: Remote, signal: AbortSignal): Promise<{ result: GitResult; scrub: (text: string) => string }> {
    return remote.connect(async (env, scrub) => {
      const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--no-show-forced-updates', '--refmap=', '--end-of-options', remote.url, refspec];
      return { result: await runGit(git, { args, gitDir, env, timeoutMs: limits.gitNetworkMs, signal }), scrub };
    });
  }

  async function fetchInto(gitDir: string, commit: string, remote: Remote, signal: AbortSignal): Promise<void> {
    if (await isWhole(gitDir, commit, signal)) return;
    const { result, scrub } = await fetch(gitDir, `+${commit}:refs/missiongate/base/${commit}`, remote, signal);
    if (result.exitCode !== 0) {
      if (!/unadvertised object|does not support/i.test(result.stderr)) throw gitFailure(`fetch commit ${commit} from ${remote.shown}`, result, scrub);
      await fetchByBranches(gitDir, commit, remote, signal);
    }
    await rollUp(gitDir, signal);
  }

  async function fetchByBranches(gitDir: string, commit: string, remote: Remote, signal: AbortSignal): Promise<void> {
    const { result, scrub } = await fetch(gitDir, ALL_BRANCHES, remote, signal);
    if (result.exitCode !== 0) throw gitFailure(`fetch the branches of ${remote.shown}`, result, scrub);
    const keep = await local(gitDir, ['update-ref', `refs/missiongate/base/${commit}`, commit], signal);
    if (keep.exitCode !== 0) throw new StepError('conflict', `Commit ${commit} is on no branch of ${remote.shown} (any more). Start the attempt again from the current head.`);
  }

  async function rollUp(gitDir: string, signal: AbortSignal): Promise<void> {
    const packs = (await readdir(join(gitDir, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
    if (packs.length <= PACKS_BEFORE_REPACK) return;
    // --geometric keeps every object, reachable or not: attempts that read from here lose nothing.
    const result = await local(gitDir, ['repack', '-d', '--quiet', '--geometric=2'], signal);
    if (result.exitCode !== 0) log.warn({ gitDir, stderr: result.stderr }, 'the mirror’s packs could not be rolled up');
  }

  return {
    async fetchCommit(commit, remote, signal) {
      await mkdir(folder, { recursive: true });
      return lock.hold(join(folder, 'lock'), signal, async () => {
        const existing = await currentGeneration();
        if (existing) {
          try {
            await fetchInto(existing, commit, remote, signal);
            return existing;
          } catch (error) {
            if (!(error instanceof GitFailure && error.damaged)) throw error;
            await abandon(existing);
          }
        }
        const fresh = await beginGeneration(commit);
        await fetchInto(fresh, commit, remote, signal);
        return fresh;
      });
    },
    abandon: (generation) => lock.hold(join(folder, 'lock'), new AbortController().signal, () => abandon(generation)),
    async sweep(inUse) {
      await lock.hold(join(folder, 'lock'), new AbortController().signal, async () => {
        const current = await currentGeneration();
        for (const name of await readdir(folder).catch(() => [])) {
          const path = join(folder, name);
          if (name.startsWith('generation-') && path !== current && !inUse.has(path)) await rm(path, { recursive: true, force: true });
        }
      });
    },
  };
}

/** A mirror that git cannot read: nothing was asked of a server, so damage is damage. */
function localFailure(result: GitResult, gitDir: string): GitFailure {
  const failure = gitFailure(`read the mirror in ${gitDir}`, result, (text) => text);
  return new GitFailure(failure.failure, failure.message, looksDamaged(result.stderr));
}
