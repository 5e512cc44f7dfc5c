import { spawn } from 'node:child_process';

import { StepError } from '../steps/step-type.ts';
import { signalGroup } from './process-tree.ts';

/**
 * Settings that switch off everything git would run, follow or fetch by itself. They are a second line: the first is that
 * git is only ever pointed at a git folder that the worker wrote (`git-folder.ts`), so that no driver, hook or helper is
 * configured anywhere. Drivers with free names (filter, diff, merge) cannot be switched off by name, only by that.
 */
const HARDENING: readonly string[] = [
  'core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.attributesFile=/dev/null', 'core.excludesFile=/dev/null',
  'core.untrackedCache=false', 'core.splitIndex=false', 'core.sparseCheckout=false', 'core.protectNTFS=true',
  'core.protectHFS=true', 'core.symlinks=true', 'core.fileMode=true', 'core.ignoreCase=false', 'core.autocrlf=false',
  'core.safecrlf=false', 'core.logAllRefUpdates=false', 'core.sshCommand=false', 'core.askPass=', 'core.pager=cat',
  'core.editor=false', 'core.commitGraph=true', 'credential.helper=', 'credential.interactive=false',
  'protocol.allow=never', 'protocol.http.allow=always', 'protocol.https.allow=always', 'protocol.ext.allow=never',
  'protocol.file.allow=never', 'protocol.version=2', 'http.followRedirects=false', 'http.lowSpeedLimit=1',
  'http.lowSpeedTime=120', 'transfer.bundleURI=false', 'gc.auto=0', 'maintenance.auto=false', 'fetch.unpackLimit=1',
  'fetch.writeCommitGraph=false', 'fetch.recurseSubmodules=false', 'submodule.recurse=false', 'push.recurseSubmodules=no',
  'push.gpgSign=false', 'push.followTags=false', 'commit.gpgSign=false', 'gpg.program=false',
  'diff.ignoreSubmodules=all', 'diff.renames=true', 'diff.noprefix=false', 'diff.mnemonicPrefix=false', 'color.ui=false',
  'advice.detachedHead=false', 'i18n.commitEncoding=UTF-8',
];

const HARDENING_ARGUMENTS = HARDENING.flatMap((setting) => ['-c', setting]);

/** How one process runs git: fixed for its life. */
export interface GitProgram {
  readonly path: string;
  /** PATH, a HOME that holds nothing, and what `main/` passes on for proxies and certificates. */
  readonly env: Readonly<Record<string, string>>;
}

export interface GitCall {
  /** Sub-command and its arguments. Values that come from outside stand after `--end-of-options` or were checked before. */
  readonly args: readonly string[];
  readonly gitDir: string;
  readonly workTree?: string;
  /** Added to the environment; the only way a credential reaches git. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Stops git once it has printed this many bytes and keeps what came before. */
  readonly stopAfterBytes?: number;
}

export interface GitResult {
  /** Null when git was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** True when `stopAfterBytes` cut the output. */
  readonly truncated: boolean;
}

/** Kept of git's messages: the reason stands at the end. */
const STDERR_KEPT = 64 * 1024;
/** A listing longer than this is no listing of a repository we can work with. */
const STDOUT_MAXIMUM = 512 * 1024 * 1024;

function gitEnvironment(program: GitProgram, call: GitCall): Record<string, string> {
  return {
    ...program.env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
    ...call.env,
  };
}

/**
 * Runs git with an explicit git folder, hardened settings and an environment of its own, in a process group of its own
 * (so that `git-remote-https` ends with it). Resolves with the outcome, also when git fails; rejects with a `StepError` when
 * git is missing (`environment`), too slow (`timeout`) or cancelled (`cancelled`).
 * Time limits use the machine's timers: a child process does not live in simulated time.
 */
export function runGit(program: GitProgram, call: GitCall): Promise<GitResult> {
  const { promise, resolve, reject } = settleable<GitResult>();
  const name = `git ${call.args[0] ?? ''}`;
  if (call.signal?.aborted) {
    reject(new StepError('cancelled', `${name} was not started because the attempt was cancelled.`));
    return promise;
  }
  const place = [`--git-dir=${call.gitDir}`, ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`])];
  const child = spawn(program.path, [...place, ...HARDENING_ARGUMENTS, ...call.args], {
    // Not the git folder: a missing one must be git's own, recognisable, complaint.
    cwd: call.workTree ?? '/',
    env: gitEnvironment(program, call),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let ended: StepError | null = null;
  let truncated = false;
  const end = (reason: StepError | null): void => {
    ended ??= reason;
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  };
  const limit = setTimeout(() => end(new StepError('timeout', `${name} did not finish within ${Math.round(call.timeoutMs / 1000)} s and was ended. Try again later; when it stays slow, look at the repository's size and the network.`)), call.timeoutMs);
  const onAbort = (): void => end(new StepError('cancelled', `${name} was ended because the attempt was cancelled.`));
  call.signal?.addEventListener('abort', onAbort, { once: true });

  const stdout: Buffer[] = [];
  let stdoutBytes = 0;
  const maximum = call.stopAfterBytes ?? STDOUT_MAXIMUM;
  child.stdout.on('data', (chunk: Buffer) => {
    if (truncated) return;
    const room = maximum - stdoutBytes;
    stdout.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    stdoutBytes += Math.min(chunk.length, room);
    if (chunk.length > room) {
      truncated = true;
      end(null);
    }
  });
  let stderr = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]);
    if (stderr.length > STDERR_KEPT) stderr = stderr.subarray(stderr.length - STDERR_KEPT);
  });
  // Git may end before it has read everything; its exit code says what that means.
  child.stdin.on('error', () => undefined);
  child.stdin.end(call.input ?? '');

  const finish = (): void => {
    clearTimeout(limit);
    call.signal?.removeEventListener('abort', onAbort);
  };
  child.on('error', (error) => {
    finish();
    reject(new StepError('environment', `Could not start git (${program.path}): ${error.message}. Install git 2.32 or newer on this worker.`));
  });
  child.on('close', (exitCode) => {
    finish();
    if (ended) reject(ended);
    else resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: stderr.toString('utf8'), truncated });
  });
  return promise;
}

/** `Promise.withResolvers` for Node 20. */
function settleable<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
