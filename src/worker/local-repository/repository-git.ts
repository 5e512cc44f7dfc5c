import { spawn } from 'node:child_process';

/** The outcome of a git command in the user's repository. */
export interface LocalGitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LocalGitCall {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs git on one repository of the user's. */
export type RepositoryGit = (call: LocalGitCall) => Promise<LocalGitResult>;

export interface RepositoryGitOptions {
  /** The git folder that all worktrees of the repository share. */
  readonly gitDir: string;
  /** The user's environment, as far as git needs it; variables that would point git elsewhere are not handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command that prints more than this is none of ours. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Git over the object store and the refs of a repository, never over a worktree: what stands in the user's files, index and
 * HEAD is neither read nor written, no hook runs, and nothing is tidied up behind their back.
 */
export function createRepositoryGit({ gitDir, env }: RepositoryGitOptions): RepositoryGit {
  const settings = ['core.bare=true', 'core.hooksPath=/dev/null', 'core.fsmonitor=false', 'gc.auto=0', 'maintenance.auto=false', 'commit.gpgSign=false', 'merge.renames=true', 'color.ui=false'];
  const fixed = [`--git-dir=${gitDir}`, ...settings.flatMap((setting) => ['-c', setting])];
  const ownEnv = withoutGit(env);
  return ({ args, env: more, input }) =>
    new Promise((resolve, reject) => {
      const child = spawn('git', [...fixed, ...args], { cwd: gitDir, env: { ...ownEnv, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C', ...more }, stdio: ['pipe', 'pipe', 'pipe'] });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let bytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= mostBytes) stdout.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input ?? '');
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') }));
    });
}

/** `GIT_DIR`, `GIT_INDEX_FILE` and their like are set inside hooks and aliases, and would make git work elsewhere. */
export function withoutGit(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined || name.startsWith('GIT_') ? [] : [[name, value]])));
}
