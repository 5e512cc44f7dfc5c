import { delimiter, dirname } from 'node:path';

import { GitLauncher } from './git-launcher.ts';

/** Where git is looked for: the environment of this process is not passed on. */
const programFolders = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'].join(delimiter);

/** The whole environment a git process of the forge gets: no user or system configuration, no prompts, no hooks. */
export function bareGitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: programFolders,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // Refs are files here, also with a git that would keep them in another way: the forge reads them itself.
    GIT_DEFAULT_REF_FORMAT: 'files',
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: '/dev/null',
    // The data folder may belong to another user than the process (containers); what is served is decided by the forge.
    GIT_CONFIG_KEY_1: 'safe.directory',
    GIT_CONFIG_VALUE_1: '*',
    GIT_CONFIG_KEY_2: 'core.quotePath',
    GIT_CONFIG_VALUE_2: 'false',
    ...extra,
  };
}

export class GitError extends Error {
  override readonly name = 'GitError';
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stderr: string;

  constructor(args: readonly string[], exitCode: number, stderr: string) {
    super(`git ${args.join(' ')} ended with ${exitCode}: ${stderr.trim()}`);
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface GitOptions {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes besides 0 that are an answer rather than a failure. */
  readonly accept?: readonly number[];
}

export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: Buffer;
}

const launcher = new GitLauncher();

/** Runs git with an argument vector (never a shell). Rejects with `GitError` on an exit code that was not accepted. */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitOutput> {
  const { exitCode: code, stdout, stderr } = await launcher.launch({ args, cwd: options.cwd, env: bareGitEnvironment(options.env), input: options.input ?? '' });
  const exitCode = code ?? -1;
  if (exitCode !== 0 && !(options.accept ?? []).includes(exitCode)) {
    throw new GitError(args, exitCode, stderr.toString('utf8'));
  }
  return { exitCode, stdout };
}
